import type { Device, Row, RowRequest } from '../../model/device.ts'

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
