import { at, outOfRange } from '../../model/at.ts'
import type { Labels, Sample, SeriesTotal, StoredSeries } from '../../model/series.ts'
import { isAskedFor, type Store } from '../../model/store.ts'
import { DAY_MS, MINUTE_MS, minuteCount, type TimeWindow } from '../../model/time-window.ts'
import { coverByDays, type DayReader, DayState, MINUTES_A_DAY } from '../cover-by-days.ts'
import { oldestFirst, type SampleColumns } from '../sample-columns.ts'
import { storedKey } from '../stored-labels.ts'
import type { Database } from './duckdb.ts'
import type { KnownSeries } from './stored-series.ts'

type Questions = Pick<Store, 'listSeries' | 'coverage' | 'firstSamples' | 'readSamples' | 'totals'>

/** What can be asked of the file. */
export function seriesReader(database: Database, known: KnownSeries): Questions {
  return {
    async listSeries(query) {
      const { metrics, window } = query
      const candidates = new Map(
        [...known.all()].filter(
          ([, labels]) => isAskedFor(query, labels) && metrics.includes(labels['__name__'] ?? ''),
        ),
      )
      const found: StoredSeries[] = []
      if (candidates.size > 0)
        await database.read(
          `SELECT series, max(at_ms) FROM samples WHERE ${within([...candidates.keys()], window)} GROUP BY series`,
          ([id, positionMs]) => {
            const labels = candidates.get(Number(id))
            if (labels) found.push({ labels, positionMs: Number(positionMs) })
          },
        )
      return found
    },

    coverage: coverByDays(dayReader(database, known)),

    async firstSamples(series, window) {
      const ids = series.map((labels) => known.find(labels))
      const first = new Map<number | undefined, Sample>()
      await database.read(
        `SELECT series, min(at_ms), arg_min(value, at_ms) FROM samples WHERE ${within(ids, window)} GROUP BY series`,
        ([id, atMs, value]) => first.set(Number(id), { atMs: Number(atMs), value: Number(value) }),
      )
      return ids.map((id) => first.get(id))
    },

    /** Most lie in the file by time: sorting them is left to where it is needed. */
    async readSamples(series, window) {
      const ids = series.map((labels) => known.find(labels))
      const found = new Map<number | undefined, SampleColumns>(ids.map((id) => [id, { timestampsMs: [], values: [] }]))
      await database.readColumns(
        `SELECT series, at_ms::DOUBLE, value FROM samples WHERE ${within(ids, window)}`,
        (columns) => {
          const [idColumn, times, values] = [at(columns, 0), at(columns, 1), at(columns, 2)]
          for (const [index, id] of idColumn.entries()) {
            const samples = found.get(id)
            samples?.timestampsMs.push(times[index] ?? outOfRange(times, index))
            samples?.values.push(values[index] ?? outOfRange(values, index))
          }
        },
      )
      return series.map((labels, index) => oldestFirst(labels, found.get(ids[index])))
    },

    async totals(series, window) {
      const ids = series.map((labels) => known.find(labels))
      const totals = new Map<number | undefined, SeriesTotal>()
      await database.read(
        `SELECT series, count(*), sum(value) FROM samples WHERE ${within(ids, window)} GROUP BY series`,
        ([id, count, sum]) => totals.set(Number(id), { count: Number(count), sum: Number(sum) }),
      )
      return ids.map((id) => totals.get(id) ?? { count: 0, sum: 0 })
    },
  }
}

function dayReader(database: Database, known: KnownSeries): DayReader {
  const keysOf = (series: readonly Labels[]) => new Map(series.map((labels) => [known.find(labels), storedKey(labels)]))
  return {
    async digestDays(series, days) {
      const keys = keysOf(series)
      const dayCount = minuteCount(days) / MINUTES_A_DAY
      const digest = new Map([...keys.values()].map((key) => [key, new Uint8Array(dayCount)]))
      await database.read(
        `SELECT series, (at_ms - ${days.fromMs}) // ${DAY_MS} AS day, count(*), count(*) FILTER (at_ms % ${MINUTE_MS} = 0)
         FROM samples WHERE ${within([...keys.keys()], days)} GROUP BY series, day`,
        ([id, day, count, onMinute]) => {
          const states = digest.get(keys.get(Number(id)) ?? '')
          const isComplete = count === MINUTES_A_DAY && onMinute === MINUTES_A_DAY
          if (states) states[Number(day)] = isComplete ? DayState.complete : DayState.mixed
        },
      )
      return digest
    },
    async readTimes(series, { window, onSample }) {
      const keys = keysOf(series)
      await database.readColumns(
        `SELECT series, at_ms::DOUBLE FROM samples WHERE ${within([...keys.keys()], window)}`,
        (columns) => {
          const [ids, times] = [at(columns, 0), at(columns, 1)]
          for (const [index, id] of ids.entries())
            onSample(keys.get(id) ?? '', times[index] ?? outOfRange(times, index))
        },
      )
    },
  }
}

/** The rows of these series in the window; of series that are not known there are none. */
function within(ids: readonly (number | undefined)[], { fromMs, untilMs }: TimeWindow): string {
  const known = ids.filter((id) => id !== undefined)
  return known.length === 0 ? 'false' : `series IN (${known.join(',')}) AND at_ms >= ${fromMs} AND at_ms < ${untilMs}`
}
