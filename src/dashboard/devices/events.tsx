import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { LoggedEvent } from '../api/answers.ts'
import { Detail } from '../page/failing-part.tsx'
import { Glyph } from '../page/glyph.tsx'
import { useKnown } from '../page/page.ts'
import { failureWords, withTimes } from '../text/failure-words.ts'
import { count } from '../text/number.ts'
import type { Telling } from '../text/time.ts'

const SHOWN_AT_FIRST = 20

/** What has happened, newest first. */
export function Events({ events }: { events: readonly LoggedEvent[] }): JSX.Element {
  const { telling } = useKnown()
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
              <td>{telling.when(event.atMs)}</td>
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
  const { telling } = useKnown()
  const { level, text, history } = event
  if (history) return <>{historyText(history, telling)}</>
  const mark = level === 'error' ? 'bad' : 'warn'
  const [first = '', ...rest] = withTimes(text, telling.when).split('\n')
  const words = level === 'error' ? errorText(event, telling) : first
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
      {words === first ? rest.map((line) => ` ${line.trim()}`) : <Detail text={withTimes(text, telling.when)} />}
    </>
  )
}

/** The line of the log, where it is a sentence; else what it is about. */
function errorText({ of, text }: LoggedEvent, telling: Telling): string {
  const { why, todo, past } = failureWords(of, text.replace(/^still: /, ''))
  const words = withTimes(why, telling.when) || `${of === 'store' ? 'The store' : 'It'} ${past}.`
  return [words, todo].filter(Boolean).join(' ')
}

/** `History from 21 Sep to 27 Sep: 10,080 rows, 141,120 samples.` */
function historyText(
  { fromMs, untilMs, rowCount, sampleCount }: NonNullable<LoggedEvent['history']>,
  telling: Telling,
): string {
  const [first, last] = [telling.day(fromMs), telling.day(untilMs - 1)]
  const span = first === last ? `of ${first}` : `from ${first} to ${last}`
  return `History ${span}: ${count(rowCount, 'row')}, ${count(sampleCount, 'sample')}.`
}
