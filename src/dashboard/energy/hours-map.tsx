import { computed } from '@preact/signals'
import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import type { HoursOfDay } from '../api/answers.ts'
import { type Box, type Cell, CellGrid, evenCells } from '../chart/cell-grid.tsx'
import { useIsPhone, useWidth } from '../chart/use-width.ts'
import { useKnown } from '../page/page.ts'
import { powerSpan } from '../page/power-span.ts'
import { HOUR_MS, parseDate } from '../text/house-time.ts'
import { grouped, powerText } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import { dateName, monthName, shortDayText, weekdayDayText, withWeekday } from '../text/time.ts'
import { HOURS, hourText } from './period.ts'

const LEFT_PX = 42
const TOP_PX = 20
/** What the name of a day takes. */
const NAME_PX = 12
const TONES = [6, 16, 28, 42, 58, 76, 94].map((percent) => `color-mix(in oklab, var(--ink) ${percent}%, var(--bg))`)
const STEP_PX = 34
/** Rows get thinner in a span of more days. */
const MANY_DAYS = 62

/** Hour × day: when the house uses it. */
export function HoursMap({ days }: { days: readonly HoursOfDay[] }): JSX.Element {
  const [ref, widthPx] = useWidth()
  const isPhone = useIsPhone()
  const { formatter, live, house, router } = useKnown()
  const steps = useMemo(() => toneSteps(days), [days])
  // Asked each second, but drawn only when it changes.
  const thisYear = useMemo(
    () => computed(() => formatter.time.local(live.nowMs.value).year),
    [formatter.time, live],
  ).value
  const isDense = days.length > MANY_DAYS
  const rowPx = isDense ? 3 : isPhone ? 11 : 15
  const gapPx = isDense ? 0 : 1
  const cellPx = Math.max(1, (widthPx - LEFT_PX) / 24)
  const legendY = TOP_PX + days.length * rowPx + 12
  const size = { rowCount: days.length, columnCount: 24 }
  const { boxOf, cellAt } = useMemo(
    () =>
      evenCells({
        rowCount: days.length,
        columnCount: 24,
        leftPx: LEFT_PX,
        topPx: TOP_PX,
        cellPx,
        rowPx,
        columnGapPx: gapPx,
        rowGapPx: gapPx,
      }),
    [days.length, cellPx, rowPx, gapPx],
  )
  const cells = useMemo(() => widthPx > 0 && drawHours(days, steps, boxOf), [days, steps, boxOf, widthPx])
  const nameOf = ({ row, column }: Cell) => {
    const day = days[row]
    return day && cellName(day, column, thisYear)
  }
  const odd = days.find(isOddDay)
  const remarks = [
    ...(days.some(({ unmeasured }) => unmeasured) ? [texts.energy.notMeasuredLine] : []),
    ...(odd && !isPhone ? [oddText(odd)] : []),
  ]
  if (days.length === 0) return <p class="dim">–</p>
  return (
    <div ref={ref}>
      {widthPx > 0 && (
        <CellGrid
          label={(house.hasMains ? texts.energy.mapOfHouse : texts.energy.mapOfCircuits)(days.length)}
          {...size}
          widthPx={widthPx}
          heightPx={legendY + 40}
          boxOf={boxOf}
          cellAt={cellAt}
          nameOf={nameOf}
          first={{ row: days.length - 1, column: 0 }}
          onChoose={({ row, column }) => {
            const span = hourSpan(days[row], column)
            if (span) router.go('power', powerSpan(span, formatter.time))
          }}
        >
          {HOURS.filter((hour) => hour % (isPhone ? 6 : 3) === 0).map((hour) => (
            <text key={hour} x={LEFT_PX + hour * cellPx} y={12}>
              {hourText(hour)}
            </text>
          ))}
          {days.map((day, row) => (
            <DayName
              key={day.date}
              day={day}
              y={TOP_PX + (row + 1) * rowPx - (isPhone ? 2 : 4)}
              isDense={isDense}
              isFree={rowPx >= NAME_PX || !isOddDay(days[row - 1])}
            />
          ))}
          {cells}
          {steps.map((watts, index) => (
            <g key={watts}>
              <rect x={LEFT_PX + index * STEP_PX} y={legendY} width={STEP_PX - 1} height={8} fill={TONES[index]} />
              <text x={LEFT_PX + index * STEP_PX} y={legendY + 20}>
                {index === steps.length - 1 ? `${stepText(watts)} kW ${texts.energy.andMore}` : stepText(watts)}
              </text>
            </g>
          ))}
          {remarks.length > 0 && (
            <text x={LEFT_PX} y={legendY + 36}>
              {remarks.join('; ')}
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
    const words = isPart ? texts.energy.ofMinutes(mean, day.minutes?.[index] ?? 0) : mean
    const off = offMinutes(day, index)
    return off > 0 ? `${words}, ${texts.notMeasured(String(off))}` : words
  })
  return means.length === 0 ? undefined : `${at}, ${means.join(texts.energy.onceMore)}`
}

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

const offMinutes = ({ unmeasured }: HoursOfDay, index: number): number => unmeasured?.[index] ?? 0

/** The time of a cell: of two hours where the clock has it twice; undefined where nothing is of it. */
export function hourSpan(day: HoursOfDay | undefined, hour: number) {
  const indexes = day ? indexesByWall(day, hour) : []
  const [first, last] = [indexes[0], indexes.at(-1)]
  if (day === undefined || first === undefined || last === undefined) return undefined
  return { fromMs: day.fromMs + first * HOUR_MS, untilMs: day.fromMs + (last + 1) * HOUR_MS }
}

const isOddDay = (day: HoursOfDay | undefined): boolean => day?.wallHours !== undefined

const isLeftOut = ({ wallHours }: HoursOfDay, hour: number): boolean => wallHours?.includes(hour) === false

type BoxOf = (cell: Cell) => Box

/** Hours of one tone are one element: those of a year, one each, would take seconds. */
function drawHours(days: readonly HoursOfDay[], steps: readonly number[], boxOf: BoxOf): JSX.Element {
  const paths = steps.map(() => '')
  const others: JSX.Element[] = []
  for (const [row, day] of days.entries())
    for (const hour of HOURS) {
      const box = boxOf({ row, column: hour })
      const key = `${day.date} ${hour}`
      if (isLeftOut(day, hour)) others.push(<LeftOut key={key} {...box} />)
      for (const [half, { left, filled, full, index }] of partsOf(day, hour, box).entries()) {
        const tone = toneOf(day.watts[index] ?? 0, steps)
        if (filled > 0) paths[tone] += `M${left} ${box.y}h${filled}v${box.height}h${-filled}z`
        if (offMinutes(day, index) > 0)
          others.push(
            <line
              key={`${key} ${half}`}
              x1={left + filled}
              y1={box.y + box.height / 2}
              x2={left + Math.max(full, filled + 2)}
              y2={box.y + box.height / 2}
              class="off"
            />,
          )
      }
    }
  return (
    <>
      {paths.map((path, tone) => (
        <path key={tone} d={path} fill={TONES[tone]} />
      ))}
      {others}
    </>
  )
}

/** Filled as wide as what is known of the hour; what was not measured of it is a line, as in Coverage. */
function partsOf(day: HoursOfDay, hour: number, { x, width }: Box) {
  const indexes = indexesByWall(day, hour)
  const full = width / indexes.length - (indexes.length > 1 ? 0.5 : 0)
  return indexes.map((index, half) => {
    const filled = day.watts[index] == null ? 0 : Math.max(1, full * shareOf(day, index))
    return { index, left: x + (half * width) / indexes.length, filled, full }
  })
}

function LeftOut({ x, y, width, height }: Box): JSX.Element {
  return (
    <rect
      x={x + 0.5}
      y={y + 0.5}
      width={width - 1}
      height={Math.max(1, height - 1)}
      fill="none"
      stroke="var(--edge)"
      stroke-dasharray="2 2"
    />
  )
}

/**
 * From which watts on each tone is. As many hours have one as another, whatever the season: a fixed scale would be black
 * all through a winter.
 */
export function toneSteps(days: readonly HoursOfDay[]): readonly number[] {
  const known = days.flatMap(({ watts }) => watts.filter((each) => each !== null)).toSorted((a, b) => a - b)
  const quantiles = TONES.map((_, tone) => known[Math.floor((tone * known.length) / TONES.length)] ?? 0)
  const round = quantiles.slice(1).map((watts) => Number(watts.toPrecision(2)))
  return [...new Set([0, ...round.filter((watts) => watts > 0)])]
}

/** In kilowatts, with the two digits that a step has. */
const stepText = (watts: number): string =>
  grouped(watts / 1000, watts === 0 || watts >= 10_000 ? 0 : watts < 1000 ? 2 : 1)

const toneOf = (watts: number, steps: readonly number[]): number =>
  Math.max(
    0,
    steps.findLastIndex((step) => watts >= step),
  )

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
