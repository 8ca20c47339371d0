import type { DeviceChannel, DeviceStatus } from '../../model/device.ts'
import { StoreError, type StoreStatus } from '../../model/store.ts'
import { minuteCount, type TimeWindow } from '../../model/time-window.ts'
import type { Target } from './target.ts'

/**
 * What a process keeps of one device between cycles, to ask and log things once; grouped by how long it holds. Never proof
 * of anything: without it the same questions are asked again.
 */
export interface SyncMemory {
  readonly process: ProcessMemory
  readonly counts: Counts
  /** Replaced by `beginStoreRun`. */
  storeRun: StoreRun
  readonly doubts: StoreDoubts
  readonly drops: Drops
  /** Replaced by `beginDeviceRun`. */
  deviceRun: DeviceRun
  readonly deviceLog: DeviceLog
  readonly tail: Tail
  readonly attempt: Attempt
  readonly reload: ReloadMemory
  readonly shown: Shown
}

/** As long as the process runs. Written where it is found out; nothing clears it, but the topic of a warning that is over. */
interface ProcessMemory {
  /** Texts that were logged already. */
  readonly logged: Set<string>
  /** What was logged of unusable values, by the key of the series. */
  readonly unusableNamed: Map<string, string>
  /** What a probe showed of a store that does not tell how long it keeps samples. */
  retention: SeenRetention | undefined
  /** Where a series starts, by its key, when that is later than what is expected. */
  readonly starts: Map<string, number>
  /** Keys of series that reach back beyond a tail, or of which it was asked where they start. */
  readonly startsKnown: Set<string>
  /** Keys of series that this process has begun: whatever a store then forgets, their channels did not come later. */
  readonly begun: Set<string>
}

/** For the metrics, as long as the process runs. Written by `noteUnusable`; a card counts into those of its device. */
interface Counts {
  /** How many values were read that cannot be used. */
  unusableCells: number
}

/** Until the store restarts, which `noteChanges` sees. */
interface StoreRun {
  /** Undefined: it was not asked yet, or hides it. */
  startedAtMs: number | undefined
  /** Keys of series that the store is known to hold: written by the first samples of a series. */
  readonly seeded: Set<string>
  /** Keys of series that the store was found to have nothing of, at any time: written by `findStored`. */
  readonly neverStored: Set<string>
  /** How often in a row what was written of a series (by its key) was not there when it was read back. */
  readonly losses: Map<string, number>
}

/** Until the store is flushed. Written by `doubtStore` when a write or a deletion failed, cleared by `flushStore`. */
interface StoreDoubts {
  /** Whether somebody else, or a failed request of ours, may have written since the store was last flushed. */
  hasForeignWrites: boolean
  /** Until when a write whose fate is unknown may still be executed; it passes by itself. */
  ambiguousUntilMs: number
}

/**
 * Until the store keeps what it dropped. Written when a plan fails with `unconfirmed` (`replan.ts`), cleared series by
 * series when samples of it are read back, and from a time on by `forgetDropped`.
 */
interface Drops {
  /** Spans of a series (by its key) that the store accepted and dropped. */
  spans: DroppedSpan[]
  /** Keys of series whose samples the store accepts and drops: nothing of them is read from the device. */
  readonly refused: Set<string>
  /** Those of them that the present sync tries again; dropped once more, they are refused at once. */
  readonly onTrial: Set<string>
  /** Whether the store now keeps samples of a series that it dropped before: the daemon counts again, and clears it. */
  isRecountDue: boolean
}

/** Until the device restarts, which `noteChanges` sees: it may have other firmware then, and other names. */
interface DeviceRun {
  readonly startedAtMs: number | undefined
  /** Columns that the device refuses though it lists their channels, by `columnKey`, and what it says. */
  readonly refusedColumns: Map<string, string>
}

/** What `noteChanges` compares the log of the device with; what it holds is forgotten by `forgetLog` and `forgetFormulas`. */
interface DeviceLog {
  firstRecordMs: number | undefined
  fingerprint: string | undefined
  /** Spans in which the device has nothing, as text; a log only grows, so this stays true until it is replaced. */
  readonly outages: Set<string>
  /** Minutes of a series (by its key) of which the device has a value that cannot be used, oldest first. */
  readonly unusable: Map<string, readonly TimeWindow[]>
}

/** From one sync cycle to the next, which alone writes and clears it. */
interface Tail {
  /** Where a tail begins at the latest: up to there a cycle has ended well, whatever others have written since. */
  fromMs: number
  /** Since when the cycles have written what is not known to stay, and when they did so last. */
  unproven: UnprovenTail | undefined
  /** Of the last cycle, where that ended well. */
  look: LastLook | undefined
}

/** How the last attempt of a plan went; each is cleared by the next that goes well. */
interface Attempt {
  /** Whether the last write failed: the next may too, and what is read for it would be read in vain. */
  isWriteFailing: boolean
  /** Whether what this session wrote first was read back: until then no more than that is read from the device. */
  isStoreProven: boolean
  /** What ended the last plan, when that failed. */
  failedWith: string | undefined
  /** Whether a question was refused for a column: the next look at the device finds out for which. */
  doubtsColumns: boolean
}

/** While series are reloaded, which alone writes and clears it. */
interface ReloadMemory {
  /** Of the reload that is preparing its files. */
  preparing: AbortSignal | undefined
  /** In how many rounds the store has not kept what a reload wrote. */
  rounds: number
}

/** For people to see; nothing is decided by it. */
interface Shown {
  /** What was found when both sides were last looked at. */
  seen: SeenSides | undefined
  /** What a load found the device not to have of what it looked at, oldest first; kept over a restart of the daemon. */
  unmeasured: readonly TimeWindow[]
}

