import { at } from '../../../model/at.ts'
import { MinuteState, type Labels } from '../../../model/series.ts'
import { MINUTE_MS, intersection, minuteCount, splitWindow, type TimeWindow } from '../../../model/time-window.ts'
import type { SyncContext } from '../../session/session.ts'
import { windowOf, type Target } from '../../session/target.ts'

/** A series of another program, and the target whose expected minutes it can give. */
export interface SourcedTarget {
  readonly target: Target
  readonly source: Labels
}

/** What the store has of both. */
export interface SeriesCount {
  readonly pointCount: number
  readonly thereMinutes: number
  readonly missingMinutes: number
}

export interface CountedSeries {
  /** In the order of the series. */
  readonly counts: readonly SeriesCount[]
  /** Those in which minutes are missing. */
  readonly chunks: readonly TimeWindow[]
}

interface CountOptions {
  readonly signal: AbortSignal
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

const NOTHING_COUNTED: SeriesCount = { pointCount: 0, thereMinutes: 0, missingMinutes: 0 }

/** Counts chunk by chunk. Yields after each of them. */
export async function* countSeries(
  { store, settings }: Pick<SyncContext, 'store' | 'settings'>,
  series: readonly SourcedTarget[],
  { signal, onProgress }: CountOptions,
): AsyncGenerator<undefined, CountedSeries, undefined> {
  let counts: readonly SeriesCount[] = series.map(() => NOTHING_COUNTED)
  const chunks: TimeWindow[] = []
  if (series.length === 0) return { counts, chunks }
  const complete = windowOf(series.map(({ target }) => target))
  for (const chunk of splitWindow(complete, settings.chunkMs)) {
    const totals = await store.totals(series.map(({ source }) => source), chunk, signal) // prettier-ignore
    const coverages = await store.coverage(series.map(({ target }) => target.labels), chunk, signal) // prettier-ignore
    const added = series.map(({ target }, index) => {
      const expected = intersection(chunk, target.expected)
      const from = (expected.fromMs - chunk.fromMs) / MINUTE_MS
      const minutes = at(coverages, index).minutes.subarray(from, from + minuteCount(expected))
      const missingMinutes = minutes.reduce((sum, state) => sum + (state === MinuteState.missing ? 1 : 0), 0)
      return {
        pointCount: minuteCount(expected) > 0 ? at(totals, index).count : 0,
        thereMinutes: minutes.length - missingMinutes,
        missingMinutes,
      }
    })
    if (added.some(({ missingMinutes }) => missingMinutes > 0)) chunks.push(chunk)
    counts = counts.map((count, index) => sumOf(count, at(added, index)))
    onProgress?.(chunk.untilMs - complete.fromMs, complete.untilMs - complete.fromMs)
    yield
  }
  return { counts, chunks }
}

function sumOf(a: SeriesCount, b: SeriesCount): SeriesCount {
  return {
    pointCount: a.pointCount + b.pointCount,
    thereMinutes: a.thereMinutes + b.thereMinutes,
    missingMinutes: a.missingMinutes + b.missingMinutes,
  }
}
