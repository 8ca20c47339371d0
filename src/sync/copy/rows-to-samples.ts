import { at, outOfRange } from '../../model/at.ts'
import type { MinutePage } from '../../model/device.ts'
import type { SeriesSamples } from '../../model/series.ts'
import { MINUTE_MS } from '../../model/time-window.ts'
import type { Lacking } from './find-missing.ts'
import type { MinuteMap } from '../../model/minute-map.ts'
import type { Target } from '../session/target.ts'
import { isAbsurd, type UnusableCells } from './unusable-cells.ts'

export interface SamplesOfRows {
  /** A series a target that has any. */
  readonly samples: readonly SeriesSamples[]
  readonly unusable: readonly UnusableCells[]
}

/** The samples of the minutes that the store lacks; `targets` are in the order of the columns. NaN is no sample. */
export function rowsToSamples(page: MinutePage, targets: readonly Target[], lacking: Lacking): SamplesOfRows {
  const samples: SeriesSamples[] = []
  const unusable: UnusableCells[] = []
  let timestampsMs: readonly number[] = []
  for (const [index, target] of targets.entries()) {
    const [column, lacks] = [at(page.columns, index), lacking.get(target)]
    if (!lacks) continue
    const taken = takeColumn(column, target, { lacks, fromMs: page.fromMs })
    // Channels of a device have the same minutes: one list serves them all.
    if (!isSame(timestampsMs, taken.timestampsMs)) timestampsMs = taken.timestampsMs
    if (taken.values.length > 0) samples.push({ labels: target.labels, timestampsMs, values: taken.values })
    if (taken.unusableMs.length > 0) unusable.push({ target, timesMs: taken.unusableMs, value: taken.firstUnusable })
  }
  return { samples, unusable }
}

function takeColumn(
  column: Float64Array,
  { maxValue }: Target,
  { lacks, fromMs }: { lacks: MinuteMap; fromMs: number },
) {
  const timestampsMs: number[] = []
  const values: number[] = []
  const unusableMs: number[] = []
  let firstUnusable = NaN
  const first = (fromMs - lacks.window.fromMs) / MINUTE_MS
  for (let index = 0; index < column.length; index++) {
    const value = column[index] ?? outOfRange(column, index)
    const isLacking = (lacks.flags[first + index] ?? outOfRange(lacks.flags, first + index)) === 1
    if (Number.isNaN(value) || !isLacking) continue
    const atMs = fromMs + index * MINUTE_MS
    if (isAbsurd(value, maxValue)) {
      if (unusableMs.length === 0) firstUnusable = value
      unusableMs.push(atMs)
    } else {
      timestampsMs.push(atMs)
      values.push(value)
    }
  }
  return { timestampsMs, values, unusableMs, firstUnusable }
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}
