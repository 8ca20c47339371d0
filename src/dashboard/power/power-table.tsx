import type { JSX } from 'preact'
import type { Power } from '../api/answers.ts'
import { NumberTable } from '../page/number-table.tsx'
import { useKnown } from '../page/page.ts'
import { whole } from '../text/number.ts'
import { sumOfKnown } from './lanes.ts'
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
  const { telling, house } = useKnown()
  const circuits = house.channels.filter(({ role }) => role === 'circuit').map(({ id }) => id)
  const shown = COLUMNS.filter(([, key]) => (key === 'solar' || key === 'toGrid' ? house.hasSolar : house.hasMains))
  const together =
    power &&
    sumOfKnown(
      circuits.map((id) => power.channels[id] ?? []),
      power.house.house.length,
    )
  const rows = power
    ? pointStarts(power).map((ms, index) => {
        const { clock, rest } = pointTime(power, index, telling)
        return {
          key: ms,
          name: `${clock} ${rest}`,
          cells: [
            ...shown.map(([, key]) => whole(power.house[key][index])),
            ...(house.hasMains ? [] : [whole(together?.[index])]),
          ],
        }
      })
    : []
  const columns = [...shown.map(([name]) => name), ...(house.hasMains ? [] : ['Circuits'])]
  return <NumberTable label="Table of the charts" unit="watts" corner="Time" columns={columns} rows={rows} isTall />
}
