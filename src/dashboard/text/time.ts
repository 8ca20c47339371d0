import {
  DAY_MS,
  dateText,
  HOUR_MS,
  MINUTE_MS,
  parseDate,
  type HouseTime,
  type LocalDate,
  type LocalTime,
} from './house-time.ts'
import { grouped } from './number.ts'
import { texts } from './texts.ts'

const nameFormat = (options: Intl.DateTimeFormatOptions) => {
  const format = new Intl.DateTimeFormat(texts.locale, { ...options, timeZone: 'UTC' })
  const [part] = Object.keys(options)
  return (ms: number): string => format.formatToParts(ms).find(({ type }) => type === part)?.value ?? ''
}
const nameOfMonth = nameFormat({ month: 'short' })
const longNameOfMonth = nameFormat({ month: 'long' })
/** Beside a day, German writes some months otherwise. */
const nameOfMonthInDate = nameFormat({ month: 'short', day: 'numeric' })
const nameOfWeekday = nameFormat({ weekday: 'short' })
const [SOME_YEAR, SOME_SUNDAY] = [2026, Date.UTC(2026, 0, 4)]

const two = (value: number): string => String(value).padStart(2, '0')

export const longMonthName = (month: number): string => longNameOfMonth(Date.UTC(SOME_YEAR, month - 1))
export const monthName = (month: number): string => nameOfMonth(Date.UTC(SOME_YEAR, month - 1))
const weekdayName = (weekday: number): string => nameOfWeekday(SOME_SUNDAY + weekday * DAY_MS)

/** `13:42` */
export const clockText = ({ hour, minute }: Pick<LocalTime, 'hour' | 'minute'>): string => `${two(hour)}:${two(minute)}`

/** `Fri 27 Mar`, with the year where it is another one than `thisYear`. */
export const dayText = (date: LocalDate & Pick<LocalTime, 'weekday'>, thisYear: number): string =>
  texts.weekdayDate(weekdayName(date.weekday), shortDayText(date, thisYear))

/** `Fri 27` */
export const weekdayDayText = ({ weekday, day }: Pick<LocalTime, 'weekday' | 'day'>): string =>
  texts.weekdayDay(weekdayName(weekday), day)

/** `27 Mar` */
export const shortDayText = ({ year, month, day }: LocalDate, thisYear: number): string =>
  `${texts.dayMonth(day, nameOfMonthInDate(Date.UTC(SOME_YEAR, month - 1)))}${year === thisYear ? '' : ` ${year}`}`

/** A day of a question or an answer: `Fri 27 Mar`. */
export const dateName = (date: string, thisYear: number): string => dayText(withWeekday(date), thisYear)

export const withWeekday = (date: string): LocalDate & Pick<LocalTime, 'weekday'> => ({
  ...parseDate(date),
  weekday: new Date(`${date}T00:00Z`).getUTCDay(),
})

/** Words about instants, by the clock of the house. */
export interface Formatter {
  readonly time: HouseTime
  /** `13:42` */
  at(ms: number): string
  /** `13:42`, or `Thu 26 Mar 13:42` on another day than now. */
  when(ms: number): string
  /** `27 Mar` */
  day(ms: number): string
  /** `Fri 27 Mar, 09:12 to 09:59` */
  span(fromMs: number, untilMs: number): string
}

export function publish(time: HouseTime, nowMs: number): Formatter {
  const now = time.local(nowMs)
  const at = (ms: number) => clockText(time.local(ms))
  const isSameDay = (oneMs: number, otherMs: number) => dateText(time.local(oneMs)) === dateText(time.local(otherMs))
  const full = (ms: number) => dayText(time.local(ms), now.year)
  return {
    time,
    at,
    when: (ms) => (isSameDay(ms, nowMs) ? at(ms) : `${full(ms)} ${at(ms)}`),
    day: (ms) => shortDayText(time.local(ms), now.year),
    span(fromMs, untilMs) {
      const end = isSameDay(fromMs, untilMs) ? at(untilMs) : `${full(untilMs)}, ${at(untilMs)}`
      return texts.to(`${full(fromMs)}, ${at(fromMs)}`, end)
    },
  }
}

/** `2 min`, `3 h 12 min`, `4 d` */
export function ageText(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / MINUTE_MS))
  const { min, h, d } = texts
  if (minutes < 60) return `${minutes} ${min}`
  if (ms < DAY_MS)
    return minutes % 60 === 0 ? `${minutes / 60} ${h}` : `${Math.floor(minutes / 60)} ${h} ${minutes % 60} ${min}`
  const days = Math.floor(ms / DAY_MS)
  return `${days} ${d(days)}`
}

/** The same where seconds count: `5 s` */
export const fineAgeText = (ms: number): string =>
  ms < MINUTE_MS ? `${Math.max(0, Math.floor(ms / 1000))} ${texts.s}` : ageText(ms)

/** `157 days`, of which a part counts as one. */
export const daysText = (minutes: number): string => texts.days(Math.ceil((minutes * MINUTE_MS) / DAY_MS))

/** Clocks are reported in seconds, and an answer takes some time. */
const IN_STEP_MS = 2_000

/** `in sync`, `14 s behind` */
export function clockWords(aheadMs: number): string {
  if (Math.abs(aheadMs) < IN_STEP_MS) return texts.inSync
  return (aheadMs < 0 ? texts.behind : texts.ahead)(lengthText(aheadMs))
}

/** `12 d 4 h`, `4 h 10 min`, `0.3 s` */
export function lengthText(ms: number): string {
  const size = Math.abs(ms)
  if (size < 10_000) return `${grouped(size / 1000, 1)} ${texts.s}`
  if (size < 120_000) return `${Math.round(size / 1000)} ${texts.s}`
  if (size < DAY_MS) return ageText(size)
  const hours = Math.floor((size % DAY_MS) / HOUR_MS)
  return hours === 0 ? ageText(size) : `${ageText(size)} ${hours} ${texts.h}`
}
