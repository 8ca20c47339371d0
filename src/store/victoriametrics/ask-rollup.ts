import type { Labels } from '../../model/series.ts'
import { StoreError } from '../../model/store.ts'
import { DAY_MS, minuteCount, type TimeWindow } from '../../model/time-window.ts'
import type { Questions } from './questions.ts'

/** Nothing older is ever kept, and a rollup that reaches back to the beginning of 1970 finds nothing at all. */
const OLDEST_MS = DAY_MS

const isTime = (seconds: number) => seconds >= 0 && seconds <= 8.64e12
/** What these can come to; others to any number. */
const CAN_BE: ReadonlyMap<string, (value: number) => boolean> = new Map([
  ['count_over_time', (count) => Number.isSafeInteger(count) && count >= 0],
  ['tfirst_over_time', isTime],
  ['tlast_over_time', isTime],
])

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
  const values = vectors.flatMap(({ labels, points }) => points.map(({ value }) => ({ labels, value })))
  const wrong = values.find(({ value }) => CAN_BE.get(rollup)?.(value) === false)
  if (wrong) throw new StoreError('bad-answer', `the store says that ${rollup} of ${selector} is ${wrong.value}`)
  return values
}
