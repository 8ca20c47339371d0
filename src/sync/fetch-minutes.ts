import type { Device, MinutePage, RowRequest } from '../model/device.ts'

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
    columns: columns.map((_, column) => Float64Array.from(rows, ({ values }) => toCell(values[column]))),
  }
}

/** What is no number, though the device was logging, is not to pass for a pause. */
function toCell(value: number | null | undefined): number {
  if (value === null || value === undefined) return NaN
  return Number.isNaN(value) ? Infinity : value
}

/** Minutes in which the device has nothing: a row is all numbers or none. */
export function countNulls({ columns: [column = new Float64Array()] }: MinutePage): number {
  let count = 0
  for (let index = 0; index < column.length; index++) if (Number.isNaN(column[index])) count++
  return count
}
