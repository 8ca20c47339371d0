import { seriesKey, type Labels, type SeriesTotal } from '../../model/series.ts'
import { DAY_MS, splitWindow, type TimeWindow } from '../../model/time-window.ts'
import { storedKey } from '../stored-labels.ts'
import { askRollup } from './ask-rollup.ts'
import type { Questions } from './questions.ts'
import { groupByDevice, groupSelector } from './selector.ts'

/** A question over more may meet the store's limits (30 million samples a series, 30 s). */
const QUESTION_MS = 366 * DAY_MS

/** Count and sum of each series, a year a question. */
export async function totalSamples(
  questions: Questions,
  { series, window }: { series: readonly Labels[]; window: TimeWindow },
  signal: AbortSignal,
): Promise<readonly SeriesTotal[]> {
  const totals = new Map<string, { count: number; sum: number }>()
  const add = ({ labels, ...more }: { labels: Labels; count?: number; sum?: number }) => {
    const { count, sum } = totals.get(seriesKey(labels)) ?? { count: 0, sum: 0 }
    totals.set(seriesKey(labels), { count: count + (more.count ?? 0), sum: sum + (more.sum ?? 0) })
  }
  for (const group of groupByDevice(series))
    for (const part of splitWindow(window, QUESTION_MS)) {
      const ask = (rollup: string) => {
        const selector = groupSelector(group, { nonce: questions.nonce() })
        return askRollup(questions, { rollup, selector, window: part }, signal)
      }
      const counts = await ask('count_over_time')
      if (counts.length === 0) continue
      for (const { labels, value } of counts) add({ labels, count: value })
      for (const { labels, value } of await ask('sum_over_time')) add({ labels, sum: value })
    }
  return series.map((labels) => totals.get(storedKey(labels)) ?? { count: 0, sum: 0 })
}
