import { localToUtc, utcToLocal, type TimeZone } from '../card/local-time.ts'

const LONGEST = 31
const LOG_INTERVAL_S = 5

interface CalendarTime {
  year: number
  /** 0 to 11, as in a `Date`; larger and smaller numbers carry over. */
  month: number
  day: number
  hour: number
  minute: number
  second: number
}

export interface TimeContext {
  readonly nowS: number
  readonly zone: TimeZone
  readonly takesSpaceForPlus: boolean
}

/** A time specifier of the query language in Unix seconds, undefined when the device does not understand it. */
export function parseTime(text: string, { nowS, zone, takesSpaceForPlus }: TimeContext): number | undefined {
  const specifier = text.slice(0, LONGEST)
  if (/^\d{10}$|^\d{13}$/.test(specifier)) return Number(specifier.slice(0, 10))
  if (/^20\d\d(?!\d)/.test(specifier)) return parseDate(specifier, zone)
  if (!takesSpaceForPlus && specifier.includes(' ')) return undefined
  return parseRelative(specifier, { nowS, zone })
}

const DATE = /^(\d{4})(?:-(\d+)(?:-(\d+)(?:T(\d+)(?::(\d+)(?::(\d+))?)?)?)?)?(Z?)$/

function parseDate(text: string, zone: TimeZone): number | undefined {
  const [, year, month, day, hour, minute, second, utc] = DATE.exec(text) ?? []
  if (year === undefined) return undefined
  if (outside(month, 1, 12) || outside(day, 1, 31) || outside(hour, 0, 24) || outside(minute, 0, 59)) return undefined
  const timeS = toSeconds({
    year: Number(year),
    // Without a day the device forgets to count the month from 0.
    month: month === undefined ? 0 : Number(month) - (day === undefined ? 0 : 1),
    day: Number(day ?? 1),
    hour: Number(hour ?? 0),
    minute: Number(minute ?? 0),
    second: Number(second ?? 0),
  })
  return utc === 'Z' ? timeS : localToUtc(zone, timeS)
}

function outside(digits: string | undefined, least: number, most: number): boolean {
  return digits !== undefined && (Number(digits) < least || Number(digits) > most)
}

const RELATIVE = /^([yMwdhms])((?:[-+ ]\d+[yMwdhms])*)$/

function parseRelative(text: string, { nowS, zone }: Pick<TimeContext, 'nowS' | 'zone'>): number | undefined {
  const [, base, offsets] = RELATIVE.exec(text) ?? []
  if (base === undefined || offsets === undefined) return undefined
  const time = startOf(base, utcToLocal(zone, nowS))
  for (const [, sign, digits, unit] of offsets.matchAll(/([-+ ])(\d+)([yMwdhms])/g)) {
    const amount = Number(digits) * (sign === '-' ? -1 : 1)
    if (amount === 0 || unit === undefined) return undefined
    addTo(time, unit, amount)
  }
  return localToUtc(zone, toSeconds(time))
}

function startOf(base: string, localS: number): CalendarTime {
  const now = new Date(localS * 1000)
  const time = fromDate(now)
  time.second -= time.second % LOG_INTERVAL_S
  if (base === 's') return time
  time.second = 0
  if (base === 'm') return time
  time.minute = 0
  if (base === 'h') return time
  time.hour = 0
  if (base === 'w') time.day -= now.getUTCDay()
  if (base === 'M' || base === 'y') time.day = 1
  if (base === 'y') time.month = 0
  return time
}

function addTo(time: CalendarTime, unit: string, amount: number): void {
  if (unit === 'y') time.year += amount
  else if (unit === 'M') time.month += amount
  else if (unit === 'w') time.day += 7 * amount
  else if (unit === 'd') time.day += amount
  else if (unit === 'h') time.hour += amount
  else if (unit === 'm') time.minute += amount
  else time.second += amount - (amount % LOG_INTERVAL_S)
}

function fromDate(date: Date): CalendarTime {
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth(),
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  }
}

function toSeconds({ year, month, day, hour, minute, second }: CalendarTime): number {
  return Date.UTC(year, month, day, hour, minute, second) / 1000
}
