import { outOfRange } from '../model/at.ts'
import type { Labels, SeriesSamples } from '../model/series.ts'
import type { Store } from '../model/store.ts'
import type { TimeWindow } from '../model/time-window.ts'
import { coverByDays, type DayReader } from './cover-by-days.ts'
import { storedKey } from './stored-labels.ts'

/** Samples of one series, gathered in whatever order they come; the two arrays are of equal length. */
export interface SampleColumns {
  readonly timestampsMs: number[]
  readonly values: number[]
}

/** By `storedKey`; a series without a sample may be left out. */
export type SamplesByKey = ReadonlyMap<string, SampleColumns>

export interface SampleReader extends Pick<DayReader, 'digestDays'> {
  /** Every sample of the series in the window. */
  readByKey(series: readonly Labels[], window: TimeWindow, signal: AbortSignal): Promise<SamplesByKey>
}

/** What a store tells sample by sample, where it has no quicker way to tell times alone. */
export function sampleBySample({ digestDays, readByKey }: SampleReader): Pick<Store, 'coverage' | 'readSamples'> {
  return {
    coverage: coverByDays({
      digestDays,
      async readTimes(series, { window, onSample, signal }) {
        const found = await readByKey(series, window, signal)
        for (const [key, { timestampsMs }] of found) for (const atMs of timestampsMs) onSample(key, atMs)
      },
    }),
    async readSamples(series, window, signal) {
      const found = await readByKey(series, window, signal)
      return series.map((labels) => oldestFirst(labels, found.get(storedKey(labels))))
    },
  }
}

/** The samples of a series by time; those of one time stay in the order in which they came. */
export function oldestFirst(
  labels: Labels,
  { timestampsMs, values }: SampleColumns = { timestampsMs: [], values: [] },
): SeriesSamples {
  const isInOrder = timestampsMs.every(
    (atMs, index) => index === 0 || atMs >= (timestampsMs[index - 1] ?? outOfRange(timestampsMs, index - 1)),
  )
  if (isInOrder) return { labels, timestampsMs, values }
  const order = timestampsMs.map((atMs, index) => ({ atMs, value: values[index] ?? outOfRange(values, index) }))
  order.sort((a, b) => a.atMs - b.atMs)
  return { labels, timestampsMs: order.map(({ atMs }) => atMs), values: order.map(({ value }) => value) }
}

export function addSamples(all: Map<string, SampleColumns>, key: string, more: SampleColumns): void {
  const known = all.get(key)
  if (!known) all.set(key, more)
  else {
    for (const atMs of more.timestampsMs) known.timestampsMs.push(atMs)
    for (const value of more.values) known.values.push(value)
  }
}
