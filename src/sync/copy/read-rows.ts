import { at } from '../../model/at.ts'
import type { Device, MinuteBatch, Row, RowRequest } from '../../model/device.ts'
import type { TargetSpan } from '../session/target.ts'

/** All rows of a window, batch after batch; the caller bounds the window. */
export async function readRows(device: Device, request: RowRequest, signal: AbortSignal): Promise<Row[]> {
  const rows: Row[] = []
  for (let { fromMs } = request.window; fromMs < request.window.untilMs;) {
    const batch = await device.fetchRows({ ...request, window: { ...request.window, fromMs } }, signal)
    for (const row of batch.rows) rows.push(row)
    fromMs = batch.untilMs
  }
  return rows
}

/** The first batch of the minutes of a window, by target. */
export async function fetchMinutes(
  device: Device,
  { targets, window }: TargetSpan,
  signal: AbortSignal,
): Promise<MinuteBatch> {
  const columns = targets.map(({ column }) => column)
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
