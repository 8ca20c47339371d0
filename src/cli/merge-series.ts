import { outOfRange } from '../model/at.ts'
import type { SeriesSamples } from '../model/series.ts'

/** What some series have at one time: a value each, in their order. */
export interface Moment {
  readonly atMs: number
  readonly values: readonly (number | undefined)[]
}

/** The samples of all series by time; of two that one has at the same time, each gets a moment. */
export function* mergeSeries(series: readonly SeriesSamples[]): Generator<Moment> {
  const cursors = series.map(({ timestampsMs, values }) => ({ timestampsMs, values, next: 0 }))
  for (;;) {
    let atMs = Infinity
    for (const cursor of cursors) atMs = Math.min(atMs, timeOf(cursor))
    if (atMs === Infinity) return
    yield { atMs, values: cursors.map((cursor) => (timeOf(cursor) === atMs ? take(cursor) : undefined)) }
  }
}

/** Where in a series the next moment is looked for. */
interface Cursor extends Pick<SeriesSamples, 'timestampsMs' | 'values'> {
  next: number
}

function timeOf({ timestampsMs, next }: Cursor): number {
  return timestampsMs[next] ?? Infinity
}

function take(cursor: Cursor): number {
  const place = cursor.next++
  return cursor.values[place] ?? outOfRange(cursor.values, place)
}
