import type { JSX } from 'preact'
import type { Now } from '../api/answers.ts'
import { NumberTable } from '../page/number-table.tsx'
import { useKnown } from '../page/page.ts'
import { whole } from '../text/number.ts'

/** Today's chart in numbers. */
export function TodayTable({ today }: { today: Now['today'] | undefined }): JSX.Element {
  const { telling, house } = useKnown()
  const columns = [
    house.hasMains ? { name: 'House', column: today?.house } : { name: 'Circuits', column: today?.circuits },
    ...(house.hasSolar ? [{ name: 'Solar', column: today?.solar }] : []),
  ]
  const rows = (today?.house ?? []).map((_, index) => {
    const ms = (today?.fromMs ?? 0) + index * (today?.stepMs ?? 0)
    return { key: ms, name: telling.at(ms), cells: columns.map(({ column }) => whole(column?.[index])) }
  })
  const names = columns.map(({ name }) => name)
  return <NumberTable label="Table of today" unit="watts" corner="Time" columns={names} rows={rows} isTall />
}
