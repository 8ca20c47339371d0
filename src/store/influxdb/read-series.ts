import { at } from '../../model/at.ts'
import type { Labels, Sample, SeriesTotal } from '../../model/series.ts'
import type { Store } from '../../model/store.ts'
import { DAY_MS, MINUTE_MS, minuteCount, splitWindow, type TimeWindow } from '../../model/time-window.ts'
import { DayState, MINUTES_A_DAY } from '../cover-by-days.ts'
import { addSamples, type SampleColumns, type SampleReader } from '../sample-columns.ts'
import { storedKey, storedLabels } from '../stored-labels.ts'
import { fromClause, identifier, tagConditions, whereClause } from './influxql.ts'
import { type Layout, type Point, pointKey } from './layout.ts'
import { type Questions, readColumn, type Rows } from './questions.ts'

/** What every look into the store works with. */
export interface Reader {
  readonly questions: Questions
  readonly layout: Layout
  /** Left out: that of the database. */
  readonly retentionPolicy: string | undefined
}

/** So many samples come in time also from a small machine. */
const SAMPLES_A_QUESTION = 500_000

/** A year of sums a question. */
const TOTALS_MS = 366 * DAY_MS

export function seriesReader(reader: Reader): Pick<Store, 'firstSamples' | 'totals'> & SampleReader {
  return {
    async readByKey(series, window, signal) {
      const all = new Map<string, SampleColumns>()
      const minutes = Math.max(MINUTES_A_DAY, Math.floor(SAMPLES_A_QUESTION / Math.max(1, series.length)))
      for (const part of splitWindow(window, minutes * MINUTE_MS)) {
        const onRows: OnRows<SampleColumns> = (found, key, rows) =>
          addSamples(found, key, { timestampsMs: readColumn(rows, 'time'), values: readColumn(rows, 'v') })
        const select = (field: string) => `${field} AS v`
        const found = await selectSeries(reader, { series, window: part, select, onRows }, signal)
        for (const [key, samples] of found) addSamples(all, key, samples)
      }
      return all
    },

    async firstSamples(series, window, signal) {
      const onRows: OnRows<Sample> = (found, key, rows) =>
        found.set(key, { atMs: at(readColumn(rows, 'time'), 0), value: at(readColumn(rows, 'v'), 0) })
      const select = (field: string) => `first(${field}) AS v`
      const first = await selectSeries(reader, { series, window, select, onRows }, signal)
      return series.map((labels) => first.get(storedKey(labels)))
    },

    async totals(series, window, signal) {
      const totals = new Map<string, SeriesTotal>()
      for (const part of splitWindow(window, TOTALS_MS)) {
        const onRows: OnRows<SeriesTotal> = (found, key, rows) =>
          found.set(key, { count: at(readColumn(rows, 'c'), 0), sum: at(readColumn(rows, 's'), 0) })
        const select = (field: string) => `count(${field}) AS c, sum(${field}) AS s`
        const found = await selectSeries(reader, { series, window: part, select, onRows }, signal)
        for (const [key, { count, sum }] of found) {
          const before = totals.get(key) ?? { count: 0, sum: 0 }
          totals.set(key, { count: before.count + count, sum: before.sum + sum })
        }
      }
      return series.map((labels) => totals.get(storedKey(labels)) ?? { count: 0, sum: 0 })
    },

    /**
     * Which days have samples at all: InfluxDB counts by day in a tenth of the time that it takes to read them, but has
     * no way to tell whether they lie on the minute (by `elapsed` it takes three times as long as to read them).
     */
    async digestDays(series, days, signal) {
      const onRows: OnRows<Uint8Array> = (found, key, rows) => {
        const states = found.get(key) ?? new Uint8Array(minuteCount(days) / MINUTES_A_DAY)
        for (const atMs of readColumn(rows, 'time')) states[Math.floor((atMs - days.fromMs) / DAY_MS)] = DayState.mixed
        found.set(key, states)
      }
      const select = (field: string) => `count(${field}) AS c`
      const every = `time(1d, ${days.fromMs % DAY_MS}ms)`
      return selectSeries(reader, { series, window: days, select, every, onRows }, signal)
    },
  }
}

/** Takes some rows of the series with this `storedKey`. */
type OnRows<T> = (found: Map<string, T>, key: string, rows: Rows) => void

interface Selection<T> {
  readonly series: readonly Labels[]
  readonly window: TimeWindow
  /** What is selected of a field, such as `last("value")`; its name in quotes. */
  readonly select: (field: string) => string
  /** Behind `GROUP BY`, beside the tags. */
  readonly every?: string
  readonly onRows: OnRows<T>
}

/** Asks for exactly these series, by one statement for each field; nothing is handed on before the answer is complete. */
async function selectSeries<T>(
  { questions, layout, retentionPolicy }: Reader,
  { series, window, select, every, onRows }: Selection<T>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, T>> {
  if (series.length === 0 || minuteCount(window) === 0) return new Map()
  const points = series.map((labels) => ({ key: storedKey(labels), point: layout.pointOf(labels) }))
  const keys = new Map(points.map(({ key, point }) => [pointKey(point), key]))
  const groups = groupByField(points.map(({ point }) => point))
  const statements = groups.map(([field, members]) => {
    const from = fromClause({ names: [...new Set(members.map(({ measurement }) => measurement))] }, retentionPolicy)
    const where = whereClause(window, tagConditions(members.map(({ tags }) => tags)))
    const grouping = every === undefined ? '*' : `${every}, * fill(none)`
    return `SELECT ${select(identifier(field))} FROM ${from} WHERE ${where} GROUP BY ${grouping}`
  })
  const take = (rows: Rows, found: Map<string, T>) => {
    const field = groups[rows.statement]?.[0] ?? ''
    const key = keys.get(pointKey({ measurement: rows.name, tags: storedLabels(rows.tags), field }))
    if (key !== undefined) onRows(found, key, rows)
  }
  return questions.ask({ statements, begin: () => new Map<string, T>(), onRows: take }, signal)
}

function groupByField(points: readonly Point[]): readonly (readonly [field: string, members: readonly Point[]])[] {
  const groups = new Map<string, Point[]>()
  for (const point of points) {
    const group = groups.get(point.field)
    if (group) group.push(point)
    else groups.set(point.field, [point])
  }
  return [...groups]
}
