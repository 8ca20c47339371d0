import { DAY_MS, MINUTE_MS } from '../model/time-window.ts'
import { dayOf, dayStartMs, type TimeZone } from '../model/time-zone.ts'

/** Neighbouring minutes of one day of the house. */
export interface DayPart {
  readonly day: number
  readonly fromMs: number
  /** Where it begins among the minutes that were split, and how many they are. */
  readonly first: number
  readonly count: number
  /** Which minute of the day the clock shows in each. */
  readonly clock: Int16Array
}

/** Minutes from a time on, split by the days of the house: no date is computed per minute, but where clocks change. */
export function splitByDays(zone: TimeZone, fromMs: number, minutes: number): DayPart[] {
  const parts: DayPart[] = []
  const untilMs = fromMs + minutes * MINUTE_MS
  for (let startMs = fromMs; startMs < untilMs;) {
    const day = dayOf(zone, startMs)
    const [dayMs, nextMs] = [dayStartMs(zone, day), dayStartMs(zone, day + 1)]
    const endMs = Math.min(untilMs, nextMs)
    const count = Math.round((endMs - startMs) / MINUTE_MS)
    const minuteAt = (atMs: number) => Math.floor((zone.localMs(atMs) - day * DAY_MS) / MINUTE_MS)
    const first = minuteAt(startMs)
    const isEven = nextMs - dayMs === DAY_MS
    const clock = new Int16Array(count)
    for (let minute = 0; minute < count; minute++)
      clock[minute] = isEven ? first + minute : minuteAt(startMs + minute * MINUTE_MS)
    parts.push({ day, fromMs: startMs, first: Math.round((startMs - fromMs) / MINUTE_MS), count, clock })
    startMs = endMs
  }
  return parts
}
