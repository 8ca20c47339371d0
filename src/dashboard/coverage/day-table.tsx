import type { JSX } from 'preact'
import type { DayCoverage } from '../api/answers.ts'
import { readRuns, STATE, stateName } from '../chart/runs.ts'
import { NumberTable } from '../page/number-table.tsx'
import { useKnown } from '../page/page.ts'
import { MINUTE_MS } from '../text/house-time.ts'
import { grouped } from '../text/number.ts'

/** The minutes of a day as a list of what they are. */
export function DayTable({ day }: { day: DayCoverage }): JSX.Element {
  const { telling } = useKnown()
  const at = (minute: number) => telling.at(day.fromMs + minute * MINUTE_MS)
  const rows = readRuns(day.runs)
    .filter(({ state, from, until }) => state !== STATE.unwanted && until > from)
    .map(({ state, from, until }) => ({
      key: from,
      name: `${at(from)} to ${at(until)}`,
      cells: [grouped(until - from), stateName(state)],
    }))
  return (
    <NumberTable
      label="Table of the day"
      unit="minutes"
      corner="When"
      columns={['Minutes', 'State']}
      rows={rows}
      isTall
    />
  )
}
