import { join } from 'node:path'
import type { Config, DeviceConfig } from '../config/config.ts'
import { DEFAULT_LABEL_RULES } from '../labels/default-rules.ts'
import type { Store } from '../model/store.ts'
import { readWriterIdentity } from '../runtime/writer-identity.ts'
import { reloadsIn } from '../sync/legacy/reload/finish-reloads.ts'
import { claimDevices, type Writer } from '../sync/session/claim-device.ts'
import { createDeviceIdentities } from '../sync/session/device-identities.ts'
import { knownDevicesIn } from '../sync/session/known-devices.ts'
import type { SyncContext } from '../sync/session/session.ts'
import { createSyncMemory } from '../sync/session/sync-memory.ts'
import { type DeviceWatch, openDevice } from './open-device.ts'
import type { Deps } from './open-store.ts'

/** What copying works with, for each device. */
export function openContexts(
  config: Config,
  { devices, store, readOnly = false }: { devices: readonly DeviceConfig[]; store: Store; readOnly?: boolean },
  { watch, ...deps }: Deps & { readonly watch?: (device: string) => DeviceWatch },
): SyncContext[] {
  let identity: Promise<Writer> | undefined
  const writer = () => (identity ??= readWriterIdentity(config.stateDir, { readOnly }))
  const { intervalMs } = config
  const { allowDuplicates = false } = config.store
  const claimOf = claimDevices({ intervalMs, store, clock: deps.clock, writer, allowDuplicates })
  const open = (device: DeviceConfig) =>
    openDevice(device, { maxDeviceLoad: config.maxDeviceLoad }, { ...deps, ...watch?.(device.name) })
  const opened = new Map(devices.map((device) => [device.name, open(device)]))
  const identities = createDeviceIdentities({
    devices: config.devices.map((device) => {
      const { name, url, mac } = device
      const asked = opened.get(name) ?? open(device)
      return { name, url, ...(mac !== undefined && { mac }), askStatus: (signal) => asked.status(signal) }
    }),
    known: knownDevicesIn(config.stateDir, { readOnly }),
    ...deps,
  })
  return devices.map((device) => ({
    ...deps,
    store,
    identities,
    // The embedded store can be opened by one process alone.
    ...(config.store.type !== 'embedded' && {
      claim: claimOf(device.name),
    }),
    memory: createSyncMemory(),
    reloads: reloadsIn(join(config.stateDir, 'backup')),
    device: opened.get(device.name) ?? open(device),
    settings: {
      deviceName: device.name,
      source: device.type,
      metric: config.metric,
      rules: config.rules ?? DEFAULT_LABEL_RULES,
      lookbackMs: config.lookbackMs,
      chunkMs: config.chunkMs,
      allowDuplicates,
      maxAgeMs: config.web.maxAgeMs,
      ...(device.sinceMs !== undefined && { sinceMs: device.sinceMs }),
      ...(device.channels && { channels: device.channels }),
      ...(device.labels && { labels: device.labels }),
    },
  }))
}
