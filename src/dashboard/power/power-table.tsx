import type { JSX } from 'preact'
import type { Power } from '../api/answers.ts'
import { useKnown } from '../page/page.ts'
import { whole } from '../text/number.ts'
import { pointStarts, pointTime } from './points.ts'

const COLUMNS = [
  ['House', 'house'],
  ['Solar', 'solar'],
  ['From the grid', 'fromGrid'],
  ['To the grid', 'toGrid'],
  ['Unmetered', 'unmetered'],
] as const

/** The charts in numbers; the circuits are in the CSV. */
export function PowerTable({ power }: { power: Power | undefined }): JSX.Element {
  const { telling } = useKnown()
  return (
    <div class="scroll tall" tabIndex={0} role="region" aria-label="Table of the charts">
      <table class="plain">
        <caption class="sub">in watts</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {COLUMNS.map(([name]) => (
              <th key={name} scope="col" class="num">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {power &&
            pointStarts(power).map((ms, index) => {
              const { clock, rest } = pointTime(power, index, telling)
              return (
                <tr key={ms}>
                  <th scope="row">{`${clock} ${rest}`}</th>
                  {COLUMNS.map(([name, key]) => (
                    <td key={name} class="num">
                      {whole(power.house[key][index])}
                    </td>
                  ))}
                </tr>
              )
            })}
        </tbody>
      </table>
    </div>
  )
}
