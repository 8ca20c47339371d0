import type { Config, DeviceConfig } from '../config/config.ts'
import type { Collector } from '../model/collector.ts'
import type { Store } from '../model/store.ts'
import { lockDevice, type DeviceLock } from '../runtime/device-lock.ts'
import { createDirectQueue, type DeviceQueue } from '../sync/device-work.ts'
import { openContexts } from './open-contexts.ts'
import { openStore, type Surroundings } from './open-store.ts'

/** What the commands work on: in this process, or in the daemon that carries them out. */
export interface Engine {
  readonly config: Config
  readonly store: Store
  readonly queues: readonly DeviceQueue[]
  /** The daemon, where there is one. */
  readonly collector?: Pick<Collector, 'status'>
}

/** Opens the store and the devices for one command; holds the devices until closed. */
export async function openEngine(
  config: Config,
  devices: readonly DeviceConfig[],
  surroundings: Surroundings,
): Promise<Engine & { close(): Promise<void> }> {
  const locks = await lockAll(config.stateDir, devices)
  try {
    const store = await openStore(config, surroundings)
    const contexts = openContexts(config, { devices, store }, surroundings)
    return {
      config,
      store,
      queues: contexts.map(createDirectQueue),
      async close() {
        await Promise.all(contexts.map(({ device }) => device.close()))
        await store.close()
        await releaseAll(locks)
      },
    }
  } catch (error) {
    await releaseAll(locks)
    throw error
  }
}

export async function lockAll(stateDir: string, devices: readonly DeviceConfig[]): Promise<DeviceLock[]> {
  const locks: DeviceLock[] = []
  try {
    for (const { name } of devices) locks.push(await lockDevice(stateDir, name))
    return locks
  } catch (error) {
    await releaseAll(locks)
    throw error
  }
}

export async function releaseAll(locks: readonly DeviceLock[]): Promise<void> {
  await Promise.all(locks.map((lock) => lock.release()))
}
