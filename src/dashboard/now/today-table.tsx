import type { JSX } from 'preact'
import type { Now } from '../api/answers.ts'
import { NumberTable } from '../page/number-table.tsx'
import { useKnown } from '../page/page.ts'
import { whole } from '../text/number.ts'

/** Today's chart in numbers. */
export function TodayTable({ today }: { today: Now['today'] | undefined }): JSX.Element {
  const { telling } = useKnown()
  const rows = (today?.house ?? []).map((house, index) => {
    const ms = (today?.fromMs ?? 0) + index * (today?.stepMs ?? 0)
    return { key: ms, name: telling.at(ms), cells: [whole(house), whole(today?.solar[index])] }
  })
  return (
    <NumberTable label="Table of today" unit="watts" corner="Time" columns={['House', 'Solar']} rows={rows} isTall />
  )
}
