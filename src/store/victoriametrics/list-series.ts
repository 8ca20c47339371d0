import { type Labels, type Sample, seriesKey, type SeriesTotal, type StoredSeries } from '../../model/series.ts'
import type { SeriesQuery } from '../../model/store.ts'
import { DAY_MS, minuteCount, splitWindow, type TimeWindow } from '../../model/time-window.ts'
import { storedKey } from '../stored-labels.ts'
import { askRollup, type Questions } from './questions.ts'
import { groupByDevice, groupSelector, metricsSelector } from './selector.ts'

/** Every label set with a sample in the window, by one query. */
export async function listSeries(
  questions: Questions,
  { metrics, device, window }: SeriesQuery,
  signal: AbortSignal,
): Promise<readonly StoredSeries[]> {
  if (metrics.length === 0 || minuteCount(window) === 0) return []
  const selector = metricsSelector({ metrics, device }, questions.nonce())
  const newest = await askRollup(questions, { rollup: 'tlast_over_time', selector, window }, signal)
  return newest
    .filter(({ labels }) => metrics.includes(labels['__name__'] ?? ''))
    .map(({ labels, value }) => ({ labels, positionMs: Math.round(value * 1000) }))
}

/** The oldest sample of each series in the window. */
export async function firstSamples(
  questions: Questions,
  { series, window }: { series: readonly Labels[]; window: TimeWindow },
  signal: AbortSignal,
): Promise<readonly (Sample | undefined)[]> {
  const first = new Map<string, Sample>()
  if (minuteCount(window) > 0)
    for (const group of groupByDevice(series)) {
      const ask = (rollup: string) =>
        askRollup(questions, { rollup, selector: groupSelector(group, { nonce: questions.nonce() }), window }, signal)
      const times = await ask('tfirst_over_time')
      const values = new Map((await ask('first_over_time')).map(({ labels, value }) => [seriesKey(labels), value]))
      for (const { labels, value: atSeconds } of times) {
        const value = values.get(seriesKey(labels))
        if (value !== undefined) first.set(seriesKey(labels), { atMs: Math.round(atSeconds * 1000), value })
      }
    }
  return series.map((labels) => first.get(storedKey(labels)))
}

/** A question over more may meet the store's limits (30 million samples a series, 30 s). */
const QUESTION_MS = 366 * DAY_MS

/** Count and sum of each series, one query per year. */
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
