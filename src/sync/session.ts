import type { Device, DeviceStatus } from '../model/device.ts'
import type { Store } from '../model/store.ts'
import type { TimeWindow } from '../model/time-window.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import type { Random } from '../runtime/random.ts'
import type { SyncMemory } from './sync-memory.ts'
import type { SyncSettings } from './sync-settings.ts'
import type { Target } from './target.ts'

/** What copying a device works with. */
export interface SyncContext {
  readonly device: Device
  readonly store: Store
  readonly settings: SyncSettings
  readonly memory: SyncMemory
  readonly clock: Clock
  readonly log: Log
  readonly random: Random
}

/** A settled store, looked at: what writing into it works with. */
export interface StoreSession extends Omit<SyncContext, 'device'> {
  /** The newest stored sample by series key, when the session was opened; none where the store has no such series. */
  readonly positions: ReadonlyMap<string, number>
  /** What a person should know of; each is logged once a process. */
  readonly warnings: string[]
}

/** A device and a settled store, looked at: the ground for a plan, until one of them fails or restarts. */
export interface Session extends StoreSession, SyncContext {
  readonly status: DeviceStatus
  readonly targets: readonly Target[]
  /** What was asked for and the store would drop, being older than it retains. */
  readonly beyondRetention: TimeWindow | undefined
  /** Channels that cannot be copied though they are wanted. */
  readonly failedChannels: readonly string[]
}

/** Logs a warning once a process, and keeps it for the report; `topic` is what stays the same in a message that varies. */
export function warnOnce(
  { memory, log, warnings }: Pick<StoreSession, 'memory' | 'log' | 'warnings'>,
  message: string,
  topic = message,
): void {
  warnings.push(message)
  if (memory.said.has(topic)) return
  memory.said.add(topic)
  log.warn(message)
}
