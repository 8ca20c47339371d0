import type { Row } from '../model/device.ts'
import type { SeriesSamples } from '../model/series.ts'
import type { Lacking } from './find-lacking.ts'
import { hasMinute, type MinuteMap } from './minute-map.ts'
import type { Target } from './target.ts'

/** One outlier beyond this can destroy its neighbours in a store that keeps a block with one common exponent. */
const MAX_VALUE = 1e9

export interface SamplesOfRows {
  /** A series a target that has any. */
  readonly samples: readonly SeriesSamples[]
  /** Channels with values that are no measurement, which were left out. */
  readonly absurd: readonly string[]
}

/**
 * The samples of the rows that the store lacks; `targets` are in the order of the columns.
 * A null, where the device was not logging, is no sample.
 */
export function rowsToSamples(rows: readonly Row[], targets: readonly Target[], lacking: Lacking): SamplesOfRows {
  const samples: SeriesSamples[] = []
  const absurd: string[] = []
  for (const [column, target] of targets.entries()) {
    const lacks = lacking.get(target)
    if (!lacks) continue
    const { hasAbsurd, ...taken } = takeColumn(rows, column, lacks)
    if (taken.values.length > 0) samples.push({ labels: target.labels, ...taken })
    if (hasAbsurd) absurd.push(target.channel.name)
  }
  return { samples, absurd }
}

function takeColumn(rows: readonly Row[], column: number, lacks: MinuteMap) {
  const timestampsMs: number[] = []
  const values: number[] = []
  let hasAbsurd = false
  for (const { atMs, values: cells } of rows) {
    const value = cells[column]
    if (typeof value !== 'number' || !hasMinute(lacks, atMs)) continue
    if (isAbsurd(value)) {
      hasAbsurd = true
      continue
    }
    timestampsMs.push(atMs)
    values.push(value)
  }
  return { timestampsMs, values, hasAbsurd }
}

/** No measurement of a house, or not a number. */
export function isAbsurd(value: number): boolean {
  return !(Math.abs(value) <= MAX_VALUE)
}
