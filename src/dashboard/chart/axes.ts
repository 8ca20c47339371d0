import { DAY_MS, HOUR_MS, MINUTE_MS, type HouseTime, type LocalTime } from '../text/house-time.ts'
import { grouped } from '../text/number.ts'
import { clockText, monthName, shortDayText, weekdayDayText } from '../text/time.ts'

const TOPS = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]
const MARKS = [1, 2, 3, 4, 6, 8, 10]

/** The top of an axis that begins at 0: a round number little above what is drawn, which fills at least three quarters. */
export function niceTop(max: number): number {
  if (!(max > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(max))
  return power * (TOPS.find((top) => top * power >= max * 0.999) ?? 10)
}

/** The round numbers of an axis from `min` (0 or below) to `max`. */
export function axisMarks(min: number, max: number, steps: number): readonly number[] {
  const rough = (max - min) / steps
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 2.5, 5, 10].find((size) => size * power >= rough * 0.999) ?? 10)
  const first = Math.ceil(min / step - 1e-9)
  const last = Math.floor(max / step + 1e-9)
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step)
}

/** A round number on both sides of 0, and 0, as far as they lie between `min` and `max`. */
export function signedMarks(min: number, max: number): readonly number[] {
  const size = Math.max(max, -min)
  const power = 10 ** Math.floor(Math.log10(size))
  const mark = power * (MARKS.findLast((top) => top * power <= size * 0.95) ?? 0.8)
  return [-mark, 0, mark].filter((value) => value >= min && value <= max)
}

/** The marks of an axis in words: the unit at the last, and as many decimals as tell them apart. */
export function axisLabels(
  marks: readonly number[],
  { size, unit }: { size: number; unit: string },
): readonly string[] {
  const isExact = (digits: number) =>
    marks.every((mark) => Math.abs((mark / size) * 10 ** digits - Math.round((mark / size) * 10 ** digits)) < 1e-6)
  const digits = [0, 1, 2].find(isExact) ?? 3
  return marks.map((mark, index) => `${grouped(mark / size, digits)}${index === marks.length - 1 ? ` ${unit}` : ''}`)
}

/** Watts while there are few. */
export const powerUnit = (topW: number): { readonly size: number; readonly unit: string } =>
  topW < 1000 ? { size: 1, unit: 'W' } : { size: 1000, unit: 'kW' }

export const greatest = (column: readonly (number | null)[]): number =>
  column.reduce<number>((max, value) => (value !== null && value > max ? value : max), 0)

export interface TimeSpan {
  readonly fromMs: number
  readonly untilMs: number
}

export interface TimeMark {
  readonly ms: number
  readonly text: string
  /** The start of a day among hours, of a year among months: set stronger. */
  readonly isMajor: boolean
}

const STEPS_MINUTES = [5, 10, 15, 30, 60, 120, 180, 360, 720]
const STEPS_DAYS = [1, 2, 7, 14]
const STEPS_MONTHS = [1, 3, 6, 12]

/** Marks at round local times: real time in between, so that they jump from 01:59 to 03:00 in spring. */
export function timeMarks(span: TimeSpan, time: HouseTime, maxCount: number): readonly TimeMark[] {
  const leastMs = (span.untilMs - span.fromMs) / Math.max(1, maxCount)
  return marksApart(span, leastMs, time).filter(({ ms }) => ms >= span.fromMs && ms <= span.untilMs)
}

function marksApart(span: TimeSpan, leastMs: number, time: HouseTime): readonly TimeMark[] {
  const minutes = STEPS_MINUTES.find((step) => step * MINUTE_MS >= leastMs)
  if (minutes !== undefined) return daysOf(span, time).flatMap((day) => marksOfDay(day, minutes, time))
  const days = STEPS_DAYS.find((step) => step * DAY_MS >= leastMs)
  if (days !== undefined) return dayMarks(daysOf(span, time), days, time)
  return monthMarks(span, STEPS_MONTHS.find((step) => step * 30 * DAY_MS >= leastMs) ?? 12, time)
}

function daysOf({ fromMs, untilMs }: TimeSpan, time: HouseTime): readonly LocalTime[] {
  const { year, month, day } = time.local(fromMs)
  const count = Math.ceil((untilMs - fromMs) / DAY_MS) + 2
  return Array.from({ length: count }, (_, index) => time.local(time.instant({ year, month, day: day + index })))
}

function marksOfDay(day: LocalTime, stepMinutes: number, time: HouseTime): readonly TimeMark[] {
  return Array.from({ length: (24 * 60) / stepMinutes }, (_, index) => {
    const minutes = index * stepMinutes
    const wall = { ...day, hour: Math.floor(minutes / 60), minute: minutes % 60 }
    const ms = time.instant(wall)
    const isMajor = index === 0
    const text = isMajor ? weekdayDayText(day) : clockText(wall)
    return { ms, text, isMajor, exists: time.local(ms).hour === wall.hour }
  }).filter(({ exists, isMajor }) => exists || isMajor)
}

const MONDAY = 1

/** Steps of weeks begin on Mondays. */
function dayMarks(all: readonly LocalTime[], stepDays: number, time: HouseTime): readonly TimeMark[] {
  const isByWeek = stepDays >= 7
  const every = isByWeek ? stepDays / 7 : stepDays
  return all
    .filter(({ weekday }) => !isByWeek || weekday === MONDAY)
    .filter((_, index) => index % every === 0)
    .map(({ year, month, day }) => ({
      ms: time.instant({ year, month, day }),
      text: shortDayText({ year, month, day }, year),
      isMajor: day === 1,
    }))
}

function monthMarks({ fromMs, untilMs }: TimeSpan, stepMonths: number, time: HouseTime): readonly TimeMark[] {
  const first = time.local(fromMs)
  const count = Math.ceil((untilMs - fromMs) / (28 * DAY_MS)) + 2
  return Array.from({ length: count }, (_, index) => first.year * 12 + first.month - 1 + index)
    .filter((months) => months % stepMonths === 0)
    .map((months) => {
      const year = Math.floor(months / 12)
      const month = (months % 12) + 1
      const isMajor = month === 1
      return { ms: time.instant({ year, month, day: 1 }), text: isMajor ? String(year) : monthName(month), isMajor }
    })
}

/** Hours of a day for an axis that always has 00:00 to 24:00. */
export function dayHours({ fromMs, untilMs }: TimeSpan, time: HouseTime, stepHours: number): readonly TimeMark[] {
  const marks = Array.from({ length: Math.round((untilMs - fromMs) / HOUR_MS) }, (_, index) => fromMs + index * HOUR_MS)
    .map((ms) => ({ ms, local: time.local(ms) }))
    .filter(({ local }) => local.hour % stepHours === 0)
    .map(({ ms, local }) => ({ ms, text: clockText(local), isMajor: false }))
  return [...marks, { ms: untilMs, text: '24:00', isMajor: false }]
}
