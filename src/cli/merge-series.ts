import type { SeriesSamples } from '../model/series.ts'

/** What some series have at one time: a value each, in their order. */
export interface Moment {
  readonly atMs: number
  readonly values: readonly (number | undefined)[]
}

/** The samples of all series by time; of two that one has at the same time, each gets a moment. */
export function* mergeSeries(series: readonly SeriesSamples[]): Generator<Moment> {
  const next = series.map(() => 0)
  const timeOf = (index: number) => series[index]?.timestampsMs[next[index] ?? 0] ?? Infinity
  for (;;) {
    let atMs = Infinity
    for (const index of next.keys()) atMs = Math.min(atMs, timeOf(index))
    if (atMs === Infinity) return
    const values = series.map(({ values: all }, index) => {
      if (timeOf(index) !== atMs) return undefined
      const value = all[next[index] ?? 0]
      next[index] = (next[index] ?? 0) + 1
      return value
    })
    yield { atMs, values }
  }
}
