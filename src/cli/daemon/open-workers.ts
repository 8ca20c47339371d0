import type { Config } from '../../config/config.ts'
import type { Store } from '../../model/store.ts'
import { createDeviceWorker, type DeviceWorker, type WorkerOptions } from '../../daemon/device-worker.ts'
import { openContexts } from '../open-contexts.ts'
import type { Surroundings } from '../open-store.ts'
import type { News } from './create-events.ts'

/** A worker for each device, and all that it does becomes news. */
export function openWorkers(
  config: Config,
  { store, news, onPass }: { store: Store; news: News; onPass?: NonNullable<WorkerOptions['onPass']> },
  surroundings: Surroundings,
): DeviceWorker[] {
  const { metrics, listeners, tellStatus } = news
  const watch = (device: string) => ({
    onAnswer: (kind: Parameters<typeof metrics.requested>[1], durationMs: number) =>
      metrics.requested(device, kind, durationMs),
    onRetry: () => metrics.retried(device),
  })
  return openContexts(config, { devices: config.devices, store }, { ...surroundings, watch }).map((context) => {
    const device = context.settings.deviceName
    return createDeviceWorker(context, {
      intervalMs: config.intervalMs,
      backfill: config.backfill,
      onPass(report, isWell) {
        metrics.passed(device, report, isWell)
        listeners.tell({ kind: 'pass', device, storedUntilMs: report.storedUntilMs })
        tellStatus()
        onPass?.(report, isWell)
      },
      onPassFailed: () => metrics.passFailed(device),
      onHistory(progress, isAudit) {
        metrics.filled(device, progress, isAudit)
        if (progress.sampleCount > 0) listeners.tell({ kind: 'coverage', device, ...progress.chunk })
      },
      onChange: tellStatus,
    })
  })
}
