import type { JSX } from 'preact'
import type { isRecentEvents } from '../api/answers.ts'
import type { Of } from '../api/is.ts'
import { Glyph } from '../page/glyph.tsx'
import { useKnown } from '../page/page.ts'

/** What has happened, newest first. */
export function Events({ events }: { events: Of<typeof isRecentEvents>['events'] }): JSX.Element {
  const { telling } = useKnown()
  if (events.length === 0) return <p class="dim">None.</p>
  return (
    <table class="log">
      <thead class="vh">
        <tr>
          <th scope="col">When</th>
          <th scope="col">Of</th>
          <th scope="col">What</th>
        </tr>
      </thead>
      <tbody>
        {events.map(({ id, atMs, of, level, text }) => (
          <tr key={id}>
            <td>{telling.when(atMs)}</td>
            <td>{of}</td>
            <td>
              {level === 'info' ? (
                text
              ) : (
                <span class={`flag ${level === 'error' ? 'bad' : 'warn'}`}>
                  <Glyph mark={level === 'error' ? 'bad' : 'warn'} />
                  {text}
                </span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
