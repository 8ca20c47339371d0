import type { Config, DeviceConfig } from '../config/config.ts'
import type { Daemon } from '../model/daemon.ts'
import type { Store } from '../model/store.ts'
import { LockedError, lockDevices } from '../runtime/device-lock.ts'
import { openStateFolder } from '../runtime/state-folder.ts'
import { createDirectQueue, type DeviceQueue } from '../sync/session/device-work.ts'
import type { SyncContext } from '../sync/session/session.ts'
import { openContexts } from './open-contexts.ts'
import { openStore, type Deps } from './open-store.ts'
import { readVersion } from './read-version.ts'
import type { Work } from '../web/command-protocol.ts'

const RELEASE_MS = 2_000

export interface WorkOfProcess extends Work {
  /** Its number; undefined where it did not tell. */
  readonly process: number | undefined
  /** `load` (process 5926) has been at work since 05:29, 12 %, 6 min left */
  readonly text: string
}

/** What the commands work on: in this process, or in the daemon that carries them out. */
export interface Engine {
  readonly config: Config
  readonly store: Store
  readonly queues: readonly DeviceQueue[]
  /** The daemon, where there is one. */
  readonly daemon?: Pick<Daemon, 'status'>
  /** What a command is at that works without the daemon, beside this one. */
  readonly atWork?: () => WorkOfProcess | undefined
  /** Why the store could not be looked at, though nothing is wrong with it. */
  readonly unseenStore?: string
}

export interface OpenEngine extends Engine {
  /** Of all devices of the configuration. */
  readonly contexts: readonly SyncContext[]
  close(): Promise<void>
}

export interface EngineOptions {
  readonly devices: readonly DeviceConfig[]
  /** `where free`: what only reads may work beside the holder. */
  readonly locks: 'all' | 'where free' | 'none'
  /** Nothing is written, on this machine or into the store. */
  readonly readOnly?: boolean
  /** What others who want the devices are told. */
  readonly describe?: () => string
  /** What stands for a store that cannot be opened; undefined, or left out: that is an error. */
  readonly replaceStore?: ((error: unknown) => Store | undefined) | undefined
}

/** Opens the store and the devices for one command; holds the devices until closed. */
export async function openEngine(
  config: Config,
  { devices, locks: expected, readOnly = false, describe, replaceStore }: EngineOptions,
  deps: Deps,
): Promise<OpenEngine> {
  await openStateFolder(config.stateDir, readVersion(), { readOnly })
  const names = expected === 'none' ? [] : devices.map(({ name }) => name)
  const lock = await lockDevices(config.stateDir, names, describe).catch(unlessHeld(expected))
  try {
    const store = await openStore(config, deps, { readOnly }).catch((error: unknown) => {
      const replaced = replaceStore?.(error)
      if (replaced === undefined) throw error
      return replaced
    })
    const contexts = openContexts(config, { devices: config.devices, store, readOnly }, deps)
    const isHeld = lock !== undefined
    const own = contexts.filter(({ settings }) => devices.some(({ name }) => name === settings.deviceName))
    return {
      config,
      store,
      contexts,
      queues: own.map((context) => createDirectQueue(isHeld ? context : withoutReloads(context))),
      async close() {
        await releaseClaims(contexts)
        await Promise.all(contexts.map(({ device }) => device.close()))
        await store.close()
        await lock?.release()
      },
    }
  } catch (error) {
    await lock?.release()
    throw error
  }
}

function unlessHeld(expected: EngineOptions['locks']) {
  return (error: unknown): undefined => {
    if (expected !== 'where free' || !(error instanceof LockedError)) throw error
  }
}

/** What works beside a process that holds the device does not finish a reload, which may be that one's. */
export function withoutReloads(context: SyncContext): SyncContext {
  const { reloads: _, ...others } = context
  return others
}

/** For others to go on at once. A store that is off keeps nobody waiting: a claim ends by itself. */
export async function releaseClaims(contexts: readonly SyncContext[]): Promise<void> {
  const claims = contexts.flatMap(({ claim }) => claim ?? [])
  await Promise.all(claims.map((claim) => claim.release(AbortSignal.timeout(RELEASE_MS)).catch(() => {})))
}
