import { countSample, emptyCoverage, MinuteState, type Labels, type SeriesCoverage } from '../model/series.ts'
import { DAY_MS, MINUTE_MS, minuteCount, splitWindow, type TimeWindow } from '../model/time-window.ts'
import { storedKey } from './stored-labels.ts'

export const MINUTES_A_DAY = DAY_MS / MINUTE_MS

/** Of 24 hours of a series: no sample, exactly one on every minute and none beside, or anything else. */
export const DayState = { empty: 0, complete: 1, mixed: 2 } as const

/** A `DayState` for each complete day of a window, by `storedKey`; a series that is not named is empty. */
export type DayDigest = ReadonlyMap<string, Uint8Array>

export interface DayReader {
  /** Answers for days that are counted from the start of the window; it holds complete ones only. */
  digestDays(series: readonly Labels[], days: TimeWindow, signal: AbortSignal): Promise<DayDigest>
  readTimes(
    series: readonly Labels[],
    options: { window: TimeWindow; onSample: (key: string, atMs: number) => void; signal: AbortSignal },
  ): Promise<void>
}

interface MixedSpan {
  readonly window: TimeWindow
  readonly keys: readonly string[]
}

/** A year of digests a question; a month of samples. */
const DIGEST_MS = 366 * DAY_MS
const READ_MS = 31 * DAY_MS

/** Exact, yet cheap: days that are empty or complete are known by their digest, only the others are read. */
export async function coverByDays(
  reader: DayReader,
  { series, window }: { series: readonly Labels[]; window: TimeWindow },
  signal: AbortSignal,
): Promise<readonly SeriesCoverage[]> {
  const expected = new Map(series.map((labels) => [storedKey(labels), emptyCoverage(labels, window)]))
  const labelsOf = (keys: readonly string[]) =>
    keys.map((key) => expected.get(key)?.labels).filter((labels) => labels !== undefined)
  const onSample = (key: string, atMs: number) => {
    const coverage = expected.get(key)
    if (coverage) countSample(coverage, atMs)
  }
  if (expected.size > 0)
    for (const part of splitWindow(window, DIGEST_MS)) {
      const mixed = await findMixed(reader, { expected, part }, signal)
      for (const span of mixed.flatMap(splitSpan))
        await reader.readTimes(labelsOf(span.keys), { window: span.window, onSample, signal })
    }
  return series.map((labels) => expected.get(storedKey(labels)) ?? emptyCoverage(labels, window))
}

/** Fills the complete days in, and names the spans that must be read sample by sample. */
async function findMixed(
  reader: DayReader,
  { expected, part }: { expected: ReadonlyMap<string, SeriesCoverage>; part: TimeWindow },
  signal: AbortSignal,
): Promise<readonly MixedSpan[]> {
  const keys = [...expected.keys()]
  const dayCount = Math.floor(minuteCount(part) / MINUTES_A_DAY)
  const days = { fromMs: part.fromMs, untilMs: part.fromMs + dayCount * DAY_MS }
  const rest = { window: { fromMs: days.untilMs, untilMs: part.untilMs }, keys }
  const labels = [...expected.values()].map((coverage) => coverage.labels)
  const digest: DayDigest = dayCount > 0 ? await reader.digestDays(labels, days, signal) : new Map()
  const spans = splitWindow(days, DAY_MS).map((day, index) => {
    for (const [key, coverage] of expected) if (digest.get(key)?.[index] === DayState.complete) fillDay(coverage, day)
    return { window: day, keys: keys.filter((key) => digest.get(key)?.[index] === DayState.mixed) }
  })
  return joinSpans([...spans, rest].filter((span) => span.keys.length > 0 && minuteCount(span.window) > 0))
}

function fillDay({ window, minutes }: SeriesCoverage, day: TimeWindow): void {
  const from = (day.fromMs - window.fromMs) / MINUTE_MS
  minutes.fill(MinuteState.there, from, from + MINUTES_A_DAY)
}

/** Neighbours that need the same series become one span. */
function joinSpans(spans: readonly MixedSpan[]): readonly MixedSpan[] {
  const joined: MixedSpan[] = []
  for (const span of spans) {
    const last = joined.at(-1)
    if (last && last.window.untilMs === span.window.fromMs && sameKeys(last.keys, span.keys))
      joined[joined.length - 1] = { window: { ...last.window, untilMs: span.window.untilMs }, keys: span.keys }
    else joined.push(span)
  }
  return joined
}

/** Both are in the order of the question. */
function sameKeys(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((key, index) => key === b[index])
}

function splitSpan({ window, keys }: MixedSpan): readonly MixedSpan[] {
  return splitWindow(window, READ_MS).map((part) => ({ window: part, keys }))
}
