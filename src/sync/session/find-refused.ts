import { DeviceError, type Column, type Device, type DeviceStatus } from '../../model/device.ts'
import { ceilToMinute, floorToMinute, MINUTE_MS } from '../../model/time-window.ts'
import { explain } from '../../runtime/errors.ts'
import type { SyncMemory } from './sync-memory.ts'
import type { Target } from './target.ts'

export function columnKey({ name, unit }: Pick<Column, 'name' | 'unit'>): string {
  return `${name}.${unit}`
}

/** Asks for a minute of every column, and of ever fewer where that is refused: two records to read for a question. */
export async function findRefused(
  { device, memory }: { device: Device; memory: SyncMemory },
  { targets, status }: { targets: readonly Target[]; status: DeviceStatus },
  signal: AbortSignal,
): Promise<void> {
  const untilMs = floorToMinute(status.newestMs)
  const window = { fromMs: untilMs - MINUTE_MS, untilMs }
  if (window.fromMs < ceilToMinute(status.firstMs)) return
  const ask = async (columns: readonly Column[]): Promise<void> => {
    if (columns.length === 0) return
    try {
      await device.fetchRows({ columns, window, step: 'window' }, signal)
    } catch (error) {
      if (!(error instanceof DeviceError) || error.reason !== 'unknown-channel') throw error
      const [first] = columns
      const half = Math.ceil(columns.length / 2)
      if (columns.length === 1 && first) memory.deviceRun.refusedColumns.set(columnKey(first), explain(error))
      else for (const part of [columns.slice(0, half), columns.slice(half)]) await ask(part)
    }
  }
  await ask(targets.map(({ column }) => column))
  memory.attempt.doubtsColumns = false
}

/** Notes that a question was refused for one of its columns, so that the next look at the device finds out for which. */
export function noteRefusal(memory: SyncMemory, error: unknown): void {
  if (error instanceof DeviceError && error.reason === 'unknown-channel') memory.attempt.doubtsColumns = true
}
