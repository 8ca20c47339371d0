/** What the firmware's calendar cannot hold comes out as this. */
const NO_TIME_S = 2 ** 32 - 1
const MOST_YEARS = 10_000

export interface CalendarTime {
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
