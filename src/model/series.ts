import { MINUTE_MS, minuteCount, type TimeWindow } from './time-window.ts'

/** The labels of a series; `__name__` is its metric. */
export type Labels = Readonly<Record<string, string>>

/** Samples of one series, oldest first; the two arrays are of equal length. */
export interface SeriesSamples {
  readonly labels: Labels
  readonly timestampsMs: readonly number[]
  readonly values: readonly number[]
}

/** A series and the times of some of its samples, oldest first. */
export type SeriesTimes = Pick<SeriesSamples, 'labels' | 'timestampsMs'>

export type Numbers = readonly number[] | Float64Array<ArrayBuffer>

/** The same to be written, in typed arrays where they are millions. */
export interface NewSamples {
  readonly labels: Labels
  readonly timestampsMs: Numbers
  readonly values: Numbers
}

/** A sample: one number at one time. */
export interface Sample {
  readonly atMs: number
  readonly value: number
}

/** A series that a store holds, and its position: the time of its newest sample. */
export interface StoredSeries {
  readonly labels: Labels
  readonly positionMs: number
}

/** What the samples of a series in some window come to. */
export interface SeriesTotal {
  readonly count: number
  readonly sum: number
}

/** The same text for the same labels, in whatever order they were given. */
export function seriesKey(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
}

export function sampleCount(batch: readonly NewSamples[]): number {
  return batch.reduce((sum, series) => sum + series.timestampsMs.length, 0)
}

/**
 * What a store has of one minute of a series.
 * `there`: exactly one sample, on the minute. `duplicate`: more than one on the minute, none off it.
 * `offGrid`: a sample off the minute (an earlier program wrote it), whatever else lies there.
 */
export const MinuteState = { missing: 0, there: 1, duplicate: 2, offGrid: 3 } as const

/** What a store has of a series in a window: a `MinuteState` for each of its minutes, oldest first. */
export interface SeriesCoverage {
  readonly labels: Labels
  readonly window: TimeWindow
  readonly minutes: Uint8Array
}

export function emptyCoverage(labels: Labels, window: TimeWindow): SeriesCoverage {
  return { labels, window, minutes: new Uint8Array(minuteCount(window)) }
}

/** Counts one stored sample into its minute; samples outside the window are left out. */
export function countSample({ window, minutes }: SeriesCoverage, atMs: number): void {
  if (atMs < window.fromMs || atMs >= window.untilMs) return
  const index = Math.floor((atMs - window.fromMs) / MINUTE_MS)
  if (atMs % MINUTE_MS !== 0) minutes[index] = MinuteState.offGrid
  else if (minutes[index] !== MinuteState.offGrid)
    minutes[index] = minutes[index] === MinuteState.missing ? MinuteState.there : MinuteState.duplicate
}
