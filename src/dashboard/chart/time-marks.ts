import { DAY_MS, HOUR_MS, MINUTE_MS, type HouseTime, type LocalTime } from '../text/house-time.ts'
import { clockText, monthName } from '../text/time.ts'

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
export function timeMarks(
  { fromMs, untilMs }: { fromMs: number; untilMs: number },
  time: HouseTime,
  maxCount: number,
): readonly TimeMark[] {
  const leastMs = (untilMs - fromMs) / Math.max(1, maxCount)
  const isWithin = ({ ms }: TimeMark) => ms >= fromMs && ms <= untilMs
  const minutes = STEPS_MINUTES.find((step) => step * MINUTE_MS >= leastMs)
  if (minutes !== undefined)
    return days(fromMs, untilMs, time)
      .flatMap((day) => marksOfDay(day, minutes, time))
      .filter(isWithin)
  const dayStep = STEPS_DAYS.find((step) => step * DAY_MS >= leastMs)
  if (dayStep !== undefined) return dayMarks(days(fromMs, untilMs, time), dayStep, time).filter(isWithin)
  const monthStep = STEPS_MONTHS.find((step) => step * 30 * DAY_MS >= leastMs) ?? 12
  return monthMarks({ fromMs, untilMs }, monthStep, time).filter(isWithin)
}

function days(fromMs: number, untilMs: number, time: HouseTime): readonly LocalTime[] {
  const first = time.local(fromMs)
  const count = Math.ceil((untilMs - fromMs) / DAY_MS) + 2
  return Array.from({ length: count }, (_, index) =>
    time.local(time.instant({ year: first.year, month: first.month, day: first.day + index, hour: 0 })),
  )
}

function marksOfDay({ year, month, day, weekday }: LocalTime, minutes: number, time: HouseTime): readonly TimeMark[] {
  return Array.from({ length: (24 * 60) / minutes }, (_, index) => {
    const hour = Math.floor((index * minutes) / 60)
    const minute = (index * minutes) % 60
    const ms = time.instant({ year, month, day, hour, minute })
    const text =
      index === 0
        ? `${WEEKDAYS[weekday] ?? ''} ${day}`
        : clockText({ year, month, day, hour, minute, second: 0, weekday })
    return { ms, text, isMajor: index === 0, exists: time.local(ms).hour === hour }
  }).filter(({ exists, isMajor }) => exists || isMajor)
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONDAY = 1

function dayMarks(all: readonly LocalTime[], step: number, time: HouseTime): readonly TimeMark[] {
  const chosen =
    step < 7 ? all.filter((_, index) => index % step === 0) : all.filter(({ weekday }) => weekday === MONDAY)
  return chosen
    .filter((_, index) => step !== 14 || index % 2 === 0)
    .map(({ year, month, day }) => ({
      ms: time.instant({ year, month, day }),
      text: `${day} ${monthName(month)}`,
      isMajor: day === 1,
    }))
}

function monthMarks(
  { fromMs, untilMs }: { fromMs: number; untilMs: number },
  step: number,
  time: HouseTime,
): readonly TimeMark[] {
  const first = time.local(fromMs)
  const count = Math.ceil((untilMs - fromMs) / (28 * DAY_MS)) + 2
  return Array.from({ length: count }, (_, index) => first.year * 12 + first.month - 1 + index)
    .filter((months) => months % step === 0)
    .map((months) => {
      const year = Math.floor(months / 12)
      const month = (months % 12) + 1
      return {
        ms: time.instant({ year, month, day: 1 }),
        text: month === 1 ? String(year) : monthName(month),
        isMajor: month === 1,
      }
    })
}

/** Hours of a day for an axis that always has 00:00 to 24:00. */
export function dayHours(
  { fromMs, untilMs }: { fromMs: number; untilMs: number },
  time: HouseTime,
  stepHours: number,
): readonly TimeMark[] {
  const marks = Array.from({ length: Math.round((untilMs - fromMs) / HOUR_MS) }, (_, index) => fromMs + index * HOUR_MS)
    .map((ms) => ({ ms, local: time.local(ms) }))
    .filter(({ local }) => local.hour % stepHours === 0)
    .map(({ ms, local }) => ({ ms, text: clockText(local), isMajor: false }))
  return [...marks, { ms: untilMs, text: '24:00', isMajor: false }]
}
