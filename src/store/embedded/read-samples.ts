import { at, outOfRange } from '../../model/at.ts'
import type { Labels, SeriesSamples, SeriesTotal } from '../../model/series.ts'
import type { TimeWindow } from '../../model/time-window.ts'
import { oldestFirst, type SampleColumns } from '../oldest-first.ts'
import type { Database } from './duckdb.ts'
import type { KnownSeries } from './stored-series.ts'

export interface SeriesAsked {
  readonly series: readonly Labels[]
  readonly window: TimeWindow
}

/** Every sample of the series in the window. Most lie in the file by time: sorting them is left to where it is needed. */
export async function readSamples(
  database: Database,
  known: KnownSeries,
  { series, window }: SeriesAsked,
): Promise<readonly SeriesSamples[]> {
  const ids = series.map((labels) => known.find(labels))
  const found = new Map<number | undefined, SampleColumns>(ids.map((id) => [id, { timestampsMs: [], values: [] }]))
  await database.readColumns(
    `SELECT series, at_ms::DOUBLE, value FROM samples WHERE ${within(ids, window)}`,
    (columns) => {
      const [series, times, values] = [at(columns, 0), at(columns, 1), at(columns, 2)]
      for (const [index, id] of series.entries()) {
        const samples = found.get(id)
        samples?.timestampsMs.push(times[index] ?? outOfRange(times, index))
        samples?.values.push(values[index] ?? outOfRange(values, index))
      }
    },
  )
  return series.map((labels, index) => ({
    labels,
    ...oldestFirst(found.get(ids[index]) ?? { timestampsMs: [], values: [] }),
  }))
}

export async function totalSamples(
  database: Database,
  known: KnownSeries,
  { series, window }: SeriesAsked,
): Promise<readonly SeriesTotal[]> {
  const ids = series.map((labels) => known.find(labels))
  const totals = new Map<number | undefined, SeriesTotal>()
  await database.read(
    `SELECT series, count(*), sum(value) FROM samples WHERE ${within(ids, window)} GROUP BY series`,
    ([id, count, sum]) => totals.set(Number(id), { count: Number(count), sum: Number(sum) }),
  )
  return ids.map((id) => totals.get(id) ?? { count: 0, sum: 0 })
}

/** The rows of these series in the window; of series that are not known there are none. */
export function within(ids: readonly (number | undefined)[], { fromMs, untilMs }: TimeWindow): string {
  const known = ids.filter((id) => id !== undefined)
  return known.length === 0 ? 'false' : `series IN (${known.join(',')}) AND at_ms >= ${fromMs} AND at_ms < ${untilMs}`
}
