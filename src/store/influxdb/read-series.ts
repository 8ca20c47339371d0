import { at } from '../../model/at.ts'
import type { Labels, Sample, SeriesTotal } from '../../model/series.ts'
import { DAY_MS, MINUTE_MS, minuteCount, splitWindow, type TimeWindow } from '../../model/time-window.ts'
import { type DayDigest, DayState, MINUTES_A_DAY } from '../cover-by-days.ts'
import type { SampleColumns } from '../oldest-first.ts'
import { storedKey } from '../stored-labels.ts'
import { readColumn } from './questions.ts'
import { type Reader, selectSeries } from './select-series.ts'

export interface SeriesAsked {
  readonly series: readonly Labels[]
  readonly window: TimeWindow
}

/** So many samples come in time also from a small machine. */
const SAMPLES_A_QUESTION = 500_000

/** Every sample of the series in the window, by `storedKey`; a series without one is left out. */
export async function readSamples(
  reader: Reader,
  { series, window }: SeriesAsked,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, SampleColumns>> {
  const all = new Map<string, SampleColumns>()
  const minutes = Math.max(MINUTES_A_DAY, Math.floor(SAMPLES_A_QUESTION / Math.max(1, series.length)))
  for (const part of splitWindow(window, minutes * MINUTE_MS)) {
    const found = await readPart(reader, { series, window: part }, signal)
    for (const [key, samples] of found) append(all, key, samples)
  }
  return all
}

/** Nothing is handed on before the answer is complete, since it may have to be asked again. */
async function readPart(
  reader: Reader,
  asked: SeriesAsked,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, SampleColumns>> {
  const found = new Map<string, SampleColumns>()
  await selectSeries(
    reader,
    { ...asked, select: (field) => `${field} AS v` },
    {
      begin: () => found.clear(),
      onRows: (key, rows) =>
        append(found, key, { timestampsMs: readColumn(rows, 'time'), values: readColumn(rows, 'v') }),
      signal,
    },
  )
  return found
}

function append(all: Map<string, SampleColumns>, key: string, { timestampsMs, values }: SampleColumns): void {
  const known = all.get(key)
  if (!known) all.set(key, { timestampsMs, values })
  else {
    for (const atMs of timestampsMs) known.timestampsMs.push(atMs)
    for (const value of values) known.values.push(value)
  }
}

/** The oldest sample of each series in the window, in their order. */
export async function firstSamples(
  reader: Reader,
  asked: SeriesAsked,
  signal: AbortSignal,
): Promise<readonly (Sample | undefined)[]> {
  const first = new Map<string, Sample>()
  if (minuteCount(asked.window) > 0)
    await selectSeries(
      reader,
      { ...asked, select: (field) => `first(${field}) AS v` },
      {
        begin: () => first.clear(),
        onRows: (key, rows) =>
          first.set(key, { atMs: at(readColumn(rows, 'time'), 0), value: at(readColumn(rows, 'v'), 0) }),
        signal,
      },
    )
  return asked.series.map((labels) => first.get(storedKey(labels)))
}

const TOTALS_MS = 366 * DAY_MS

/** Count and sum of each series, one query per year. */
export async function totalSamples(
  reader: Reader,
  { series, window }: SeriesAsked,
  signal: AbortSignal,
): Promise<readonly SeriesTotal[]> {
  const totals = new Map<string, SeriesTotal>()
  for (const part of splitWindow(window, TOTALS_MS)) {
    const found = new Map<string, SeriesTotal>()
    await selectSeries(
      reader,
      { series, window: part, select: (field) => `count(${field}) AS c, sum(${field}) AS s` },
      {
        begin: () => found.clear(),
        onRows: (key, rows) =>
          found.set(key, { count: at(readColumn(rows, 'c'), 0), sum: at(readColumn(rows, 's'), 0) }),
        signal,
      },
    )
    for (const [key, { count, sum }] of found) {
      const before = totals.get(key) ?? { count: 0, sum: 0 }
      totals.set(key, { count: before.count + count, sum: before.sum + sum })
    }
  }
  return series.map((labels) => totals.get(storedKey(labels)) ?? { count: 0, sum: 0 })
}

/**
 * Which days have samples at all: InfluxDB counts by day in a tenth of the time that it takes to read them, but has no
 * way to tell whether they lie on the minute (by `elapsed` it takes three times as long as to read them).
 */
export async function digestDays(
  reader: Reader,
  { series, window: days }: SeriesAsked,
  signal: AbortSignal,
): Promise<DayDigest> {
  const dayCount = minuteCount(days) / MINUTES_A_DAY
  const digest = new Map<string, Uint8Array>()
  const begin = () => {
    for (const labels of series) digest.set(storedKey(labels), new Uint8Array(dayCount))
  }
  await selectSeries(
    reader,
    {
      series,
      window: days,
      select: (field) => `count(${field}) AS c`,
      every: `time(1d, ${days.fromMs % DAY_MS}ms)`,
    },
    {
      begin,
      onRows: (key, rows) => {
        const states = digest.get(key)
        for (const atMs of readColumn(rows, 'time'))
          if (states) states[Math.floor((atMs - days.fromMs) / DAY_MS)] = DayState.mixed
      },
      signal,
    },
  )
  return digest
}
