import type { JSX } from 'preact'
import type { HoursOfDay } from '../api/answers.ts'
import { type Cell, CellGrid, evenCells } from '../chart/cell-grid.tsx'
import { useIsPhone, useWidth } from '../chart/use-width.ts'
import { useKnown } from '../page/page.ts'
import { parseDate } from '../text/house-time.ts'
import { powerText } from '../text/number.ts'
import { dateName } from '../text/time.ts'

const LEFT_PX = 42
const TOP_PX = 20
/** What the name of a day takes. */
const NAME_PX = 12
const STEPS_KW = [0, 0.5, 1, 1.5, 2, 3, 4]
const TONES = [6, 16, 28, 42, 58, 76, 94]
/** Rows get thinner in a span of many days. */
const MANY_DAYS = 62

/** What the cell of a wall hour holds: none where the clock leaves it out, two where it has it twice. */
export function hoursByWall(day: HoursOfDay, hour: number): readonly (number | null)[] {
  return indexesByWall(day, hour).map((index) => day.watts[index] ?? null)
}

function indexesByWall({ watts, wallHours }: HoursOfDay, hour: number): readonly number[] {
  if (wallHours === undefined) return hour < watts.length ? [hour] : []
  return wallHours.flatMap((wall, index) => (wall === hour && index < watts.length ? [index] : []))
}

const HOUR_MINUTES = 60

/** How much of an hour its mean is of. */
const shareOf = ({ minutes }: HoursOfDay, index: number): number =>
  Math.min(1, (minutes?.[index] ?? HOUR_MINUTES) / HOUR_MINUTES)

const isOddDay = (day: HoursOfDay | undefined): boolean => day?.wallHours !== undefined

const isLeftOut = ({ wallHours }: HoursOfDay, hour: number): boolean =>
  wallHours !== undefined && !wallHours.includes(hour)

