import type { JSX } from 'preact'
import { Detail } from './failing-part.tsx'
import type { Asked } from './use-answer.ts'

/** What a part of a view says while its answer is not there: nothing for a second, then what is asked. */
export function Waiting({
  asked,
  what,
  whom = 'the store',
}: {
  asked: Asked<unknown>
  what: string
  whom?: string
}): JSX.Element | null {
  if (asked.problem !== undefined)
    return (
      <div class="waiting" role="status">
        <span class="flag bad">{asked.answer === undefined ? 'Not shown: ' : 'Not renewed: '}</span>
        {asked.problem}{' '}
        <button class="btn" onClick={asked.retry}>
          Try again
        </button>
        {asked.detail !== undefined && <Detail text={asked.detail} />}
      </div>
    )
  if (asked.waitedS === 0) return null
  return (
    <p class="waiting" role="status">
      Asking {whom} for {what}
      {asked.waitedS === 10 && (
        <>
          {' '}
          <button class="btn" onClick={asked.retry}>
            Try again
          </button>
        </>
      )}
    </p>
  )
}
