/** Months and days count from 1. */
export interface LocalDate {
  readonly year: number
  readonly month: number
  readonly day: number
}

/** What the clock of the house shows. Weekdays count from Sunday as 0. */
export interface LocalTime extends LocalDate {
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly weekday: number
}

export interface HouseTime {
  readonly zone: string
  local(ms: number): LocalTime
  /** The instant of a wall time; in the hour that is missing, the one as long after midnight; in one that occurs twice, the first. */
  instant(wall: LocalDate & Partial<LocalTime>): number
  abbreviation(ms: number): string
}

export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS
export const DAY_MINUTES = DAY_MS / MINUTE_MS
/** No zone changes its offset within one. */
const QUARTER_MS = 15 * MINUTE_MS
const MAX_KEPT_OFFSETS = 20_000

export function houseTime(zone: string): HouseTime {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  const names = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'short' })
  const offsets = new Map<number, number>()

  /** No clock is put forward and back within a day: where both of its ends have the same offset, nobody asks further. */
  function offsetMs(ms: number): number {
    const dayMs = Math.floor(ms / DAY_MS) * DAY_MS
    const before = findOffset(dayMs)
    return before === findOffset(dayMs + DAY_MS) ? before : findOffset(ms)
  }

  function findOffset(ms: number): number {
    const quarter = Math.floor(ms / QUARTER_MS)
    const kept = offsets.get(quarter)
    if (kept !== undefined) return kept
    const startMs = quarter * QUARTER_MS
    const found = Object.fromEntries(parts.formatToParts(startMs).map(({ type, value }) => [type, Number(value)]))
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = found
    const offset = Date.UTC(year, month - 1, day, hour, minute, second) - startMs
    if (offsets.size > MAX_KEPT_OFFSETS) offsets.clear()
    offsets.set(quarter, offset)
    return offset
  }

  return {
    zone,
    local(ms) {
      const date = new Date(ms + offsetMs(ms))
      return {
        year: date.getUTCFullYear(),
        month: date.getUTCMonth() + 1,
        day: date.getUTCDate(),
        hour: date.getUTCHours(),
        minute: date.getUTCMinutes(),
        second: date.getUTCSeconds(),
        weekday: date.getUTCDay(),
      }
    },
    instant({ year, month, day, hour = 0, minute = 0 }) {
      const wallMs = Date.UTC(year, month - 1, day, hour, minute)
      const before = wallMs - offsetMs(wallMs - DAY_MS)
      const after = wallMs - offsetMs(wallMs + DAY_MS)
      return before + offsetMs(before) === wallMs ? before : after + offsetMs(after) === wallMs ? after : before
    },
    abbreviation: (ms) => names.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? zone,
  }
}

/** Days are written `2026-03-27` in questions and answers. */
export function parseDate(date: string): LocalDate {
  const [year = 1970, month = 1, day = 1] = date.split('-').map(Number)
  return { year, month, day }
}

export function dateText({ year, month, day }: LocalDate): string {
  return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10)
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)
}

/** An instant as it stands in a URL: local, with its offset. */
export function urlTime(ms: number, time: HouseTime): string {
  const { year, month, day, hour, minute } = time.local(ms)
  const offsetMinutes = Math.round((Date.UTC(year, month - 1, day, hour, minute) - ms) / MINUTE_MS)
  const size = Math.abs(offsetMinutes)
  const two = (value: number) => String(value).padStart(2, '0')
  const offset = `${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
  return `${dateText({ year, month, day })}T${two(hour)}:${two(minute)}${offset}`
}
