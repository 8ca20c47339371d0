import { at, outOfRange } from '../../model/at.ts'
import type { Device, MinuteBatch, RowRequest } from '../../model/device.ts'
import type { MinuteMap } from '../../model/minute-map.ts'
import type { SeriesSamples } from '../../model/series.ts'
import { MINUTE_MS } from '../../model/time-window.ts'
import type { Target } from '../session/target.ts'
import type { Missing } from './find-missing.ts'
import { isAbsurd, type UnusableCells } from './unusable-cells.ts'

export interface SamplesOfRows {
  /** One series per target that has samples. */
  readonly samples: readonly SeriesSamples[]
  readonly unusable: readonly UnusableCells[]
}

/** The samples of the minutes that are missing in the store; `targets` are in the order of the columns. NaN is no sample. */
export function rowsToSamples(batch: MinuteBatch, targets: readonly Target[], missing: Missing): SamplesOfRows {
  const samples: SeriesSamples[] = []
  const unusable: UnusableCells[] = []
  let timestampsMs: readonly number[] = []
  for (const [index, target] of targets.entries()) {
    const [column, gaps] = [at(batch.columns, index), missing.get(target)]
    if (!gaps) continue
    const taken = takeColumn(column, target, { gaps, fromMs: batch.fromMs })
    // Channels of a device have the same minutes: one list serves them all.
    if (!isSame(timestampsMs, taken.timestampsMs)) timestampsMs = taken.timestampsMs
    if (taken.values.length > 0) samples.push({ labels: target.labels, timestampsMs, values: taken.values })
    if (taken.unusableMs.length > 0) unusable.push({ target, timesMs: taken.unusableMs, value: taken.firstUnusable })
  }
  return { samples, unusable }
}

function takeColumn(column: Float64Array, { maxValue }: Target, { gaps, fromMs }: { gaps: MinuteMap; fromMs: number }) {
  const timestampsMs: number[] = []
  const values: number[] = []
  const unusableMs: number[] = []
  let firstUnusable = NaN
  const first = (fromMs - gaps.window.fromMs) / MINUTE_MS
  for (let index = 0; index < column.length; index++) {
    const value = column[index] ?? outOfRange(column, index)
    const isMissing = (gaps.flags[first + index] ?? outOfRange(gaps.flags, first + index)) === 1
    if (Number.isNaN(value) || !isMissing) continue
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

/** The first batch of the minutes of a window. */
export async function fetchMinutes(
  device: Device,
  { columns, window }: Omit<RowRequest, 'step'>,
  signal: AbortSignal,
): Promise<MinuteBatch> {
  if (device.fetchMinutes) return device.fetchMinutes({ columns, window }, signal)
  const { rows, untilMs } = await device.fetchRows({ columns, window, step: 'minute' }, signal)
  return {
    fromMs: window.fromMs,
    untilMs,
    columns: columns.map((_, column) => Float64Array.from(rows, ({ values }) => toCell(at(values, column)))),
  }
}

/** What is no number, though the device was logging, is not to be taken for a pause. */
function toCell(value: number | null): number {
  if (value === null) return NaN
  return Number.isNaN(value) ? Infinity : value
}

/** Minutes in which the device has nothing that can be used; `targets` are in the order of the columns. */
export function countEmptyRows({ columns }: MinuteBatch, targets: readonly Target[]): number {
  const isUsable = (column: Float64Array, row: number, { maxValue }: Target) => {
    const value = column[row] ?? outOfRange(column, row)
    return !Number.isNaN(value) && !isAbsurd(value, maxValue)
  }
  let count = 0
  for (let row = 0; row < (columns[0]?.length ?? 0); row++)
    if (!columns.some((column, index) => isUsable(column, row, targets[index] ?? outOfRange(targets, index)))) count++
  return count
}
