import { DAY_MS } from '../model/time-window.ts'

/** A time as a file has it: numbers of its date in the order in which they stand. */
export interface Stamp {
  readonly numbers: readonly [number, number, number]
  /** By what stands between them; `unknown`: day or month first. */
  readonly order: 'ymd' | 'dmy' | 'unknown'
  readonly timeMs: number
  /** What it is ahead of UTC; left out: it is a time of the house. */
  readonly offsetMs?: number
}

export type DateOrder = 'dmy' | 'mdy'

const DATE = String.raw`(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})|(\d{1,2})([-/.])(\d{1,2})\6(\d{4}|\d\d)`
const CLOCK = String.raw`(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*([ap])?\.?(?:m\.?)?`
const ZONE = String.raw`\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?(?:\s*[A-Z]{3,4})?`
const STAMP = new RegExp(`^(?:${DATE})(?:[T,\\s]+${CLOCK}${ZONE})?(?:\\s*(?:to|-|–|bis)\\s.*)?$`, 'i')

export function readStamp(text: string): Stamp | undefined {
  const found = STAMP.exec(text.trim())
  if (!found) return undefined
  const [, year, , month, day, first, sign, second, third, hour = '0', minute = '0', seconds = '0', half, zone] = found
  const clockHour = half === undefined ? Number(hour) : (Number(hour) % 12) + (half.toLowerCase() === 'p' ? 12 : 0)
  const timeMs = ((clockHour * 60 + Number(minute)) * 60 + Number(seconds)) * 1000
  if (timeMs > DAY_MS || Number(minute) > 59) return undefined
  const offset = zone === undefined ? {} : { offsetMs: zoneOffsetMs(zone) }
  if (year !== undefined)
    return { numbers: [Number(year), Number(month), Number(day)], order: 'ymd', timeMs, ...offset }
  const fullYear = Number(third) + (third?.length === 2 ? 2000 : 0)
  return {
    numbers: [Number(first), Number(second), fullYear],
    order: sign === '.' ? 'dmy' : 'unknown',
    timeMs,
    ...offset,
  }
}

function zoneOffsetMs(zone: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? []
  return sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
}

/** As UTC would show it; undefined for a date that does not exist. */
export function localMsOf({ numbers, order, timeMs }: Stamp, dateOrder: DateOrder): number | undefined {
  const [a, b, c] = numbers
  const [year, month, day] =
    order === 'ymd' ? [a, b, c] : order === 'dmy' || dateOrder === 'dmy' ? [c, b, a] : [c, a, b]
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() + timeMs : undefined
}

/** The one in which all dates exist and are nearest to each other; else that of America where the house is there. */
export function dateOrderOf(stamps: readonly Stamp[], zoneName: string): DateOrder {
  const spanOf = (order: DateOrder) => {
    let [first, last] = [Infinity, -Infinity]
    for (const stamp of stamps) {
      const localMs = localMsOf(stamp, order)
      if (localMs === undefined) return Infinity
      first = Math.min(first, localMs)
      last = Math.max(last, localMs)
    }
    return last - first
  }
  const [dmy, mdy] = [spanOf('dmy'), spanOf('mdy')]
  if (dmy !== mdy) return dmy < mdy ? 'dmy' : 'mdy'
  return zoneName.startsWith('America/') || zoneName.startsWith('US/') ? 'mdy' : 'dmy'
}
