import { seriesKey, type Labels } from '../../model/series.ts'
import { StoreError } from '../../model/store.ts'
import { DAY_MS, MINUTE_MS, formatMinute, minuteCount, splitWindow, type TimeWindow } from '../../model/time-window.ts'
import { type DayReader, DayState, MINUTES_A_DAY } from '../cover-by-days.ts'
import { storedKey, storedLabels } from '../stored-labels.ts'
import { type AskQuestion, type QueryAnswer, readQueryAnswer, seconds } from './questions.ts'
import { groupByDevice, groupSelector } from './selector.ts'

/** Times of samples are in milliseconds without a fraction, so anything beyond half of one is another interval. */
const HALF_MS_IN_S = 0.0005
/** Of the newest 30 s the store repeats an older point in such answers; days so young are read sample by sample. */
const YOUNG_MS = 2 * MINUTE_MS

/**
 * A day of 1,440 samples, the first on its first minute and none nearer or further than 60 s from the one before,
 * has exactly one on each minute. (The interval of the day's first sample counts from the day before: after a gap
 * a complete day is called mixed, and read.)
 */
export function dayDigester(ask: AskQuestion): DayReader['digestDays'] {
  return async (series, days, signal) => {
    const digest = new Map<string, Uint8Array>()
    // The answers name each rollup in a label of this name; who uses it for himself is read sample by sample.
    const usesRollup = (labels: Labels) => storedLabels(labels)['rollup'] !== undefined
    for (const labels of series.filter(usesRollup))
      digest.set(storedKey(labels), new Uint8Array(minuteCount(days) / MINUTES_A_DAY).fill(DayState.mixed))
    for (const group of groupByDevice(series.filter((labels) => !usesRollup(labels)))) {
      const answer = await askDigests(ask, { group, days }, signal)
      const figures = readFigures(answer, days)
      const { answeredAtMs = 0 } = answer
      for (const key of group.map(storedKey)) digest.set(key, dayStates(figures.get(key), { days, answeredAtMs }))
    }
    return digest
  }
}

function askDigests(
  ask: AskQuestion,
  { group, days }: { group: readonly Labels[]; days: TimeWindow },
  signal: AbortSignal,
): Promise<QueryAnswer> {
  const selector = groupSelector(group, ['rollup=""'])
  const counts = `aggr_over_time(("count_over_time","tfirst_over_time"),${selector}[1d]) keep_metric_names`
  const intervals = `rollup_scrape_interval(${selector}[1d]) keep_metric_names`
  const form = {
    query: `union(${counts},${intervals})`,
    // One point for each day, at its end.
    start: seconds(days.fromMs + DAY_MS - 1),
    end: seconds(days.untilMs - 1),
    step: `${DAY_MS}ms`,
    // Else the newest 30 s of points are replaced; versions before 1.85 ignore it.
    latency_offset: '1ms',
  }
  return ask({ path: '/api/v1/query_range', form, read: readQueryAnswer }, signal)
}

/** Of one day, by the name of the rollup. */
type DayFigures = ReadonlyMap<string, number>

/** By the key of the series, an entry for each day. */
function readFigures({ vectors }: QueryAnswer, days: TimeWindow): ReadonlyMap<string, readonly DayFigures[]> {
  const figures = new Map<string, Map<string, number>[]>()
  for (const { labels, points } of vectors) {
    const { rollup = '', ...own } = labels
    const key = seriesKey(own)
    const ofSeries = figures.get(key) ?? splitWindow(days, DAY_MS).map(() => new Map<string, number>())
    figures.set(key, ofSeries)
    for (const { atMs, value } of points) {
      const ofDay = ofSeries[Math.round((atMs + 1 - days.fromMs) / DAY_MS) - 1]
      if (!ofDay)
        throw new StoreError(
          'bad-answer',
          `the store answered with a day that was not asked for: ${formatMinute(atMs)}`,
        )
      ofDay.set(rollup, value)
    }
  }
  return figures
}

function dayStates(
  figures: readonly DayFigures[] | undefined,
  { days, answeredAtMs }: { days: TimeWindow; answeredAtMs: number },
): Uint8Array {
  return Uint8Array.from(splitWindow(days, DAY_MS), (day, index) =>
    day.untilMs > answeredAtMs - YOUNG_MS ? DayState.mixed : dayState(figures?.[index] ?? new Map(), day.fromMs),
  )
}

function dayState(figures: DayFigures, fromMs: number): number {
  const [count, firstS] = [figures.get('count_over_time'), figures.get('tfirst_over_time')]
  if (count === undefined && firstS === undefined) return DayState.empty
  const isComplete =
    count === MINUTES_A_DAY &&
    firstS !== undefined &&
    Math.round(firstS * 1000) === fromMs &&
    isMinute(figures.get('min')) &&
    isMinute(figures.get('max'))
  return isComplete ? DayState.complete : DayState.mixed
}

function isMinute(intervalS: number | undefined): boolean {
  return intervalS !== undefined && Math.abs(intervalS - MINUTE_MS / 1000) < HALF_MS_IN_S
}
