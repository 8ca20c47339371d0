import { seriesKey, type Labels } from '../model/series.ts'
import type { SeriesQuery } from '../model/store.ts'
import { DAY_MS, splitWindow, type TimeWindow } from '../model/time-window.ts'
import type { SyncContext } from './session.ts'

/** A store looks at every sample in the window of such a question. */
const WINDOW_MS = 90 * DAY_MS

/** A series that the store has, the time of its newest sample, and a window that holds its oldest one. */
export interface ListedSeries {
  readonly labels: Labels
  readonly positionMs: number
  readonly firstWindow: TimeWindow
}

/** Every label set with a sample in a window of any length, by key. Yields after each question. */
export async function* listOverTime(
  { store }: SyncContext,
  query: SeriesQuery,
  signal: AbortSignal,
): AsyncGenerator<undefined, ReadonlyMap<string, ListedSeries>, undefined> {
  const listed = new Map<string, ListedSeries>()
  for (const window of splitWindow(query.window, WINDOW_MS)) {
    for (const { labels, positionMs } of await store.listSeries({ ...query, window }, signal)) {
      const key = seriesKey(labels)
      listed.set(key, { labels, positionMs, firstWindow: listed.get(key)?.firstWindow ?? window })
    }
    yield
  }
  return listed
}
