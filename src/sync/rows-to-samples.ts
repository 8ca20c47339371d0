import type { Row } from '../model/device.ts'
import type { SeriesSamples } from '../model/series.ts'
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
export function rowsToSamples(
  rows: readonly Row[],
  targets: readonly Target[],
  lacks: (target: Target, atMs: number) => boolean,
): SamplesOfRows {
  const samples: SeriesSamples[] = []
  const absurd: string[] = []
  targets.forEach((target, column) => {
    const timestampsMs: number[] = []
    const values: number[] = []
    let hasAbsurd = false
    for (const { atMs, values: cells } of rows) {
      const value = cells[column]
      if (typeof value !== 'number' || !lacks(target, atMs)) continue
      if (isAbsurd(value)) {
        hasAbsurd = true
        continue
      }
      timestampsMs.push(atMs)
      values.push(value)
    }
    if (timestampsMs.length > 0) samples.push({ labels: target.labels, timestampsMs, values })
    if (hasAbsurd) absurd.push(target.channel.name)
  })
  return { samples, absurd }
}

/** No measurement of a house, or not a number. */
export function isAbsurd(value: number): boolean {
  return !(Math.abs(value) <= MAX_VALUE)
}
