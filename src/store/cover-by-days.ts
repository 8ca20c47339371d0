import { countSample, emptyCoverage, MinuteState, type Labels, type SeriesCoverage } from '../model/series.ts'
import type { Store } from '../model/store.ts'
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

/** A year of digests a question; a month of samples. */
const DIGEST_MS = 366 * DAY_MS
const READ_MS = 31 * DAY_MS

/** Exact, yet cheap: days that are empty or complete are known by their digest, only the others are read. */
export function coverByDays(reader: DayReader): Store['coverage'] {
  return async (series, window, signal) => {
    const expected = new Map(series.map((labels) => [storedKey(labels), emptyCoverage(labels, window)]))
    const onSample = (key: string, atMs: number) => {
      const coverage = expected.get(key)
      if (coverage) countSample(coverage, atMs)
    }
    for (const part of expected.size > 0 ? splitWindow(window, DIGEST_MS) : [])
      for (const mixed of await findMixed(reader, { expected, part }, signal))
        for (const span of splitWindow(mixed.window, READ_MS))
          await reader.readTimes(labelsOf(mixed.series), { window: span, onSample, signal })
    return series.map((labels) => expected.get(storedKey(labels)) ?? emptyCoverage(labels, window))
  }
}

function labelsOf(series: readonly SeriesCoverage[]): readonly Labels[] {
  return series.map(({ labels }) => labels)
}

interface MixedSpan {
  readonly window: TimeWindow
  readonly series: readonly SeriesCoverage[]
}

/** Fills the complete days in, and names the spans that must be read sample by sample. */
async function findMixed(
  reader: DayReader,
  { expected, part }: { expected: ReadonlyMap<string, SeriesCoverage>; part: TimeWindow },
  signal: AbortSignal,
): Promise<readonly MixedSpan[]> {
  const all = [...expected.values()]
  const dayCount = Math.floor(minuteCount(part) / MINUTES_A_DAY)
  const days = { fromMs: part.fromMs, untilMs: part.fromMs + dayCount * DAY_MS }
  const rest = { window: { fromMs: days.untilMs, untilMs: part.untilMs }, series: all }
  const digest: DayDigest = dayCount > 0 ? await reader.digestDays(labelsOf(all), days, signal) : new Map()
  const spans = splitWindow(days, DAY_MS).map((day, index) => {
    const inState = (state: number) =>
      [...expected].filter(([key]) => digest.get(key)?.[index] === state).map(([, coverage]) => coverage)
    for (const coverage of inState(DayState.complete)) fillDay(coverage, day)
    return { window: day, series: inState(DayState.mixed) }
  })
  return joinSpans([...spans, rest].filter((span) => span.series.length > 0 && minuteCount(span.window) > 0))
}

function fillDay({ window, minutes }: SeriesCoverage, day: TimeWindow): void {
  const from = (day.fromMs - window.fromMs) / MINUTE_MS
  minutes.fill(MinuteState.there, from, from + MINUTES_A_DAY)
}

/** Neighbours that need the same series, which are always in the same order, become one span. */
function joinSpans(spans: readonly MixedSpan[]): readonly MixedSpan[] {
  const joined: MixedSpan[] = []
  for (const { window, series } of spans) {
    const last = joined.at(-1)
    const isSame = last?.series.length === series.length && last.series.every((each, index) => each === series[index])
    if (isSame && last.window.untilMs === window.fromMs)
      joined[joined.length - 1] = { window: { ...last.window, untilMs: window.untilMs }, series }
    else joined.push({ window, series })
  }
  return joined
}
