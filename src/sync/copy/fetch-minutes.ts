import { at, outOfRange } from '../../model/at.ts'
import type { Device, MinutePage, RowRequest } from '../../model/device.ts'
import type { Target } from '../session/target.ts'
import { isAbsurd } from './unusable-cells.ts'

/** The first page of the minutes of a window. */
export async function fetchMinutes(
  device: Device,
  { columns, window }: Omit<RowRequest, 'step'>,
  signal: AbortSignal,
): Promise<MinutePage> {
  if (device.fetchMinutes) return device.fetchMinutes({ columns, window }, signal)
  const { rows, untilMs } = await device.fetchRows({ columns, window, step: 'minute' }, signal)
  return {
    fromMs: window.fromMs,
    untilMs,
    columns: columns.map((_, column) => Float64Array.from(rows, ({ values }) => toCell(at(values, column)))),
  }
}

/** What is no number, though the device was logging, is not to pass for a pause. */
function toCell(value: number | null): number {
  if (value === null) return NaN
  return Number.isNaN(value) ? Infinity : value
}

/** Minutes in which the device has nothing that can be used; `targets` are in the order of the columns. */
export function countEmptyRows({ columns }: MinutePage, targets: readonly Target[]): number {
  const isUsable = (column: Float64Array, row: number, { maxValue }: Target) => {
    const value = column[row] ?? outOfRange(column, row)
    return !Number.isNaN(value) && !isAbsurd(value, maxValue)
  }
  let count = 0
  for (let row = 0; row < (columns[0]?.length ?? 0); row++)
    if (!columns.some((column, index) => isUsable(column, row, targets[index] ?? outOfRange(targets, index)))) count++
  return count
}
