import type { StoreConfig } from '../../config/config.ts'
import { parsePointInTime } from '../../config/point-in-time.ts'
import { formatMinute } from '../../model/time-window.ts'
import { describeStore, type Finding } from '../../sync/check/check-device.ts'
import { describeSoonDropped } from '../../sync/session/retention.ts'
import { openStore, type Surroundings } from '../open-store.ts'
import type { DeviceSetup } from './setup.ts'

export interface StoreLookOptions {
  readonly devices: readonly DeviceSetup[]
  readonly signal: AbortSignal
}

/** What `check` would say of a VictoriaMetrics, and whether it would keep all that is wanted. Throws `StoreError`. */
export async function lookAtStore(
  config: Exclude<StoreConfig, { readonly type: 'embedded' }>,
  surroundings: Surroundings,
  { devices, signal }: StoreLookOptions,
): Promise<Finding[]> {
  const store = await openStore({ store: config, stateDir: '' }, surroundings)
  try {
    const status = await store.status(signal)
    return [
      ...describeStore(store.name, status, config),
      ...retentionWarning(status.retainsFromMs, devices, surroundings.clock.nowMs()),
    ]
  } finally {
    await store.close()
  }
}

function retentionWarning(
  retainsFromMs: number | undefined,
  devices: readonly DeviceSetup[],
  nowMs: number,
): Finding[] {
  const wantedFromMs = Math.min(
    ...devices.map(({ since, firstMs }) => Math.max(firstMs, parsePointInTime(since ?? '') ?? 0)),
  )
  const soon = describeSoonDropped({ ...(retainsFromMs !== undefined && { retainsFromMs }), wantedFromMs }, nowMs)
  if (soon !== undefined) return [{ verdict: 'WARN', subject: 'store', message: soon }]
  if (retainsFromMs === undefined || retainsFromMs <= wantedFromMs) return []
  const message = `it drops what the devices have from ${formatMinute(wantedFromMs)} on; to keep it, start VictoriaMetrics with -retentionPeriod=100y`
  return [{ verdict: 'WARN', subject: 'store', message }]
}
