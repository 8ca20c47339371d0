import type { LabelOptions } from '../../labels/labels-for.ts'
import type { Channel, LabelRule } from '../../model/channel.ts'
import type { Device, DeviceChannel, DeviceStatus, DeviceType } from '../../model/device.ts'
import type { Store, StoreStatus } from '../../model/store.ts'
import type { TimeWindow } from '../../model/time-window.ts'
import type { Clock, Random } from '../../runtime/clock.ts'
import type { Log } from '../../runtime/log.ts'
import type { DeviceClaim } from './claim-device.ts'
import type { DeviceIdentities } from './device-identities.ts'
import { remember, type SyncMemory } from './sync-memory.ts'
import type { Target } from './target.ts'

/** What copying a device works with. */
export interface SyncContext {
  readonly device: Device
  readonly store: Store
  readonly settings: SyncSettings
  /** Who the devices are; left out: there is but one, and nobody to take it for. */
  readonly identities?: DeviceIdentities
  /** Where series that are reloaded are backed up; left out: nothing is ever reloaded. */
  readonly reloads?: Reloads
  /** That nobody else writes the device; left out: this process only reads, or the store is its own. */
  readonly claim?: DeviceClaim
  /** For what only looks: why this process may not write the device. */
  readonly findRival?: DeviceClaim['findRival']
  readonly memory: SyncMemory
  readonly clock: Clock
  readonly log: Log
  readonly random: Random
}

export interface Reloads {
  readonly backupDir: string
  /**
   * Finishes what a reload left half-way, before anything else is done with the device: so that nothing takes a series
   * that was deleted for one that is missing. Part of a plan, which is made again when it fails.
   */
  finish(context: SyncContext, signal: AbortSignal): Promise<void>
}

/** A flushed store, looked at: what writing into it works with. */
export interface StoreSession extends Omit<SyncContext, 'device'> {
  /** The newest stored sample by series key, when the session was opened; none where the store has no such series. */
  readonly positions: ReadonlyMap<string, number>
  /** Filled with the newest minute by series key that was read back in this session; left out: nobody asks for it. */
  readonly confirmed?: Map<string, number>
  /** What a person should know of; each is logged once a process. */
  readonly warnings: string[]
}

/** A device and a flushed store, looked at: the ground for a plan, until one of them fails or restarts. */
export interface Session extends StoreSession, SyncContext {
  readonly status: DeviceStatus
  /** The closed minutes that the log of the device holds. */
  readonly logged: TimeWindow
  readonly storeStatus: StoreStatus
  /** What the device lists. */
  readonly listed: readonly DeviceChannel[]
  readonly targets: readonly Target[]
  /** What was asked for and the store would drop, being older than it retains. */
  readonly beyondRetention: TimeWindow | undefined
  /** Channels that cannot be copied though they are expected. */
  readonly failedChannels: readonly string[]
  /** Those of the warnings that say why. */
  readonly failures: ReadonlySet<string>
  /** Why the device counts as failing though it answers: nothing is being recorded. */
  readonly stoppedLog: string | undefined
  /** Channels that are expected and that the device does not have. */
  readonly unknownChannels: readonly string[]
}

/** Logs a warning once a process, and keeps it for the report; `topic` is what stays the same in a message that varies. */
export function warnOnce(
  { memory, log, warnings }: Pick<StoreSession, 'memory' | 'log' | 'warnings'>,
  message: string,
  topic = message,
): void {
  warnings.push(message)
  if (memory.process.logged.has(topic)) return
  remember(memory.process.logged, topic)
  log.warn(message)
}

/** What the configuration says about copying one device. */
export interface SyncSettings {
  /** The `device` label: the identity of the device, whatever it calls itself. */
  readonly deviceName: string
  /** The `source` label. */
  readonly source: DeviceType
  readonly sinceMs?: number
  /** Left out: every input that the device lists in watts. */
  readonly channels?: readonly Channel[]
  readonly metric: string
  readonly rules: readonly LabelRule[]
  /** What each series of the device has beside. */
  readonly labels?: LabelOptions['labels']
  readonly lookbackMs: number
  readonly chunkMs: number
  readonly allowDuplicates: boolean
  /** A log whose newest record is older counts as stopped; left out: 15 minutes. */
  readonly maxAgeMs?: number
}

/** What the labels of its series follow from. */
export function labelOptionsOf({ deviceName, source, rules, labels }: SyncSettings): LabelOptions {
  return { device: deviceName, source, rules, labels }
}
