import { outOfRange } from '../model/at.ts'
import type { SeriesSamples } from '../model/series.ts'

/** What some series have at one time: a value each, in their order. */
export interface Moment {
  readonly atMs: number
  readonly values: readonly (number | undefined)[]
}

/** The samples of all series by time; of two that one has at the same time, each gets a moment. */
export function* mergeSeries(series: readonly SeriesSamples[]): Generator<Moment> {
  const next = series.map(() => 0)
  const timeOf = ({ timestampsMs }: SeriesSamples, index: number) =>
    timestampsMs[next[index] ?? outOfRange(next, index)] ?? Infinity
  for (;;) {
    let atMs = Infinity
    for (const [index, one] of series.entries()) atMs = Math.min(atMs, timeOf(one, index))
    if (atMs === Infinity) return
    const values = series.map((one, index) => {
      if (timeOf(one, index) !== atMs) return undefined
      const place = next[index] ?? outOfRange(next, index)
      next[index] = place + 1
      return one.values[place] ?? outOfRange(one.values, place)
    })
    yield { atMs, values }
  }
}
