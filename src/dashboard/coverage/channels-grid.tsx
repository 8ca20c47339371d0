import type { JSX } from 'preact'
import type { ChannelCoverage } from '../api/answers.ts'
import { CellGrid, evenCells, type Cell } from '../chart/cell-grid.tsx'
import { offWords, readPairs, spreadRuns, STATE, stateName } from '../chart/runs.ts'

import { FitText } from '../chart/lines.tsx'
import { useIsPhone, useWidth } from '../chart/use-width.ts'
import { useKnown } from '../page/page.ts'
import { parseDate } from '../text/house-time.ts'
import { grouped } from '../text/number.ts'
import { dateName, shortDayText } from '../text/time.ts'
import { CellBox } from './cell-box.tsx'

const TOP_PX = 18
const ROW_PX = 17

interface ChannelsGridProps {
  readonly coverage: ChannelCoverage
  readonly date: string
  readonly onChoose: (channel: string, date: string) => void
}

/** Channels × days. */
export function ChannelsGrid({
  coverage: { device, dates, channels },
  date,
  onChoose,
}: ChannelsGridProps): JSX.Element {
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
  const heightPx = TOP_PX + rows.length * ROW_PX
  const { boxOf, cellAt } = evenCells({
    rowCount: rows.length,
    columnCount: dates.length,
    leftPx,
    topPx: TOP_PX,
    cellPx,
    rowPx: ROW_PX,
    columnGapPx: 1,
    rowGapPx: 3,
  })
  const nameOf = ({ row, column }: Cell) => {
    const [channel, day] = [rows[row], dates[column]]
    const state = channel?.states[column]
    if (channel === undefined || day === undefined || state === undefined || state === STATE.unwanted) return undefined
    const missingMinutes = channel.missing.get(column)
    const off = offWords(state, channel.off.get(column) ?? 0)
    return `${channel.id}, ${dateName(day, thisYear)}, ${missingMinutes === undefined ? stateName(state) : `${grouped(missingMinutes)} min missing`}${off}`
  }
  return (
    <div ref={ref}>
      {widthPx > 0 && (
        <CellGrid
          label={`Coverage of the channels of ${device} by day`}
          rowCount={rows.length}
          columnCount={dates.length}
          widthPx={widthPx}
          heightPx={heightPx}
          boxOf={boxOf}
          cellAt={cellAt}
          nameOf={nameOf}
          first={{ row: 0, column: Math.max(0, dates.indexOf(date)) }}
          onChoose={({ row, column }) => {
            const [channel, day] = [rows[row], dates[column]]
            if (channel && day !== undefined) onChoose(channel.id, day)
          }}
        >
          {dates.map((day, column) =>
            isMonday(day) && leftPx + column * cellPx < widthPx - 36 ? (
              <text key={day} x={leftPx + column * cellPx} y={10}>
                {shortDayText(parseDate(day), parseDate(day).year)}
              </text>
            ) : null,
          )}
          {rows.map(({ id, states, off }, row) => (
            <g key={id}>
              <FitText x={0} y={TOP_PX + row * ROW_PX + 11} class="i" text={id} widthPx={leftPx - 8} />
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

const DAY_MINUTES = 1440

const isMonday = (date: string): boolean => new Date(`${date}T00:00Z`).getUTCDay() === 1
