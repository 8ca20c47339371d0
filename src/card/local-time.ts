/** When clocks change: the `instance`-th (from the end when negative) `weekday` (1 is Sunday) of a month. */
export interface ClockChange {
  readonly month: number
  readonly weekday: number
  readonly instance: number
  /** Minutes after midnight, in the time that ends then, or in UTC. */
  readonly timeMinutes: number
}

export interface DaylightRule {
  readonly shiftMinutes: number
  readonly utc: boolean
  readonly begin: ClockChange
  readonly end: ClockChange
}

/** A device's own idea of local time. */
export interface TimeZone {
  /** Standard time ahead of UTC. */
  readonly offsetMinutes: number
  readonly daylight?: DaylightRule
}

/** Local wall clock as if it were UTC; both in Unix seconds. */
export function utcToLocal(zone: TimeZone, utcS: number): number {
  const standardS = utcS + zone.offsetMinutes * 60
  return standardS + daylightShiftS(zone, standardS)
}

/** A time that occurs twice is the later one; one that does not occur is taken for daylight time. */
export function localToUtc(zone: TimeZone, localS: number): number {
  return localS - zone.offsetMinutes * 60 - daylightShiftS(zone, localS)
}

function daylightShiftS(zone: TimeZone, timeS: number): number {
  if (zone.daylight === undefined) return 0
  const { beginS, endS } = daylightSpan(zone, zone.daylight, timeS)
  const [isAfterBegin, isBeforeEnd] = [timeS >= beginS, timeS < endS]
  const isDaylight = beginS < endS ? isAfterBegin && isBeforeEnd : isAfterBegin || isBeforeEnd
  return isDaylight ? zone.daylight.shiftMinutes * 60 : 0
}

/** Both ends in standard time of the year in question. */
function daylightSpan(zone: TimeZone, rule: DaylightRule, standardS: number): { beginS: number; endS: number } {
  const year = new Date(standardS * 1000).getUTCFullYear()
  const offsetS = rule.utc ? zone.offsetMinutes * 60 : 0
  const endShiftS = rule.utc ? 0 : rule.shiftMinutes * 60
  return { beginS: changeS(rule.begin, year) + offsetS, endS: changeS(rule.end, year) + offsetS - endShiftS }
}

function changeS(change: ClockChange, year: number): number {
  const weekday = change.weekday - 1
  const lastDay = new Date(Date.UTC(year, change.month, 0))
  const firstWeekday = new Date(Date.UTC(year, change.month - 1, 1)).getUTCDay()
  const day =
    change.instance > 0
      ? 1 + ((weekday - firstWeekday + 7) % 7) + 7 * (change.instance - 1)
      : lastDay.getUTCDate() - ((lastDay.getUTCDay() - weekday + 7) % 7) + 7 * (change.instance + 1)
  return Date.UTC(year, change.month - 1, Math.min(day, lastDay.getUTCDate())) / 1000 + change.timeMinutes * 60
}
