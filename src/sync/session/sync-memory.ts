import type { DeviceStatus } from '../../model/device.ts'
import type { StoreStatus } from '../../model/store.ts'
import { minuteCount, type TimeWindow } from '../../model/time-window.ts'
import type { Target } from './target.ts'

/**
 * What a process keeps of one device between cycles, to ask and log things once. Never proof of anything:
 * without it the same questions are asked again.
 */
export interface SyncMemory {
  /** Texts that were logged already. */
  readonly logged: Set<string>
  /** Spans in which the device has nothing, as text; a log only grows, so this stays true until it is replaced. */
  readonly outages: Set<string>
  /** Spans of a series (by its key) that the store accepted and dropped. */
  dropped: DroppedSpan[]
  /** How often in a row what was written of a series (by its key) was not there when it was read back. */
  readonly losses: Map<string, number>
  /** Keys of series whose samples the store accepts and drops: nothing of them is read from the device. */
  readonly refused: Set<string>
  /** Those of them that the present sync tries again; dropped once more, they are refused at once. */
  readonly onTrial: Set<string>
  /** Whether the store now keeps samples of a series that it dropped before: its minutes are to be counted again. */
  isRecountDue: boolean
  /** Minutes of a series (by its key) of which the device has a value that cannot be used, oldest first. */
  readonly unusable: Map<string, readonly TimeWindow[]>
  /** What was logged of them, by the key of the series. */
  readonly unusableNamed: Map<string, string>
  /** How many such values were read. */
  unusableCells: number
  /** Columns that the device refuses though it lists their channels, by `columnKey`, and what it says. */
  readonly refusedColumns: Map<string, string>
  /** Whether a question was refused for a column: the next look at the device finds out for which. */
  doubtsColumns: boolean
  /** Where a tail begins at the latest: up to there a cycle has ended well, whatever others have written since. */
  tailFromMs: number
  /** Since when the cycles have written what is not known to stay, and when they did so last. */
  unprovenTail: UnprovenTail | undefined
  /** Where a series starts, by its key, when that is later than what is expected. */
  readonly starts: Map<string, number>
  /** Keys of series that reach back beyond a tail, or of which it was asked where they start. */
  readonly startsKnown: Set<string>
  /** Keys of series that the store was found to have nothing of, at any time. */
  readonly neverStored: Set<string>
  /** Keys of series that the store is known to hold. */
  readonly seeded: Set<string>
  /** Whether somebody else, or a failed request of ours, may have written since the store was last flushed. */
  hasForeignWrites: boolean
  /** Whether the last write failed: the next may too, and what is read for it would be read in vain. */
  isWriteFailing: boolean
  /** Whether what this session wrote first was read back: until then no more than that is read from the device. */
  isStoreProven: boolean
  /** What ended the last plan, when that failed. */
  failedWith: string | undefined
  /** Until when a write whose fate is unknown may still be executed. */
  ambiguousUntilMs: number
  /** Of the reload that is preparing its files. */
  reload: AbortSignal | undefined
  /** In how many rounds the store has not kept what a reload wrote. */
  reloadRounds: number
  storeStartedAtMs: number | undefined
  /** What a probe showed of a store that does not tell how long it keeps samples. */
  retention: SeenRetention | undefined
  deviceStartedAtMs: number | undefined
  firstRecordMs: number | undefined
  fingerprint: string | undefined
  /** What was found when both sides were last looked at. */
  seen: SeenSides | undefined
  /** What a load found the device not to have of what it looked at, oldest first, for people to see. */
  unmeasured: readonly TimeWindow[]
}

export interface SeenSides {
  readonly status: DeviceStatus
  readonly storeStatus: StoreStatus
  readonly clockAheadMs: number
  readonly targets: readonly Target[]
  readonly listedCount: number
  readonly unknownChannels: readonly string[]
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
  return memory.dropped.reduce((sum, { window }) => sum + minuteCount(window), 0)
}

/** For a card of the device: nothing that is remembered of the one is true of the other, but what may still be on its way into the store. */
export function memoryBeside(other: SyncMemory): SyncMemory {
  return {
    ...createSyncMemory(),
    storeStartedAtMs: other.storeStartedAtMs,
    get unusableCells() {
      return other.unusableCells
    },
    set unusableCells(count) {
      other.unusableCells = count
    },
    get hasForeignWrites() {
      return other.hasForeignWrites
    },
    set hasForeignWrites(has) {
      other.hasForeignWrites = has
    },
    get ambiguousUntilMs() {
      return other.ambiguousUntilMs
    },
    set ambiguousUntilMs(untilMs) {
      other.ambiguousUntilMs = untilMs
    },
  }
}

/** For a look at both sides beside the work: what the store does not keep and the device cannot tell is the same for it. */
export function memoryForReading({ refused, onTrial, unusable }: SyncMemory): SyncMemory {
  return { ...createSyncMemory(), refused: new Set([...refused, ...onTrial]), unusable: new Map(unusable) }
}

export function createSyncMemory(): SyncMemory {
  return {
    logged: new Set(),
    outages: new Set(),
    dropped: [],
    losses: new Map(),
    refused: new Set(),
    onTrial: new Set(),
    isRecountDue: false,
    unusable: new Map(),
    unusableNamed: new Map(),
    unusableCells: 0,
    refusedColumns: new Map(),
    doubtsColumns: false,
    tailFromMs: Infinity,
    unprovenTail: undefined,
    starts: new Map(),
    startsKnown: new Set(),
    neverStored: new Set(),
    seeded: new Set(),
    hasForeignWrites: true,
    isWriteFailing: false,
    isStoreProven: false,
    failedWith: undefined,
    ambiguousUntilMs: 0,
    reload: undefined,
    reloadRounds: 0,
    storeStartedAtMs: undefined,
    retention: undefined,
    deviceStartedAtMs: undefined,
    firstRecordMs: undefined,
    fingerprint: undefined,
    seen: undefined,
    unmeasured: [],
  }
}
