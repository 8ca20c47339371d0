import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { LoggedEvent } from '../api/answers.ts'
import { Detail } from '../page/failing-part.tsx'
import { Glyph } from '../page/glyph.tsx'
import { useKnown } from '../page/page.ts'
import { failureWords, withTimes } from '../text/failure-words.ts'
import { count } from '../text/number.ts'
import type { Formatter } from '../text/time.ts'

const SHOWN_AT_FIRST = 20

/** What has happened, newest first. */
export function Events({ events }: { events: readonly LoggedEvent[] }): JSX.Element {
  const { formatter } = useKnown()
  const [isLong, setIsLong] = useState(false)
  if (events.length === 0) return <p class="dim">None.</p>
  const shown = isLong ? events : events.slice(0, SHOWN_AT_FIRST)
  return (
    <>
      <table class="log">
        <thead class="vh">
          <tr>
            <th scope="col">When</th>
            <th scope="col">Of</th>
            <th scope="col">What</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((event) => (
            <tr key={event.id}>
              <td>{formatter.when(event.atMs)}</td>
              <td>{event.of}</td>
              <td>
                <What event={event} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length < events.length && (
        <button class="btn" onClick={() => setIsLong(true)}>
          Show all {events.length}
        </button>
      )}
    </>
  )
}

function What({ event }: { event: LoggedEvent }): JSX.Element {
  const { formatter } = useKnown()
  const { level, text, history } = event
  if (history) return <>{backfillText(history, formatter)}</>
  const mark = level === 'error' ? 'bad' : 'warn'
  const [first = '', ...rest] = withTimes(text, formatter.when).split('\n')
  const words = level === 'error' ? errorText(event, formatter) : first
  return (
    <>
      {level === 'info' ? (
        words
      ) : (
        <span class={`flag ${mark}`}>
          <Glyph mark={mark} />
          {words}
        </span>
      )}
      {words === first ? rest.map((line) => ` ${line.trim()}`) : <Detail text={withTimes(text, formatter.when)} />}
    </>
  )
}

/** The line of the log, where it is a sentence; else what it is about. */
function errorText({ of, text }: LoggedEvent, formatter: Formatter): string {
  const { why, todo, past } = failureWords(of, text.replace(/^still: /, ''))
  const words = withTimes(why, formatter.when) || `${of === 'store' ? 'The store' : 'It'} ${past}.`
  return [words, todo].filter(Boolean).join(' ')
}

/** `Backfilled from 21 Sep to 27 Sep: 10,080 rows, 141,120 samples.` */
function backfillText(
  { fromMs, untilMs, rowCount, sampleCount }: NonNullable<LoggedEvent['history']>,
  formatter: Formatter,
): string {
  const [first, last] = [formatter.day(fromMs), formatter.day(untilMs - 1)]
  const span = first === last ? first : `from ${first} to ${last}`
  return `Backfilled ${span}: ${count(rowCount, 'row')}, ${count(sampleCount, 'sample')}.`
}
