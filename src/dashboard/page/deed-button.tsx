import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { doDeed } from './do-deed.ts'
import type { Deed } from './note.ts'
import { usePage } from './page.ts'

/** Says what it does; off, and saying why, while the store does not answer. */
export function DeedButton({
  deed,
  label,
  isPrimary = false,
}: {
  deed: Deed
  label: string
  isPrimary?: boolean
}): JSX.Element {
  const page = usePage()
  const [problem, setProblem] = useState<string>()
  const [isAsking, setIsAsking] = useState(false)
  const isOff = page.live.status.value?.store.state === 'failing'
  const act = () => {
    setIsAsking(true)
    void doDeed(page, deed).then((found) => {
      setProblem(found)
      setIsAsking(false)
    })
  }
  return (
    <span class="deed">
      {(problem ?? (isOff ? 'the store does not answer' : undefined)) !== undefined && (
        <span class="dim">{problem ?? 'the store does not answer'}</span>
      )}
      <button class={isPrimary ? 'btn primary' : 'btn'} disabled={isOff || isAsking} onClick={act}>
        {label}
      </button>
    </span>
  )
}
