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
        const found = new Map<string, SampleColumns>()
        const selection: Selection = {
          series,
          window: part,
          select: (field) => `${field} AS v`,
          begin: () => found.clear(),
          onRows: (key, rows) =>
            addSamples(found, key, { timestampsMs: readColumn(rows, 'time'), values: readColumn(rows, 'v') }),
        }
        await selectSeries(reader, selection, signal)
        for (const [key, samples] of found) addSamples(all, key, samples)
      }
      return all
    },

    async firstSamples(series, window, signal) {
      const first = new Map<string, Sample>()
      const selection: Selection = {
        series,
        window,
        select: (field) => `first(${field}) AS v`,
        begin: () => first.clear(),
        onRows: (key, rows) =>
          first.set(key, { atMs: at(readColumn(rows, 'time'), 0), value: at(readColumn(rows, 'v'), 0) }),
      }
      if (minuteCount(window) > 0) await selectSeries(reader, selection, signal)
      return series.map((labels) => first.get(storedKey(labels)))
    },

    async totals(series, window, signal) {
      const totals = new Map<string, SeriesTotal>()
      for (const part of splitWindow(window, TOTALS_MS)) {
        const found = new Map<string, SeriesTotal>()
        const selection: Selection = {
          series,
          window: part,
          select: (field) => `count(${field}) AS c, sum(${field}) AS s`,
          begin: () => found.clear(),
          onRows: (key, rows) =>
            found.set(key, { count: at(readColumn(rows, 'c'), 0), sum: at(readColumn(rows, 's'), 0) }),
        }
        await selectSeries(reader, selection, signal)
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
      const dayCount = minuteCount(days) / MINUTES_A_DAY
      const digest = new Map<string, Uint8Array>()
      const selection: Selection = {
        series,
        window: days,
        select: (field) => `count(${field}) AS c`,
        every: `time(1d, ${days.fromMs % DAY_MS}ms)`,
        begin: () => {
          for (const labels of series) digest.set(storedKey(labels), new Uint8Array(dayCount))
        },
        onRows: (key, rows) => {
          const states = digest.get(key)
          for (const atMs of readColumn(rows, 'time'))
            if (states) states[Math.floor((atMs - days.fromMs) / DAY_MS)] = DayState.mixed
        },
      }
      await selectSeries(reader, selection, signal)
      return digest
    },
  }
}

interface Selection {
  readonly series: readonly Labels[]
  readonly window: TimeWindow
  /** What is selected of a field, such as `last("value")`; its name in quotes. */
  readonly select: (field: string) => string
  /** Behind `GROUP BY`, beside the tags. */
  readonly every?: string
  /** Comes first, and again when it is asked anew: nothing may be handed on before the answer is complete. */
  readonly begin: () => void
  readonly onRows: (key: string, rows: Rows) => void
}

/** Asks for exactly these series, by one statement for each field; rows come with the `storedKey` of their series. */
async function selectSeries(
  { questions, layout, retentionPolicy }: Reader,
  { series, window, select, every, begin, onRows }: Selection,
  signal: AbortSignal,
): Promise<void> {
  const points = series.map((labels) => ({ key: storedKey(labels), point: layout.pointOf(labels) }))
  const keys = new Map(points.map(({ key, point }) => [pointKey(point), key]))
  const groups = groupByField(points.map(({ point }) => point))
  if (groups.length === 0) return
  const statements = groups.map(({ field, members }) => {
    const from = fromClause({ names: [...new Set(members.map(({ measurement }) => measurement))] }, retentionPolicy)
    const where = whereClause(window, tagConditions(members.map(({ tags }) => tags)))
    const grouping = every === undefined ? '*' : `${every}, * fill(none)`
    return `SELECT ${select(identifier(field))} FROM ${from} WHERE ${where} GROUP BY ${grouping}`
  })
  const take = (rows: Rows) => {
    const field = groups[rows.statement]?.field ?? ''
    const key = keys.get(pointKey({ measurement: rows.name, tags: storedLabels(rows.tags), field }))
    if (key !== undefined) onRows(key, rows)
  }
  await questions.ask({ statements, begin, onRows: take }, signal)
}

interface FieldGroup {
  readonly field: string
  readonly members: readonly Point[]
}

function groupByField(points: readonly Point[]): readonly FieldGroup[] {
  const groups = new Map<string, Point[]>()
  for (const point of points) {
    const group = groups.get(point.field)
    if (group) group.push(point)
    else groups.set(point.field, [point])
  }
  return [...groups].map(([field, members]) => ({ field, members }))
}
