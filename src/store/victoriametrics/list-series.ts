import { seriesKey, type Labels, type Sample, type StoredSeries } from '../../model/series.ts'
import { minuteCount, type TimeWindow } from '../../model/time-window.ts'
import type { SeriesQuery } from '../../model/store.ts'
import { storedKey } from '../stored-labels.ts'
import { askRollup } from './ask-rollup.ts'
import type { Questions } from './questions.ts'
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
