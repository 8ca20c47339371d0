import type { JSX } from 'preact'
import { FIRST_MS, LAST_MS, readDate } from '../../api/view-questions.ts'
import { texts } from '../text/texts.ts'
import { Flag } from './glyph.tsx'

/** What the address says that nobody understands: `date=garbage`, and what was expected. */
export interface Misread {
  readonly key: string
  readonly found: string
  readonly expected: string
}

const { date: DATE, instant: INSTANT } = texts.misread

/** In Unix ms. */
export function readInstant(query: URLSearchParams, key: string): number | undefined {
  const text = query.get(key) ?? ''
  const ms = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : NaN
  return ms >= FIRST_MS && ms < LAST_MS ? ms : undefined
}

export const misreadDates = (query: URLSearchParams, ...keys: readonly string[]): readonly Misread[] =>
  keys.flatMap((key) => misreadWhere(query, key, { isRead: readDate(query, key) !== undefined, expected: DATE }))

export const misreadInstants = (query: URLSearchParams, ...keys: readonly string[]): readonly Misread[] =>
  keys.flatMap((key) => misreadWhere(query, key, { isRead: readInstant(query, key) !== undefined, expected: INSTANT }))

export function misreadChoice(query: URLSearchParams, key: string, choices: readonly string[]): readonly Misread[] {
  const isRead = choices.includes(query.get(key) ?? '')
  return misreadWhere(query, key, { isRead, expected: texts.misread.oneOf(choices.join(', ')) })
}

function misreadWhere(
  query: URLSearchParams,
  key: string,
  { isRead, expected }: { isRead: boolean; expected: string },
): readonly Misread[] {
  const found = query.get(key)
  return found === null || found === '' || isRead ? [] : [{ key, found, expected }]
}

const MOST_LETTERS = 40

/** What of the address was not understood, and what is shown in its place. */
export function MisreadLine({ misread, shown }: { misread: readonly Misread[]; shown: string }): JSX.Element | null {
  if (misread.length === 0) return null
  const parts = misread.map(({ key, found, expected }) => texts.misread.isNot(`${key}=${short(found)}`, expected))
  return (
    <p class="waiting" role="status">
      <Flag mark="warn">{texts.misread.lead}</Flag> {parts.join('; ')}. {texts.misread.shown(shown)}
    </p>
  )
}

const short = (text: string): string => (text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)}…` : text)
