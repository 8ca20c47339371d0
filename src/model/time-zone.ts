import { at } from './at.ts'
import { DAY_MS } from './time-window.ts'

/** Local time of a zone as numbers: a local time is the Unix time, in ms, at which UTC shows the same. */
export interface TimeZone {
  readonly name: string
  /** What is added to UTC there at that time. */
  offsetMs(atMs: number): number
  localMs(atMs: number): number
  /** When the clock shows it first; where it is skipped, when the clock jumps over it. */
  instantMs(localMs: number): number
}

/** No IoTaWatt is older; rules of zones beyond the year 2100 are nobody's. */
const [FIRST_MS, LAST_MS] = [Date.UTC(2014, 0), Date.UTC(2100, 0)]
/** No clock is put forward and back within it. */
const STEP_MS = 7 * DAY_MS

interface Period {
  readonly fromMs: number
  readonly untilMs: number
  readonly offsetMs: number
}

/** @throws RangeError when there is no such zone. */
export function openTimeZone(name: string): TimeZone {
  const format = new Intl.DateTimeFormat('en', { timeZone: name, timeZoneName: 'longOffset' })
  const periods: Period[] = []

  /** Looked for as far as somebody asks: most never ask for the year 2100. */
  function periodAt(isIn: (period: Period) => boolean): Period {
    for (let index = periods.length - 1; index >= 0; index--) {
      const period = at(periods, index)
      if (isIn(period) && !isIn(periods[index - 1] ?? NEVER)) return period
    }
    for (;;) {
      const fromMs = periods.at(-1)?.untilMs ?? -Infinity
      const period = findPeriod(format, Math.max(fromMs, FIRST_MS))
      const found = { ...period, fromMs }
      periods.push(found)
      if (isIn(period) || period.untilMs === Infinity) return found
    }
  }
  const offsetMs = (atMs: number) => periodAt((period) => atMs < period.untilMs).offsetMs
  return {
    name,
    offsetMs,
    localMs: (atMs) => atMs + offsetMs(atMs),
    instantMs(localMs) {
      const period = periodAt((each) => localMs < each.untilMs + each.offsetMs)
      return Math.max(period.fromMs, localMs - period.offsetMs)
    },
  }
}

/**
 * What the standard time of a zone is ahead of UTC in the coming year: what holds until then may end with this summer.
 * @throws RangeError when there is no such zone.
 */
export function standardOffsetMs(name: string, atMs: number): number {
  const format = new Intl.DateTimeFormat('en', { timeZone: name, timeZoneName: 'longOffset' })
  const date = new Date(atMs)
  const nextMonth = date.getUTCMonth() < 6 ? 6 : 12
  const offsets = [nextMonth, nextMonth + 6].map((month) => readOffset(format, Date.UTC(date.getUTCFullYear(), month)))
  return Math.min(...offsets)
}

const NEVER: Period = { fromMs: -Infinity, untilMs: -Infinity, offsetMs: 0 }

/** The offset at that time, and until when it holds. */
function findPeriod(format: Intl.DateTimeFormat, fromMs: number): Period {
  const offsetMs = readOffset(format, fromMs)
  for (let weekMs = fromMs + STEP_MS; weekMs < LAST_MS; weekMs += STEP_MS) {
    if (readOffset(format, weekMs) === offsetMs) continue
    let [before, after] = [weekMs - STEP_MS, weekMs]
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2)
      if (readOffset(format, middle) === offsetMs) before = middle
      else after = middle
    }
    return { fromMs, untilMs: after, offsetMs }
  }
  return { fromMs, untilMs: Infinity, offsetMs }
}

/** From `GMT-04:00`, or `GMT` where there is none. */
function readOffset(format: Intl.DateTimeFormat, atMs: number): number {
  const text = format.formatToParts(atMs).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const [, sign, hours, minutes = '0'] = /GMT([+-])(\d+)(?::(\d+))?/.exec(text) ?? []
  if (hours === undefined) return 0
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
}

/** The number of a local day: days since 1 Jan 1970. */
export function dayOf(zone: TimeZone, atMs: number): number {
  return Math.floor(zone.localMs(atMs) / DAY_MS)
}

export function dayStartMs(zone: TimeZone, day: number): number {
  return zone.instantMs(day * DAY_MS)
}

/** `2026-03-27` */
export function formatDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}

/** `2026-03-27T13:40:00-04:00` */
export function formatLocal(zone: TimeZone, atMs: number): string {
  return `${new Date(zone.localMs(atMs)).toISOString().slice(0, 19)}${formatOffset(zone.offsetMs(atMs))}`
}

/** `-04:00` */
export function formatOffset(offsetMs: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const size = Math.abs(offsetMs / 60_000)
  return `${offsetMs < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
}
