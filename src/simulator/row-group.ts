import { localToUtc, utcToLocal, type TimeZone } from '../card/local-time.ts'
import { toSeconds } from './calendar-time.ts'
import { QueryError } from './query-error.ts'

/** What one row of an answer covers. */
export interface RowGroup {
  readonly unit: 's' | 'm' | 'h' | 'd' | 'w' | 'M' | 'y'
  readonly count: number
}

const AUTO_INTERVALS_S = [5, 10, 15, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 21_600, 28_800]
const MOST_COUNT = 2 ** 31 - 1
const ROWS_LOW = 400
const ROWS_HIGH = 800

export function parseGroup(
  text: string,
  { spanS, highResolution }: { spanS: number; highResolution: boolean },
): RowGroup {
  if (text === 'all') return { unit: 's', count: spanS }
  if (text === 'auto') {
    const wishedS = Math.floor(spanS / (highResolution ? ROWS_HIGH : ROWS_LOW))
    return { unit: 's', count: AUTO_INTERVALS_S.find((intervalS) => wishedS <= intervalS) ?? 86_400 }
  }
  const count = Math.min(Math.max(1, Number.parseInt(text, 10) || 0), MOST_COUNT)
  const unit = /[smhdwMy]$/.exec(text)?.[0]
  switch (unit) {
    case 's':
    case 'm':
    case 'h':
    case 'd':
    case 'w':
    case 'M':
    case 'y':
      return { unit, count }
    default:
      if (count % 5 !== 0) throw new QueryError('Invalid group')
      return { unit: 's', count }
  }
}

/**
 * Where the row that starts at a time ends; seconds count on, all others end on the clock or the calendar. The firmware
 * adds in 32 bits, of which its clock takes the first for a sign.
 */
export function nextGroup(timeS: number, group: RowGroup, zone: TimeZone): number {
  if (group.unit === 's') return (timeS + group.count) >>> 0
  if (group.unit === 'm') return (timeS + 60 * group.count - ((timeS | 0) % 60)) >>> 0
  if (group.unit === 'h') return (timeS + 3600 * group.count - ((timeS | 0) % 3600)) >>> 0
  const local = new Date((utcToLocal(zone, timeS) | 0) * 1000)
  return localToUtc(zone, nextMidnight(local, group)) >>> 0
}

function nextMidnight(local: Date, { unit, count }: RowGroup): number {
  const date = { year: local.getUTCFullYear(), month: local.getUTCMonth(), day: local.getUTCDate() }
  if (unit === 'd') date.day = (date.day + count) | 0
  if (unit === 'w') date.day = (date.day + 7 * count - local.getUTCDay()) | 0
  if (unit === 'M' || unit === 'y') date.day = 1
  if (unit === 'M') date.month = (date.month + count) | 0
  if (unit === 'y') Object.assign(date, { month: 0, year: 1900 + ((date.year - 1900 + count) | 0) })
  return toSeconds({ ...date, hour: 0, minute: 0, second: 0 })
}
