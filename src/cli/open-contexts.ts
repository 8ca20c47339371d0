import { join } from 'node:path'
import type { Config, DeviceConfig } from '../config/config.ts'
import { openIotawatt, type IotawattSurroundings } from '../iotawatt/open-iotawatt.ts'
import { DEFAULT_LABEL_RULES } from '../labels/default-rules.ts'
import type { Store } from '../model/store.ts'
import { readWriterIdentity } from '../runtime/writer-identity.ts'
import { claimDevice, type Writer } from '../sync/claim-device.ts'
import type { SyncContext } from '../sync/session.ts'
import { createSyncMemory } from '../sync/sync-memory.ts'
import type { Surroundings } from './open-store.ts'

type DeviceWatch = Pick<IotawattSurroundings, 'onAnswer' | 'onRetry'>

/** What copying works with, for each device. */
export function openContexts(
  config: Config,
  { devices, store }: { devices: readonly DeviceConfig[]; store: Store },
  { watch, ...surroundings }: Surroundings & { readonly watch?: (device: string) => DeviceWatch },
): SyncContext[] {
  let identity: Promise<Writer> | undefined
  const writer = () => (identity ??= readWriterIdentity(config.stateDir))
  const { intervalMs } = config
  return devices.map((device) => ({
    ...surroundings,
    store,
    // The embedded store can be opened by one process alone.
    ...(config.store.type !== 'embedded' && {
      claim: claimDevice({ deviceName: device.name, intervalMs, store, clock: surroundings.clock, writer }),
    }),
    memory: createSyncMemory(),
    backupDir: join(config.stateDir, 'backup'),
    device: openIotawatt(
      {
        name: device.name,
        url: device.url,
        maxDeviceLoad: config.maxDeviceLoad,
        auth: device.auth && { username: device.auth.username, password: device.auth.password.reveal() },
      },
      { ...surroundings, ...watch?.(device.name) },
    ),
    settings: {
      deviceName: device.name,
      metric: config.metric,
      rules: config.rules ?? DEFAULT_LABEL_RULES,
      lookbackMs: config.lookbackMs,
      chunkMs: config.chunkMs,
      allowDuplicates: config.store.type === 'victoriametrics' && config.store.allowDuplicates,
      ...(device.sinceMs !== undefined && { sinceMs: device.sinceMs }),
      ...(device.channels && { channels: device.channels }),
    },
  }))
}
