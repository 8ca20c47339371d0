import type { Config } from '../../config/config.ts'
import type { Collector, StoreHealth } from '../../model/daemon.ts'
import { createCollector, trackLoad, type LoadTrack } from '../../daemon/daemon-status.ts'
import type { DeviceWorker } from '../../daemon/device-worker.ts'
import type { OpenHistory } from '../../house/open-house.ts'
import { createJobs } from '../../daemon/jobs.ts'
import type { Surroundings } from '../open-store.ts'
import { readVersion } from '../read-version.ts'
import type { News } from './create-events.ts'

interface Parts {
  readonly health: () => StoreHealth
  readonly workers: readonly DeviceWorker[]
  readonly view: OpenHistory
  readonly news: News
  readonly signal: AbortSignal
}

/** The daemon as others see it, its jobs and its numbers. */
export function openCollector(
  { intervalMs, lookbackMs }: Config,
  { health, workers, view, news, signal }: Parts,
  { clock }: Surroundings,
): { readonly collector: Collector; readonly loads: readonly LoadTrack[] } {
  const { metrics, events, listeners } = news
  const loads = new Map(workers.map(({ name, context }) => [name, trackLoad(context)]))
  const jobs = createJobs({
    queues: workers,
    clock,
    intervalMs,
    signal,
    onChange: (job) => listeners.tell({ kind: 'job', job }),
    onRepaired({ device, fromMs, untilMs, rowCount, sampleCount }) {
      metrics.filled(device, { rowCount, sampleCount }, true)
      listeners.tell({ kind: 'coverage', device, fromMs, untilMs })
    },
    onChecked: () => view.verify(),
  })
  const startedAtMs = clock.nowMs()
  const collector = createCollector({ workers, store: health, startedAtMs, jobs, events, loads, listeners })
  metrics.show({
    version: readVersion(),
    clock,
    collector,
    busyMs: (device) => workers.find(({ name }) => name === device)?.context.device.cost?.busyMs() ?? 0,
    unusableCells: (device) => workers.find(({ name }) => name === device)?.context.memory.unusableCells ?? 0,
    missingMinutes: (device) => view.missingMinutes(device, clock.nowMs() - lookbackMs),
  })
  return { collector, loads: [...loads.values()] }
}
