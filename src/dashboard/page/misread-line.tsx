import type { JSX } from 'preact'
import { Glyph } from './glyph.tsx'
import type { Misread } from './read-query.ts'

const MOST_LETTERS = 40

/** What of the address was not understood, and what is shown in its place. */
export function MisreadLine({ misread, shown }: { misread: readonly Misread[]; shown: string }): JSX.Element | null {
  if (misread.length === 0) return null
  const parts = misread.map(({ key, found, expected }) => `${key}=${short(found)} is not ${expected}`)
  return (
    <p class="waiting" role="status">
      <span class="flag warn">
        <Glyph mark="warn" />
        Not understood in the address:
      </span>{' '}
      {parts.join('; ')}. Shown instead: {shown}.
    </p>
  )
}

const short = (text: string): string => (text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)}…` : text)
