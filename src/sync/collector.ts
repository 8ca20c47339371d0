import type { Collector } from '../model/collector.ts'
import type { DeviceWorker } from './device-worker.ts'

/** The daemon's devices, side by side. */
export function createCollector(
  workers: readonly DeviceWorker[],
  { storeName, startedAtMs }: { storeName: string; startedAtMs: number },
): Collector {
  return { status: () => ({ startedAtMs, storeName, devices: workers.map((worker) => worker.health()) }) }
}
