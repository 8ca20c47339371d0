import type { JSX } from 'preact'
import type { HoursOfDay } from '../api/answers.ts'
import { type Box, type Cell, CellGrid, evenCells } from '../chart/cell-grid.tsx'
import { useIsPhone, useWidth } from '../chart/use-width.ts'
import { useKnown } from '../page/page.ts'
import { parseDate } from '../text/house-time.ts'
import { grouped, powerText } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import { dateName, monthName, shortDayText, weekdayDayText, withWeekday } from '../text/time.ts'
import { HOURS, hourText } from './period.ts'

const LEFT_PX = 42
const TOP_PX = 20
/** What the name of a day takes. */
const NAME_PX = 12
const STEPS_KW = [0, 0.5, 1, 1.5, 2, 3, 4]
const TONES = [6, 16, 28, 42, 58, 76, 94]
/** Rows get thinner in a span of more days. */
const MANY_DAYS = 62

/** Hour × day: when the house uses it. */
export function HoursMap({ days }: { days: readonly HoursOfDay[] }): JSX.Element {
  const [ref, widthPx] = useWidth()
  const isPhone = useIsPhone()
  const { formatter, live, house } = useKnown()
  const thisYear = formatter.time.local(live.nowMs.value).year
  const isDense = days.length > MANY_DAYS
  const rowPx = isDense ? 3 : isPhone ? 11 : 15
  const gapPx = isDense ? 0 : 1
  const cellPx = Math.max(1, (widthPx - LEFT_PX) / 24)
  const legendY = TOP_PX + days.length * rowPx + 12
  const size = { rowCount: days.length, columnCount: 24 }
  const { boxOf, cellAt } = evenCells({
    ...size,
    leftPx: LEFT_PX,
    topPx: TOP_PX,
    cellPx,
    rowPx,
    columnGapPx: gapPx,
    rowGapPx: gapPx,
  })
  const nameOf = ({ row, column }: Cell) => {
    const day = days[row]
    return day && cellName(day, column, thisYear)
  }
  const odd = days.find(isOddDay)
  if (days.length === 0) return <p class="dim">–</p>
  return (
    <div ref={ref}>
      {widthPx > 0 && (
        <CellGrid
          label={(house.hasMains ? texts.energy.mapOfHouse : texts.energy.mapOfCircuits)(days.length)}
          {...size}
          widthPx={widthPx}
          heightPx={legendY + 24}
          boxOf={boxOf}
          cellAt={cellAt}
          nameOf={nameOf}
          first={{ row: days.length - 1, column: 0 }}
        >
          {HOURS.filter((hour) => hour % (isPhone ? 6 : 3) === 0).map((hour) => (
            <text key={hour} x={LEFT_PX + hour * cellPx} y={12}>
              {hourText(hour)}
            </text>
          ))}
          {days.map((day, row) => (
            <g key={day.date}>
              <DayName
                day={day}
                y={TOP_PX + (row + 1) * rowPx - (isPhone ? 2 : 4)}
                isDense={isDense}
                isFree={rowPx >= NAME_PX || !isOddDay(days[row - 1])}
              />
              {HOURS.map((hour) => hourBoxes(day, hour, boxOf({ row, column: hour })))}
            </g>
          ))}
          {STEPS_KW.map((kilowatts, index) => (
            <g key={kilowatts}>
              <rect x={LEFT_PX + index * 34} y={legendY} width={33} height={8} fill={toneOf(kilowatts * 1000 + 1)} />
              <text x={LEFT_PX + index * 34} y={legendY + 20}>
                {index === STEPS_KW.length - 1 ? `${kilowatts} kW +` : grouped(kilowatts, kilowatts % 1 === 0 ? 0 : 1)}
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

function cellName(day: HoursOfDay, hour: number, thisYear: number): string | undefined {
  const at = `${dateName(day.date, thisYear)} ${hourText(hour)}`
  if (isLeftOut(day, hour)) return texts.energy.clockLeavesOut(at)
  const means = indexesByWall(day, hour).map((index) => {
    const isPart = day.watts[index] !== null && shareOf(day, index) < 1
    const mean = powerText(day.watts[index])
    return isPart ? texts.energy.ofMinutes(mean, day.minutes?.[index] ?? 0) : mean
  })
  return means.length === 0 ? undefined : `${at}, ${means.join(texts.energy.onceMore)}`
}

/** What the cell of a wall hour holds: none where the clock leaves it out, two where it has it twice. */
export function hoursByWall(day: HoursOfDay, hour: number): readonly (number | null)[] {
  return indexesByWall(day, hour).map((index) => day.watts[index] ?? null)
}

function indexesByWall({ watts, wallHours = HOURS }: HoursOfDay, hour: number): readonly number[] {
  return wallHours.flatMap((wall, index) => (wall === hour && index < watts.length ? [index] : []))
}

const HOUR_MINUTES = 60

/** How much of an hour its mean is of. */
const shareOf = ({ minutes }: HoursOfDay, index: number): number =>
  Math.min(1, (minutes?.[index] ?? HOUR_MINUTES) / HOUR_MINUTES)

const isOddDay = (day: HoursOfDay | undefined): boolean => day?.wallHours !== undefined

const isLeftOut = ({ wallHours = HOURS }: HoursOfDay, hour: number): boolean => !wallHours.includes(hour)

/** Filled as wide as what is known of the hour. */
function hourBoxes(day: HoursOfDay, hour: number, { x, y, width, height }: Box) {
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
}

function toneOf(watts: number): string {
  const tone = TONES[STEPS_KW.filter((step) => watts >= step * 1000).length - 1] ?? TONES[0]
  return `color-mix(in oklab, var(--ink) ${tone}%, var(--bg))`
}

function oddText(day: HoursOfDay): string {
  const date = parseDate(day.date)
  const name = shortDayText(date, date.year)
  const missing = HOURS.find((hour) => isLeftOut(day, hour))
  return missing === undefined ? texts.energy.hourTwice(name) : texts.energy.noHour(hourText(missing), name)
}

interface DayNameProps {
  readonly day: HoursOfDay
  readonly y: number
  readonly isDense: boolean
  /** Whether the name of the day above leaves it space. */
  readonly isFree: boolean
}

function DayName({ day, y, isDense, isFree }: DayNameProps): JSX.Element | null {
  const { month, day: date } = parseDate(day.date)
  const isMonday = new Date(day.date).getUTCDay() === 1
  const isOdd = isOddDay(day)
  if (isDense ? date !== 1 : !isOdd && !(isMonday && isFree)) return null
  return (
    <text x={LEFT_PX - 8} y={y} text-anchor="end" class={isOdd && !isDense ? 'v' : ''}>
      {isDense ? monthName(month) : weekdayDayText(withWeekday(day.date))}
    </text>
  )
}
