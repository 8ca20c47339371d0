import type { JSX } from 'preact'
import type { DayCoverage, Job } from '../api/answers.ts'
import { CellGrid, evenCells, type Cell } from '../chart/cell-grid.tsx'
import { spreadRuns, STATE, stateName } from '../chart/runs.ts'
import { useIsPhone, useWidth } from '../chart/use-width.ts'
import { useKnown } from '../page/page.ts'
import { MINUTE_MS } from '../text/house-time.ts'
import { CellBox } from './cell-box.tsx'

const LEFT_PX = 40
const TOP_PX = 16
const HOUR = 60

/** The minutes of one day, one row per hour; those that a repair has just confirmed are strongest. */
export function DayGrid({ day, job }: { day: DayCoverage; job: Job | undefined }): JSX.Element {
  const [ref, widthPx] = useWidth()
  const isPhone = useIsPhone()
  const { formatter } = useKnown()
  const states = spreadRuns(day.runs)
  const rowCount = Math.ceil(states.length / HOUR)
  const rowPx = isPhone ? 9 : 10.5
  const cellPx = (widthPx - LEFT_PX) / HOUR
  const heightPx = TOP_PX + rowCount * rowPx + 4
  const confirmed = confirmedMinutes(day, job)
  const isConfirmed = (index: number) => confirmed !== undefined && index >= confirmed.from && index < confirmed.until
  const { boxOf, cellAt } = evenCells({
    rowCount,
    columnCount: HOUR,
    leftPx: LEFT_PX,
    topPx: TOP_PX,
    cellPx,
    rowPx,
    columnGapPx: 1,
    rowGapPx: 1,
  })
  const nameOf = ({ row, column }: Cell) => {
    const index = row * HOUR + column
    const state = states[index]
    if (state === undefined || state === STATE.unwanted) return undefined
    return `${formatter.at(day.fromMs + index * MINUTE_MS)}, ${isConfirmed(index) ? 'just copied and confirmed' : stateName(state)}`
  }
  const firstMissing = states.indexOf(STATE.missing)
  const first = { row: Math.max(0, Math.floor(firstMissing / HOUR)), column: Math.max(0, firstMissing % HOUR) }
  return (
    <div ref={ref}>
      {widthPx > 0 && (
        <CellGrid
          label={`Minutes of ${day.date} of ${day.channel ?? day.device}`}
          rowCount={rowCount}
          columnCount={HOUR}
          widthPx={widthPx}
          heightPx={heightPx}
          boxOf={boxOf}
          cellAt={cellAt}
          nameOf={nameOf}
          first={first}
        >
          {Array.from({ length: isPhone ? 4 : 6 }, (_, index) => index * (isPhone ? 15 : 10)).map((minute) => (
            <text key={minute} x={LEFT_PX + minute * cellPx} y={10}>
              {`:${String(minute).padStart(2, '0')}`}
            </text>
          ))}
          {Array.from({ length: rowCount }, (_, row) => ({ row, hour: day.wallHours?.[row] ?? row }))
            .filter(({ hour }) => hour % 3 === 0)
            .map(({ row, hour }) => (
              <text key={row} x={LEFT_PX - 8} y={TOP_PX + row * rowPx + rowPx - 1.5} text-anchor="end">
                {`${String(hour).padStart(2, '0')}:00`}
              </text>
            ))}
          {states.map((state, index) => {
            const box = boxOf({ row: Math.floor(index / HOUR), column: index % HOUR })
            if (isConfirmed(index)) return <rect key={index} {...box} fill="var(--ink)" />
            return <CellBox key={index} state={state} {...box} />
          })}
        </CellGrid>
      )}
      {confirmed && job && (
        <p class="sub">
          strongest: {job.doneMinutes} just copied and confirmed; outlined: {job.totalMinutes - job.doneMinutes} to go
        </p>
      )}
    </div>
  )
}

/** The part of the day that the present repair has confirmed. */
export function confirmedMinutes(
  { fromMs, untilMs }: Pick<DayCoverage, 'fromMs' | 'untilMs'>,
  job: Job | undefined,
): { readonly from: number; readonly until: number } | undefined {
  if (job?.kind !== 'repair' || job.fromMs === undefined || job.confirmedUntilMs === undefined) return undefined
  const from = Math.max(fromMs, job.fromMs)
  const until = Math.min(untilMs, job.confirmedUntilMs)
  return until > from ? { from: (from - fromMs) / MINUTE_MS, until: (until - fromMs) / MINUTE_MS } : undefined
}
