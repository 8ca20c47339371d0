import type { JSX } from 'preact'
import type { ChannelCoverage, DayCoverage, Job } from '../api/answers.ts'
import { CellGrid, evenCells, type Cell } from '../chart/cell-grid.tsx'
import { FitText } from '../chart/lines.tsx'
import { offWords, readPairs, spreadRuns, STATE, stateName } from '../chart/runs.ts'
import { useIsPhone, useWidth } from '../chart/use-width.ts'
import { useKnown } from '../page/page.ts'
import { DAY_MINUTES, MINUTE_MS, parseDate } from '../text/house-time.ts'
import { grouped } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import { dateName, shortDayText } from '../text/time.ts'
import { CellBox } from './cell-box.tsx'

const CHANNELS_TOP_PX = 18
const CHANNEL_PX = 17

interface ChannelsGridProps {
  readonly coverage: ChannelCoverage
  readonly date: string
  readonly onChoose: (channel: string, date: string) => void
}

/** The channels of one device, one cell per day. */
export function ChannelsGrid({ coverage, date, onChoose }: ChannelsGridProps): JSX.Element {
  const { device, dates, channels } = coverage
  const [ref, widthPx] = useWidth()
  const isPhone = useIsPhone()
  const { live, formatter } = useKnown()
  const thisYear = formatter.time.local(live.nowMs.value).year
  const leftPx = isPhone ? 134 : 148
  const cellPx = (widthPx - leftPx) / Math.max(1, dates.length)
  const rows = channels.map(({ id, days, missing, unmeasured = [] }) => ({
    id,
    states: spreadRuns(days),
    missing: readPairs(missing),
    off: readPairs(unmeasured),
  }))
  const size = { rowCount: rows.length, columnCount: dates.length }
  const edges = { leftPx, topPx: CHANNELS_TOP_PX, columnGapPx: 1, rowGapPx: 3 }
  const { boxOf, cellAt } = evenCells({ ...size, ...edges, cellPx, rowPx: CHANNEL_PX })
  const nameOf = ({ row, column }: Cell) => {
    const [channel, day] = [rows[row], dates[column]]
    const state = channel?.states[column]
    if (channel === undefined || day === undefined || state === undefined || state === STATE.unwanted) return undefined
    const missing = channel.missing.get(column)
    const what = missing === undefined ? stateName(state) : texts.missing(grouped(missing))
    return `${channel.id}, ${dateName(day, thisYear)}, ${what}${offWords(state, channel.off.get(column) ?? 0)}`
  }
  return (
    <div ref={ref}>
      {widthPx > 0 && (
        <CellGrid
          label={texts.coverage.channelsLabel(device)}
          {...size}
          widthPx={widthPx}
          heightPx={CHANNELS_TOP_PX + rows.length * CHANNEL_PX}
          boxOf={boxOf}
          cellAt={cellAt}
          nameOf={nameOf}
          first={{ row: 0, column: Math.max(0, dates.indexOf(date)) }}
          onChoose={({ row, column }) => {
            const [channel, day] = [rows[row], dates[column]]
            if (channel && day !== undefined) onChoose(channel.id, day)
          }}
        >
          {dates.map((day, column) => {
            const x = leftPx + column * cellPx
            if (!isMonday(day) || x >= widthPx - 44) return null
            return (
              <text key={day} x={x} y={10}>
                {shortDayText(parseDate(day), parseDate(day).year)}
              </text>
            )
          })}
          {rows.map(({ id, states, off }, row) => (
            <g key={id}>
              <FitText x={0} y={CHANNELS_TOP_PX + row * CHANNEL_PX + 11} class="i" text={id} widthPx={leftPx - 8} />
              {states.map((state, column) => (
                <CellBox
                  key={column}
                  state={state}
                  offShare={(off.get(column) ?? 0) / DAY_MINUTES}
                  {...boxOf({ row, column })}
                />
              ))}
            </g>
          ))}
        </CellGrid>
      )}
    </div>
  )
}

const isMonday = (date: string): boolean => new Date(`${date}T00:00Z`).getUTCDay() === 1

const HOURS_LEFT_PX = 40
const MINUTES_TOP_PX = 16
const HOUR = 60

/** The minutes of one day, one row per hour; those that a repair has just confirmed are strongest. */
export function DayGrid({ day, job }: { day: DayCoverage; job: Job | undefined }): JSX.Element {
  const [ref, widthPx] = useWidth()
  const isPhone = useIsPhone()
  const { formatter } = useKnown()
  const states = spreadRuns(day.runs)
  const rowCount = Math.ceil(states.length / HOUR)
  const rowPx = isPhone ? 9 : 10.5
  const cellPx = (widthPx - HOURS_LEFT_PX) / HOUR
  const confirmed = confirmedMinutes(day, job)
  const isConfirmed = (index: number) => confirmed !== undefined && index >= confirmed.from && index < confirmed.until
  const size = { rowCount, columnCount: HOUR }
  const edges = { leftPx: HOURS_LEFT_PX, topPx: MINUTES_TOP_PX, columnGapPx: 1, rowGapPx: 1 }
  const { boxOf, cellAt } = evenCells({ ...size, ...edges, cellPx, rowPx })
  const nameOf = ({ row, column }: Cell) => {
    const index = row * HOUR + column
    const state = states[index]
    if (state === undefined || state === STATE.unwanted) return undefined
    return `${formatter.at(day.fromMs + index * MINUTE_MS)}, ${isConfirmed(index) ? texts.coverage.confirmed : stateName(state)}`
  }
  const firstMissing = Math.max(0, states.indexOf(STATE.missing))
  return (
    <div ref={ref}>
      {widthPx > 0 && (
        <CellGrid
          label={texts.coverage.minutesLabel(day.date, day.channel ?? day.device)}
          {...size}
          widthPx={widthPx}
          heightPx={MINUTES_TOP_PX + rowCount * rowPx + 4}
          boxOf={boxOf}
          cellAt={cellAt}
          nameOf={nameOf}
          first={{ row: Math.floor(firstMissing / HOUR), column: firstMissing % HOUR }}
        >
          {Array.from({ length: isPhone ? 4 : 6 }, (_, index) => index * (isPhone ? 15 : 10)).map((minute) => (
            <text key={minute} x={HOURS_LEFT_PX + minute * cellPx} y={10}>
              {`:${String(minute).padStart(2, '0')}`}
            </text>
          ))}
          {Array.from({ length: rowCount }, (_, row) => ({ row, hour: day.wallHours?.[row] ?? row }))
            .filter(({ hour }) => hour % 3 === 0)
            .map(({ row, hour }) => (
              <text key={row} x={HOURS_LEFT_PX - 8} y={MINUTES_TOP_PX + row * rowPx + rowPx - 1.5} text-anchor="end">
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
        <p class="sub">{texts.coverage.strongest(job.doneMinutes, job.totalMinutes - job.doneMinutes)}</p>
      )}
    </div>
  )
}

/** The part of the day that the present repair has confirmed. */
function confirmedMinutes(day: DayCoverage, job: Job | undefined) {
  if (job?.kind !== 'repair' || job.fromMs === undefined || job.confirmedUntilMs === undefined) return undefined
  const from = (Math.max(day.fromMs, job.fromMs) - day.fromMs) / MINUTE_MS
  const until = (Math.min(day.untilMs, job.confirmedUntilMs) - day.fromMs) / MINUTE_MS
  return until > from ? { from, until } : undefined
}
