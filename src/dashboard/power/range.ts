import { misreadChoice, misreadInstants, readInstant, type Misread } from '../page/read-query.tsx'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../text/house-time.ts'

export interface Range {
  readonly fromMs: number
  readonly untilMs: number
}

export const PRESETS = [
  { name: '1h', label: '1 h', lengthMs: HOUR_MS },
  { name: '6h', label: '6 h', lengthMs: 6 * HOUR_MS },
  { name: '24h', label: '24 h', lengthMs: DAY_MS },
  { name: '7d', label: '7 d', lengthMs: 7 * DAY_MS },
  { name: '30d', label: '30 d', lengthMs: 30 * DAY_MS },
  { name: '1y', label: '1 y', lengthMs: 365 * DAY_MS },
  { name: 'all', label: 'All', lengthMs: undefined },
] as const

export const DEFAULT_PRESET = '24h'
export const LEAST_MS = 15 * MINUTE_MS
/** A point is a local day there, and 1,500 are the most that are asked for. */
export const MOST_MS = 1460 * DAY_MS

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
  const asked = query.get('range') ?? DEFAULT_PRESET
  const { name, lengthMs } = PRESETS.find((preset) => preset.name === asked) ?? {
    name: DEFAULT_PRESET,
    lengthMs: DAY_MS,
  }
  const allMs = Math.min(MOST_MS, Math.max(DAY_MS, lastMs - firstMs))
  return { fromMs: lastMs - (lengthMs ?? allMs), untilMs: lastMs, preset: name }
}

/** What of the range in the address could not be shown. */
export function misreadRange(query: URLSearchParams): readonly Misread[] {
  const unread = [
    ...misreadInstants(query, 'from', 'to'),
    ...misreadChoice(
      query,
      'range',
      PRESETS.map(({ name }) => name),
    ),
  ]
  const [from, to] = [query.get('from'), query.get('to')]
  if (unread.length > 0 || (from === null && to === null)) return unread
  if (to === null) return [{ key: 'from', found: from ?? '', expected: 'a span without to=' }]
  if (from === null) return [{ key: 'to', found: to, expected: 'a span without from=' }]
  const isForward = (readInstant(query, 'to') ?? 0) > (readInstant(query, 'from') ?? 0)
  return isForward ? [] : [{ key: 'to', found: to, expected: 'later than from' }]
}

/** One range earlier or later, not beyond the newest minute. */
export function stepRange({ fromMs, untilMs }: Range, by: 1 | -1, { lastMs }: Bounds): Range {
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

const toMinute = (ms: number): number => Math.round(ms / MINUTE_MS) * MINUTE_MS

export function pointName(step: string): string {
  const names: Readonly<Record<string, string>> = {
    minute: '1-minute means, as stored',
    '10m': '10-minute means',
    '30m': '30-minute means',
    '6h': '6-hour means',
    day: 'means of local days',
  }
  return names[step] ?? ''
}
