import { seriesKey, type Labels } from '../../../model/series.ts'
import type { SeriesQuery } from '../../../model/store.ts'
import { DAY_MS, splitWindow, type TimeWindow } from '../../../model/time-window.ts'
import type { SyncContext } from '../../session/session.ts'

/** A store looks at every sample in the window of such a question: half a year of 28 series every 5 s is 90 million. */
const WINDOW_MS = 183 * DAY_MS
/** There was no IoTaWatt before, so that all of it is one question. */
const OLD_UNTIL_MS = Date.UTC(2015, 0)

/** A series that the store has, the time of its newest sample, and a window that holds its oldest one. */
export interface ListedSeries {
  readonly labels: Labels
  readonly positionMs: number
  readonly firstWindow: TimeWindow
}

/** Every label set with a sample in a window of any length. Yields after each question. */
export async function* listOverTime(
  { store }: SyncContext,
  query: SeriesQuery,
  signal: AbortSignal,
): AsyncGenerator<undefined, readonly ListedSeries[], undefined> {
  const listed = new Map<string, ListedSeries>()
  for (const window of windowsOf(query.window)) {
    for (const { labels, positionMs } of await store.listSeries({ ...query, window }, signal)) {
      const key = seriesKey(labels)
      listed.set(key, { labels, positionMs, firstWindow: listed.get(key)?.firstWindow ?? window })
    }
    yield
  }
  return [...listed.values()]
}

function windowsOf({ fromMs, untilMs }: TimeWindow): TimeWindow[] {
  const middleMs = Math.max(fromMs, Math.min(untilMs, OLD_UNTIL_MS))
  return [
    ...splitWindow({ fromMs, untilMs: middleMs }, Infinity),
    ...splitWindow({ fromMs: middleMs, untilMs }, WINDOW_MS),
  ]
}
