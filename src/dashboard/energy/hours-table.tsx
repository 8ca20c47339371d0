import type { JSX } from 'preact'
import type { HoursOfDay } from '../api/answers.ts'
import { NumberTable } from '../page/number-table.tsx'
import { useKnown } from '../page/page.ts'
import { UNKNOWN, whole } from '../text/number.ts'
import { dateName } from '../text/time.ts'
import { hoursByWall } from './hours-map.tsx'

const HOURS = Array.from({ length: 24 }, (_, hour) => hour)

/** Hour × day in numbers; an hour that the clock has twice has two. */
export function HoursTable({ days }: { days: readonly HoursOfDay[] }): JSX.Element {
  const { telling, live } = useKnown()
  const thisYear = telling.time.local(live.nowMs.value).year
  const cell = (day: HoursOfDay, hour: number) => hoursByWall(day, hour).map(whole).join(' / ') || UNKNOWN
  return (
    <NumberTable
      label="Table of hours and days"
      unit="watts"
      corner="Day"
      columns={HOURS.map((hour) => `${String(hour).padStart(2, '0')}:00`)}
      rows={days.map((day) => ({
        key: day.date,
        name: dateName(day.date, thisYear),
        cells: HOURS.map((hour) => cell(day, hour)),
      }))}
      isTall
    />
  )
}
