import type { JSX } from 'preact'
import type { Energy } from '../api/answers.ts'
import { NumberTable } from '../page/number-table.tsx'
import { useKnown } from '../page/page.ts'
import { energy as energyFigure } from '../text/number.ts'
import { barLabels, barName, houseBefore } from './period.ts'

const capital = (word: string): string => `${word.charAt(0).toUpperCase()}${word.slice(1)}`

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
    ...(energy.before ? [{ name: 'House before', column: houseBefore(energy) }] : []),
    ...(energy.missing ? [{ name: 'Missing, min', column: energy.missing, isMinutes: true }] : []),
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
      columns={columns?.map(({ name }) => name) ?? []}
      rows={rows}
    />
  )
}