/** Hour × day: when the house uses it. */
export function HoursMap({ days }: { days: readonly HoursOfDay[] }): JSX.Element {
  const [ref, widthPx] = useWidth()
  const isPhone = useIsPhone()
  const { formatter, live, house } = useKnown()
  const thisYear = formatter.time.local(live.nowMs.value).year
  const rowPx = days.length > MANY_DAYS ? 3 : isPhone ? 11 : 15
  const gap = days.length > MANY_DAYS ? 0 : 1
  const cellPx = Math.max(1, (widthPx - LEFT_PX) / 24)
  const legendY = TOP_PX + days.length * rowPx + 12
  const heightPx = legendY + 24
  const { boxOf, cellAt } = evenCells({
    rowCount: days.length,
    columnCount: 24,
    leftPx: LEFT_PX,
    topPx: TOP_PX,
    cellPx,
    rowPx,
    columnGapPx: gap,
    rowGapPx: gap,
  })
  const nameOf = ({ row, column }: Cell) => {
    const day = days[row]
    if (day === undefined) return undefined
    const at = `${dateName(day.date, thisYear)} ${String(column).padStart(2, '0')}:00`
    if (isLeftOut(day, column)) return `${at}, the clock leaves this hour out`
    const indexes = indexesByWall(day, column)
    const said = indexes.map((index) => {
      const part = shareOf(day, index) < 1 ? ` of ${day.minutes?.[index] ?? 0} min` : ''
      return `${powerText(day.watts[index])}${day.watts[index] === null ? '' : part}`
    })
    return indexes.length === 0 ? undefined : `${at}, ${said.join(' and, once more, ')}`
  }
  const odd = days.find(isOddDay)
  if (days.length === 0) return <p class="dim">–</p>
  return (
    <div ref={ref}>
      {widthPx > 0 && (
        <CellGrid
          label={`Mean power of ${house.hasMains ? 'the house' : 'all circuits'} for each hour of ${days.length} days`}
          rowCount={days.length}
          columnCount={24}
          widthPx={widthPx}
          heightPx={heightPx}
          boxOf={boxOf}
          cellAt={cellAt}
          nameOf={nameOf}
          first={{ row: days.length - 1, column: 0 }}
        >
          {Array.from({ length: 8 }, (_, index) => index * 3)
            .filter((hour) => !isPhone || hour % 6 === 0)
            .map((hour) => (
              <text key={hour} x={LEFT_PX + hour * cellPx} y={12}>
                {`${String(hour).padStart(2, '0')}:00`}
              </text>
            ))}
          {days.map((day, row) => (
            <g key={day.date}>
              <DayName
                day={day}
                y={TOP_PX + (row + 1) * rowPx - (isPhone ? 2 : 4)}
                isDense={days.length > MANY_DAYS}
                isFree={rowPx >= NAME_PX || !isOddDay(days[row - 1])}
              />
              {Array.from({ length: 24 }, (_, hour) => {
                const { x, y, width, height } = boxOf({ row, column: hour })
                if (isLeftOut(day, hour))
                  return (
                    <rect
                      key={hour}
                      x={x + 0.5}
                      y={y + 0.5}
                      width={width - 1}
                      height={Math.max(1, height - 1)}
                      fill="none"
                      stroke="var(--edge)"
                      stroke-dasharray="2 2"
                    />
                  )
                const indexes = indexesByWall(day, hour)
                const full = width / indexes.length - (indexes.length > 1 ? 0.5 : 0)
                // As wide as what is known of the hour.
                return indexes.map((index, half) => {
                  const watts = day.watts[index]
                  return watts == null ? null : (
                    <rect
                      key={`${hour} ${half}`}
                      x={x + (half * width) / indexes.length}
                      y={y}
                      width={Math.max(1, full * shareOf(day, index))}
                      height={height}
                      fill={toneOf(watts)}
                    />
                  )
                })
              })}
            </g>
          ))}
          {STEPS_KW.map((kilowatts, index) => (
            <g key={kilowatts}>
              <rect x={LEFT_PX + index * 34} y={legendY} width={33} height={8} fill={toneOf(kilowatts * 1000 + 1)} />
              <text x={LEFT_PX + index * 34} y={legendY + 20}>
                {index === STEPS_KW.length - 1 ? `${kilowatts} kW +` : kilowatts}
              </text>
            </g>
          ))}
          {odd && !isPhone && (
            <text x={widthPx} y={legendY + 20} text-anchor="end">
              {oddText(odd)}
            </text>
          )}
        </CellGrid>
      )}
    </div>
  )
}

function toneOf(watts: number): string {
  const tone = TONES[STEPS_KW.filter((step) => watts >= step * 1000).length - 1] ?? TONES[0]
  return `color-mix(in oklab, var(--ink) ${tone}%, var(--bg))`
}

function oddText(day: HoursOfDay): string {
  const { day: date, month } = parseDate(day.date)
  const missing = Array.from({ length: 24 }, (_, hour) => hour).find((hour) => isLeftOut(day, hour))
  const name = dateName(day.date, parseDate(day.date).year).split(' ').slice(1).join(' ')
  if (missing !== undefined) return `dashed: no ${String(missing).padStart(2, '0')}:00 on ${name}`
  return month > 0 && date > 0 ? `halved: an hour twice on ${name}` : ''
}

interface DayNameProps {
  readonly day: HoursOfDay
  readonly y: number
  readonly isDense: boolean
  /** Whether the name of the day above leaves it space. */
  readonly isFree: boolean
}

function DayName({ day, y, isDense, isFree }: DayNameProps): JSX.Element | null {
  const { year, month, day: date } = parseDate(day.date)
  const isMonday = new Date(Date.UTC(year, month - 1, date)).getUTCDay() === 1
  const isOdd = isOddDay(day)
  if (isDense ? date !== 1 : !isOdd && !(isMonday && isFree)) return null
  const text = isDense
    ? dateName(day.date, year).split(' ').slice(2).join(' ')
    : dateName(day.date, year).split(' ').slice(0, 2).join(' ')
  return (
    <text x={LEFT_PX - 8} y={y} text-anchor="end" class={isOdd && !isDense ? 'v' : ''}>
      {text}
    </text>
  )
}
