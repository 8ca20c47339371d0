import type { Labels } from '../../model/series.ts'
import { DAY_MS, minuteCount, type TimeWindow } from '../../model/time-window.ts'
import type { Questions } from './questions.ts'

/** Nothing older is ever kept, and a rollup that reaches back to the beginning of 1970 finds nothing at all. */
const OLDEST_MS = DAY_MS

/** One value a series over all of the window: a rollup's own is open at the left and closed at the right, hence the millisecond. */
export async function askRollup(
  questions: Questions,
  { rollup, selector, window }: { rollup: string; selector: string; window: TimeWindow },
  signal: AbortSignal,
): Promise<readonly { labels: Labels; value: number }[]> {
  const kept = { ...window, fromMs: Math.max(OLDEST_MS, window.fromMs) }
  if (minuteCount(kept) === 0) return []
  // Without the name of its metric, series that are alike else would be one.
  const query = `${rollup}(${selector}[${kept.untilMs - kept.fromMs}ms]) keep_metric_names`
  const { vectors } = await questions.queryAt({ query, atMs: kept.untilMs - 1 }, signal)
  return vectors.flatMap(({ labels, points }) => points.map(({ value }) => ({ labels, value })))
}
