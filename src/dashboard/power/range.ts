import type { Power } from '../api/answers.ts'
import { misreadChoice, misreadInstants, readInstant, type Misread } from '../page/read-query.tsx'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../text/house-time.ts'
import { texts } from '../text/texts.ts'
import { clockText, dayText, shortDayText, type Formatter } from '../text/time.ts'

export interface Range {
  readonly fromMs: number
  readonly untilMs: number
}

export const PRESETS = [
  { name: '1h', lengthMs: HOUR_MS },
  { name: '6h', lengthMs: 6 * HOUR_MS },
  { name: '24h', lengthMs: DAY_MS },
  { name: '7d', lengthMs: 7 * DAY_MS },
  { name: '30d', lengthMs: 30 * DAY_MS },
  { name: '1y', lengthMs: 365 * DAY_MS },
  { name: 'all', lengthMs: undefined },
] as const

const DEFAULT_PRESET = { name: '24h', lengthMs: DAY_MS }
export const LEAST_MS = 15 * MINUTE_MS
/** A point is a local day there, and 1,500 are the most that are asked for. */
const MOST_MS = 1460 * DAY_MS

/** What can be shown: from the first stored day to the newest minute. */
export interface Bounds {
  readonly firstMs: number
  readonly lastMs: number
}

/** Of a preset, while it is one. */
export interface ReadRange extends Range {
  readonly preset: string | undefined
}

/** The range of the address: `from` and `to`, or a preset that ends with the newest minute. */
export function readRange(query: URLSearchParams, { firstMs, lastMs }: Bounds): ReadRange {
  const fromMs = readInstant(query, 'from')
  const untilMs = readInstant(query, 'to')
  if (fromMs !== undefined && untilMs !== undefined && untilMs > fromMs)
    return { fromMs, untilMs: Math.min(Math.max(untilMs, fromMs + LEAST_MS), fromMs + MOST_MS), preset: undefined }
  const asked = PRESETS.find(({ name }) => name === query.get('range'))
  const { name, lengthMs } = asked ?? DEFAULT_PRESET
  const allMs = Math.min(MOST_MS, Math.max(DAY_MS, lastMs - firstMs))
  return { fromMs: lastMs - (lengthMs ?? allMs), untilMs: lastMs, preset: name }
}

/** From so long on a point is a day: a line of parts of days would show nothing but that there are nights. */
const BY_DAY_MS = 100 * DAY_MS

/** Of a question to the API. */
export function spanQuery({ fromMs, untilMs }: Range, isByDay = untilMs - fromMs > BY_DAY_MS): string {
  const [from, until] = [fromMs, untilMs].map((ms) => `${new Date(ms).toISOString().slice(0, 16)}Z`)
  return `from=${from}&until=${until}${isByDay ? '&step=day' : ''}`
}

/** What of the range in the address could not be shown. */
export function misreadRange(query: URLSearchParams): readonly Misread[] {
  const presets = PRESETS.map(({ name }) => name)
  const unread = [...misreadInstants(query, 'from', 'to'), ...misreadChoice(query, 'range', presets)]
  const [from, to] = [query.get('from'), query.get('to')]
  if (unread.length > 0 || (from === null && to === null)) return unread
  if (to === null) return [{ key: 'from', found: from ?? '', expected: texts.misread.withoutTo }]
  if (from === null) return [{ key: 'to', found: to, expected: texts.misread.withoutFrom }]
  const isForward = (readInstant(query, 'to') ?? 0) > (readInstant(query, 'from') ?? 0)
  return isForward ? [] : [{ key: 'to', found: to, expected: texts.misread.laterThanFrom }]
}

/** One range earlier or later, not beyond the newest minute. */
export function stepRange({ fromMs, untilMs }: Range, by: 1 | -1, lastMs: number): Range {
  const lengthMs = untilMs - fromMs
  const until = Math.min(lastMs, untilMs + by * lengthMs)
  return { fromMs: until - lengthMs, untilMs: until }
}

/** Narrower or wider around an instant, within what can be shown. */
export function zoomRange(
  { fromMs, untilMs }: Range,
  factor: number,
  { aroundMs, lastMs }: { aroundMs: number; lastMs: number },
): Range {
  const lengthMs = Math.min(MOST_MS, Math.max(LEAST_MS, (untilMs - fromMs) * factor))
  const center = Math.min(untilMs, Math.max(fromMs, aroundMs))
  const share = (center - fromMs) / (untilMs - fromMs)
  const until = Math.min(lastMs, toMinute(center - share * lengthMs) + lengthMs)
  return { fromMs: toMinute(until - lengthMs), untilMs: toMinute(until) }
}

/** Two instants in any order, at least 15 minutes apart. */
export function spanRange(aMs: number, bMs: number): Range {
  const fromMs = toMinute(Math.min(aMs, bMs))
  return { fromMs, untilMs: Math.max(toMinute(Math.max(aMs, bMs)), fromMs + LEAST_MS) }
}

/** `26 Mar, 13:40 to 27 Mar, 13:40`; without the time of day where it says nothing; years where they differ. */
export function rangeText({ fromMs, untilMs }: Range, { time }: Formatter, thisYear: number): string {
  const hasTimes = untilMs - fromMs <= 8 * DAY_MS
  const [from, until] = [time.local(fromMs), time.local(untilMs)]
  const year = from.year === until.year ? thisYear : NaN
  const isSameDay = from.year === until.year && from.month === until.month && from.day === until.day
  const first = `${shortDayText(from, year)}${hasTimes ? `, ${clockText(from)}` : ''}`
  if (isSameDay) return texts.to(first, clockText(until))
  return texts.to(first, `${shortDayText(until, year)}${hasTimes ? `, ${clockText(until)}` : ''}`)
}

const toMinute = (ms: number): number => Math.round(ms / MINUTE_MS) * MINUTE_MS

export function pointStarts({ fromMs, stepMs, startsMs, house }: Power): readonly number[] {
  return startsMs ?? house.house.map((_, index) => fromMs + index * (stepMs ?? 0))
}

/** `06:44` and `EDT, Fri 27 Mar`; of a point of a day, the day. */
export function pointTime(power: Power, at: number, { time }: Formatter) {
  const ms = pointStarts(power)[at] ?? power.fromMs
  const local = time.local(ms)
  const year = time.local(power.untilMs).year
  if (power.step === 'day') return { clock: dayText(local, year), rest: texts.power.meanOfDay }
  return { clock: clockText(local), rest: `${time.abbreviation(ms)}, ${dayText(local, year)}` }
}
