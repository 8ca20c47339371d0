import type { JSX } from 'preact'
import type { Energy } from '../api/answers.ts'
import { NumberTable } from '../page/number-table.tsx'
import { useKnown } from '../page/page.ts'
import { energy as energyFigure } from '../text/number.ts'
import { barColumn, barLabels, barName, houseBefore } from './period.ts'

const capital = (word: string): string => `${word.charAt(0).toUpperCase()}${word.slice(1)}`

/** The bars in numbers. */
export function BarsTable({ energy }: { energy: Energy | undefined }): JSX.Element {
  const { telling, house } = useKnown()
  const { hasMains, hasSolar } = house
  const name = hasMains ? 'House' : 'Circuits'
  const columns = energy && [
    { name, column: barColumn(energy, hasMains) },
    ...(hasSolar ? [{ name: 'Solar', column: energy.house.solar }] : []),
    ...(hasSolar && hasMains ? [{ name: 'Solar used', column: energy.house.used }] : []),
    ...(hasMains ? [{ name: 'From the grid', column: energy.house.fromGrid }] : []),
    ...(hasSolar && hasMains ? [{ name: 'To the grid', column: energy.house.toGrid }] : []),
    ...(hasMains ? [{ name: 'Unmetered', column: energy.house.unmetered }] : []),
    ...(energy.before ? [{ name: `${name} before`, column: houseBefore(energy, hasMains) }] : []),
    ...(energy.missing ? [{ name: 'Missing, min', column: energy.missing, isMinutes: true }] : []),
    ...(energy.unmeasured ? [{ name: 'Not measured, min', column: energy.unmeasured, isMinutes: true }] : []),
  ]
  const rows = energy
    ? barLabels(energy, telling).map(({ long }, index) => ({
        key: long,
        name: long,
        cells: (columns ?? []).map(({ column, ...more }) =>
          'isMinutes' in more ? (column[index] ?? 0) : energyFigure(column[index]).text,
        ),
      }))
    : []
  return (
    <NumberTable
      label="Table of the bars"
      unit="kWh"
      corner={energy ? capital(barName(energy.span)) : ''}
      columns={columns?.map((each) => each.name) ?? []}
      rows={rows}
    />
  )
}
