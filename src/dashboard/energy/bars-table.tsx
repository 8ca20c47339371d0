import type { JSX } from 'preact'
import type { Energy } from '../api/answers.ts'
import { useKnown } from '../page/page.ts'
import { energy as energyFigure } from '../text/number.ts'
import { barLabels, barName } from './period.ts'

/** The bars in numbers. */
export function BarsTable({ energy }: { energy: Energy | undefined }): JSX.Element {
  const { telling } = useKnown()
  const columns = energy && [
    { name: 'House', column: energy.house.house },
    { name: 'Solar', column: energy.house.solar },
    { name: 'Solar used', column: energy.house.used },
    { name: 'From the grid', column: energy.house.fromGrid },
    { name: 'To the grid', column: energy.house.toGrid },
    { name: 'Unmetered', column: energy.house.unmetered },
    ...(energy.before ? [{ name: 'House before', column: energy.before.house }] : []),
    ...(energy.missing ? [{ name: 'Missing, min', column: energy.missing, isMinutes: true }] : []),
  ]
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Table of the bars">
      <table class="plain">
        <caption class="sub">in kWh</caption>
        <thead>
          <tr>
            <th scope="col">{energy ? barName(energy.span) : ''}</th>
            {columns?.map(({ name }) => (
              <th key={name} scope="col" class="num">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {energy &&
            barLabels(energy, telling).map(({ long }, index) => (
              <tr key={long}>
                <th scope="row">{long}</th>
                {columns?.map(({ name, column, ...more }) => (
                  <td key={name} class="num">
                    {'isMinutes' in more ? (column[index] ?? 0) : energyFigure(column[index]).text}
                  </td>
                ))}
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  )
}
