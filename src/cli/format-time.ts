import { dayOf, formatDay, formatLocal, openTimeZone, type TimeZone } from '../model/time-zone.ts'
import { MINUTE_MS, type TimeWindow } from '../model/time-window.ts'

/** In no zone of today do clocks change within such a quarter of an hour of UTC. */
const SAME_OFFSET_MS = 15 * MINUTE_MS

/** `2024-05-31T12:00:00Z`; a part of a second only where there is one. */
export function formatUtc(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('.000Z', 'Z')
}

/** Times as the clocks of a place show them, e.g. `2024-05-31T14:00:00+02:00`. @throws RangeError for a zone that does not exist. */
export function localFormat(timeZone: string): (timeMs: number) => string {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
  let known = { quarter: NaN, offset: 'Z', offsetMs: 0 }
  return (timeMs) => {
    const quarter = Math.floor(timeMs / SAME_OFFSET_MS)
    if (quarter !== known.quarter) known = { quarter, ...offsetAt(format, timeMs) }
    return formatUtc(timeMs + known.offsetMs).replace('Z', known.offset)
  }
}

function offsetAt(format: Intl.DateTimeFormat, timeMs: number): { offset: string; offsetMs: number } {
  const name = format.formatToParts(timeMs).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const [, sign, hours, minutes, seconds] = /^GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(name) ?? []
  if (sign === undefined) return { offset: '+00:00', offsetMs: 0 }
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * MINUTE_MS + Number(seconds ?? 0) * 1000
  return { offset: `${sign}${hours}:${minutes}`, offsetMs: sign === '-' ? -offsetMs : offsetMs }
}

/** Times for people, as the clocks of the house show them. */
export interface HouseTimes {
  readonly zone: TimeZone
  /** `2024-05-31T14:00+02:00`, and `2024-05-31T12:00Z` where that is UTC. */
  minute(timeMs: number): string
  /** `2024-05-31T14:00:05+02:00` */
  second(timeMs: number): string
  /** `14:00:05`; with a `Z` where that is UTC. */
  clock(timeMs: number): string
  /** `2024-05-31` */
  day(timeMs: number): string
  window(window: TimeWindow): string
}

export function houseTimes(zoneName: string): HouseTimes {
  const zone = openTimeZone(zoneName)
  const second = (timeMs: number) => formatLocal(zone, timeMs).replace('+00:00', 'Z')
  const minute = (timeMs: number) => second(timeMs).replace(/^(.{16}):\d\d/, '$1')
  return {
    zone,
    minute,
    second,
    clock: (timeMs) =>
      second(timeMs)
        .slice(11)
        .replace(/[+-].*/, ''),
    day: (timeMs) => formatDay(dayOf(zone, timeMs)),
    window: ({ fromMs, untilMs }) => `${minute(fromMs)} to ${minute(untilMs)}`,
  }
}

/** `05:29` of today, `2026-11-28 05:29` of another day; with a `Z` where that is UTC. */
export function formatTimeOfDay(zone: TimeZone, timeMs: number, nowMs: number): string {
  const isToday = dayOf(zone, timeMs) === dayOf(zone, nowMs)
  const text = formatLocal(zone, timeMs)
    .slice(isToday ? 11 : 0, 16)
    .replace('T', ' ')
  return zone.offsetMs(timeMs) === 0 ? `${text}Z` : text
}

/** How an answer is laid out for a person. */
export interface Layout {
  readonly times: HouseTimes
  /** Of the terminal; left out: there is none. */
  readonly columns?: number | undefined
}

export function layoutOf({ zone, columns }: { readonly zone: string; readonly columns?: number | undefined }): Layout {
  return { times: houseTimes(zone), columns }
}
