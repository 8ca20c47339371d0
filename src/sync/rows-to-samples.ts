import type { MinutePage } from '../model/device.ts'
import type { SeriesSamples } from '../model/series.ts'
import { MINUTE_MS } from '../model/time-window.ts'
import type { Lacking } from './find-lacking.ts'
import type { MinuteMap } from './minute-map.ts'
import type { Target } from './target.ts'

/** One outlier beyond this can destroy its neighbours in a store that keeps a block with one common exponent. */
const MAX_VALUE = 1e9

export interface SamplesOfRows {
  /** A series a target that has any. */
  readonly samples: readonly SeriesSamples[]
  /** Channels with values that are no measurement, which were left out. */
  readonly absurd: readonly string[]
}

/** The samples of the minutes that the store lacks; `targets` are in the order of the columns. NaN is no sample. */
export function rowsToSamples(page: MinutePage, targets: readonly Target[], lacking: Lacking): SamplesOfRows {
  const samples: SeriesSamples[] = []
  const absurd: string[] = []
  let timestampsMs: readonly number[] = []
  for (const [index, target] of targets.entries()) {
    const [column, lacks] = [page.columns[index], lacking.get(target)]
    if (!column || !lacks) continue
    const taken = takeColumn(column, lacks, page.fromMs)
    // Channels of a device have the same minutes: one list serves them all.
    if (!isSame(timestampsMs, taken.timestampsMs)) timestampsMs = taken.timestampsMs
    if (taken.values.length > 0) samples.push({ labels: target.labels, timestampsMs, values: taken.values })
    if (taken.hasAbsurd) absurd.push(target.channel.name)
  }
  return { samples, absurd }
}

function takeColumn(column: Float64Array, lacks: MinuteMap, fromMs: number) {
  const timestampsMs: number[] = []
  const values: number[] = []
  let hasAbsurd = false
  const first = (fromMs - lacks.window.fromMs) / MINUTE_MS
  for (let index = 0; index < column.length; index++) {
    const value = column[index] ?? NaN
    if (Number.isNaN(value) || lacks.flags[first + index] !== 1) continue
    if (isAbsurd(value)) hasAbsurd = true
    else {
      timestampsMs.push(fromMs + index * MINUTE_MS)
      values.push(value)
    }
  }
  return { timestampsMs, values, hasAbsurd }
}

/** No measurement of a house, or not a number. */
export function isAbsurd(value: number): boolean {
  return !(Math.abs(value) <= MAX_VALUE)
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}