export interface SeenSides {
  readonly status: DeviceStatus
  readonly storeStatus: StoreStatus
  readonly clockAheadMs: number
  readonly targets: readonly Target[]
  readonly listedCount: number
  /** By the name of the channel on the device. */
  readonly kinds: ReadonlyMap<string, DeviceChannel['kind']>
  readonly unknownChannels: readonly string[]
}

/** What a sync cycle that ended well leaves to the next, which then asks only for what changes between two of them. */
export interface LastLook {
  /** When both sides were last asked for everything. */
  readonly completeMs: number
  readonly device: Pick<DeviceStatus, 'name' | 'version'>
  readonly listed: readonly DeviceChannel[]
  /** The newest minute that the store has, by series key; no key: it has none. */
  readonly positions: ReadonlyMap<string, number>
}

export interface UnprovenTail {
  readonly fromMs: number
  readonly writtenMs: number
}

export interface SeenRetention {
  /** How far back it was tried. */
  readonly triedFromMs: number
  /** For how long it keeps samples; left out: it kept all that was tried. */
  readonly keepsMs?: number
}

export interface DroppedSpan {
  readonly key: string
  readonly window: TimeWindow
}

/** More than a device that behaves has; what a device that does not makes up costs questions and lines, not memory. */
export const MAX_REMEMBERED = 10_000

/** Keeps the newest. */
export function remember(texts: Set<string>, text: string): void {
  const [oldest] = texts
  if (texts.size >= MAX_REMEMBERED && oldest !== undefined) texts.delete(oldest)
  texts.add(text)
}

/** Spans of a series that touch become one: a store that drops all for months leaves no more. */
export function addDropped(dropped: DroppedSpan[], { key, window }: DroppedSpan): void {
  const index = dropped.findIndex(
    (known) => known.key === key && known.window.fromMs <= window.untilMs && window.fromMs <= known.window.untilMs,
  )
  const known = dropped[index]?.window ?? window
  const joined = {
    fromMs: Math.min(known.fromMs, window.fromMs),
    untilMs: Math.max(known.untilMs, window.untilMs),
  }
  dropped.splice(index < 0 ? dropped.length : index, 1, { key, window: joined })
}

export function countDropped({ memory }: { readonly memory: SyncMemory }): number {
  return memory.drops.spans.reduce((sum, { window }) => sum + minuteCount(window), 0)
}

/** What was dropped from a time on, of one series or of all, may be kept by now. */
export function forgetDropped({ drops }: SyncMemory, { fromMs, key }: { fromMs: number; key?: string }): void {
  drops.spans = drops.spans.filter((span) => span.window.untilMs <= fromMs || (key !== undefined && span.key !== key))
}

/** A write or a deletion failed: the store may have it, or come to have it. */
export function doubtStore({ doubts }: SyncMemory, error: unknown, nowMs: number): void {
  doubts.hasForeignWrites = true
  if (error instanceof StoreError && error.ambiguous) doubts.ambiguousUntilMs = nowMs + error.mayLandForMs
}

export function beginStoreRun(memory: SyncMemory, startedAtMs: number | undefined): void {
  memory.storeRun = { startedAtMs, seeded: new Set(), neverStored: new Set(), losses: new Map() }
}

export function beginDeviceRun(memory: SyncMemory, startedAtMs: number): void {
  memory.deviceRun = { startedAtMs, refusedColumns: new Map() }
}

/** The device has another log. */
export function forgetLog(memory: SyncMemory): void {
  memory.deviceLog.outages.clear()
  forgetFormulas(memory)
}

/** The device reckons its values anew. */
export function forgetFormulas({ deviceLog }: SyncMemory): void {
  deviceLog.unusable.clear()
}

/** For a card of the device: nothing that is remembered of the one is true of the other, but what may still be on its way into the store. */
export function memoryBeside({ doubts, counts, storeRun }: SyncMemory): SyncMemory {
  const memory = { ...createSyncMemory(), doubts, counts }
  beginStoreRun(memory, storeRun.startedAtMs)
  return memory
}

/** For a look at both sides beside the work: what the store does not keep and the device cannot tell is the same for it. */
export function memoryForReading({ drops: { refused, onTrial }, deviceLog: { unusable } }: SyncMemory): SyncMemory {
  const memory = createSyncMemory()
  return {
    ...memory,
    drops: { ...memory.drops, refused: new Set([...refused, ...onTrial]) },
    deviceLog: { ...memory.deviceLog, unusable: new Map(unusable) },
  }
}

export function createSyncMemory(): SyncMemory {
  return {
    process: {
      logged: new Set(),
      unusableNamed: new Map(),
      retention: undefined,
      starts: new Map(),
      startsKnown: new Set(),
      begun: new Set(),
    },
    counts: { unusableCells: 0 },
    storeRun: { startedAtMs: undefined, seeded: new Set(), neverStored: new Set(), losses: new Map() },
    doubts: { hasForeignWrites: true, ambiguousUntilMs: 0 },
    drops: { spans: [], refused: new Set(), onTrial: new Set(), isRecountDue: false },
    deviceRun: { startedAtMs: undefined, refusedColumns: new Map() },
    deviceLog: { firstRecordMs: undefined, fingerprint: undefined, outages: new Set(), unusable: new Map() },
    tail: { fromMs: Infinity, unproven: undefined, look: undefined },
    attempt: { isWriteFailing: false, isStoreProven: false, failedWith: undefined, doubtsColumns: false },
    reload: { preparing: undefined, rounds: 0 },
    shown: { seen: undefined, unmeasured: [] },
  }
}
