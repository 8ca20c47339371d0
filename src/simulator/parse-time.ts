import { localToUtc, utcToLocal, type TimeZone } from '../card/local-time.ts'

const LONGEST = 31
const LOG_INTERVAL_S = 5
const MOST_LONG = 2 ** 31 - 1
const MOST_UNSIGNED = 2 ** 32 - 1

export interface TimeContext {
  readonly nowS: number
  readonly zone: TimeZone
  readonly takesSpaceForPlus: boolean
}

/** A time specifier of the query language in Unix seconds (32 bits), 0 when the device does not understand it. */
export function parseTime(text: string, context: TimeContext): number {
  const specifier = text.slice(0, LONGEST).replace(/\0[^]*/, '')
  if (/^\d{10}$|^\d{13}$/.test(specifier)) return Number(specifier.slice(0, 10)) >>> 0
  const year = readInteger(specifier)
  if (year.value >= 2000 && year.value <= 2099) return parseDate(year, context.zone)
  if (!context.takesSpaceForPlus && specifier.includes(' ')) return 0
  return parseRelative(specifier, context)
}

interface ReadInteger {
  readonly value: number
  readonly rest: string
}

/** As C reads a number: after spaces, with a sign, in 32 bits; nothing at all is 0. */
function readInteger(text: string): ReadInteger {
  const [all, sign, digits] = /^[\t-\r ]*([-+]?)(\d+)/.exec(text) ?? []
  if (all === undefined) return { value: 0, rest: text }
  const size = Math.min(Number(digits), MOST_UNSIGNED)
  return { value: (sign === '-' && Number(digits) <= MOST_UNSIGNED ? -size : size) | 0, rest: text.slice(all.length) }
}

/** What each part of a date may be, and the sign that must follow it for the next one to be read. */
const DATE_PARTS = [
  { least: 1, most: 12, next: '-' },
  { least: 1, most: 31, next: 'T' },
  { least: 0, most: 24, next: ':' },
  { least: 0, most: 59, next: ':' },
] as const

function parseDate({ value: year, rest }: ReadInteger, zone: TimeZone): number {
  const parts: number[] = []
  let left = rest
  let isOpen = left.startsWith('-')
  for (const { least, most, next } of DATE_PARTS) {
    if (!isOpen) break
    const { value, rest: behind } = readInteger(left.slice(1))
    if (value < least || value > most) return 0
    parts.push(value)
    left = behind
    isOpen = left.startsWith(next)
  }
  const second = isOpen ? readInteger(left.slice(1)) : { value: 0, rest: left }
  if (second.rest !== '' && second.rest !== 'Z') return 0
  const [month = 0, day, hour = 0, minute = 0] = parts
  // Without a day the device forgets to count the month from 0.
  const time = { year, month: day === undefined ? month : month - 1, day: day ?? 1, hour, minute }
  const timeS = toSeconds({ ...time, second: second.value })
  return second.rest === 'Z' ? timeS : localToUtc(zone, timeS) >>> 0
}

const RELATIVE = /^([yMwdhms])((?:[-+ ]\d+[yMwdhms])*)$/

function parseRelative(text: string, { nowS, zone }: Pick<TimeContext, 'nowS' | 'zone'>): number {
  const [, base, offsets] = RELATIVE.exec(text) ?? []
  if (base === undefined || offsets === undefined) return 0
  const time = startOf(base, utcToLocal(zone, nowS))
  for (const [, sign, digits, unit] of offsets.matchAll(/([-+ ])(\d+)([yMwdhms])/g)) {
    const size = Number(digits)
    const amount = sign === '-' ? -Math.min(size, MOST_LONG + 1) : Math.min(size, MOST_LONG)
    if (amount === 0 || unit === undefined) return 0
    addTo(time, unit, amount)
  }
  return localToUtc(zone, toSeconds(time)) >>> 0
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
  if (unit === 'y') time.year = 1900 + ((time.year - 1900 + amount) | 0)
  else if (unit === 'M') time.month = (time.month + amount) | 0
  else if (unit === 'w') time.day = (time.day + 7 * amount) | 0
  else if (unit === 'd') time.day = (time.day + amount) | 0
  else if (unit === 'h') time.hour = (time.hour + amount) | 0
  else if (unit === 'm') time.minute = (time.minute + amount) | 0
  else time.second = (time.second + amount - (amount % LOG_INTERVAL_S)) | 0
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

/** What the firmware's calendar cannot hold comes out as this. */
const NO_TIME_S = 2 ** 32 - 1
const MOST_YEARS = 10_000

interface CalendarTime {
  year: number
  /** 0 to 11, as in a `Date`; larger and smaller numbers carry over. */
  month: number
  day: number
  hour: number
  minute: number
  second: number
}

/** In 32 bits, whatever is added up. */
export function toSeconds({ year, month, day, hour, minute, second }: CalendarTime): number {
  if (Math.abs(year - 1900) > MOST_YEARS) return NO_TIME_S
  const firstS = Date.UTC(year + Math.floor(month / 12), month - 12 * Math.floor(month / 12), 1) / 1000
  return ((firstS + (day - 1) * 86_400 + hour * 3600 + minute * 60 + second) % 2 ** 32) >>> 0
}
