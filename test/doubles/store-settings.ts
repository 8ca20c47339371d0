import type { Labels, Sample, SeriesSamples } from '../../src/model/series.ts'
import type { Store } from '../../src/model/store.ts'
import type { TimeWindow } from '../../src/model/time-window.ts'
import type { ReadFault, WriteFault } from './store-fault.ts'

/** VictoriaMetrics' habits, as measured; each can be set, some while it runs. */
export interface SimulatedStoreSettings {
  /** Until a sample is seen without a flush. */
  visibleAfterMs: number
  /** For so long "nothing" is answered again to the same question, unless it was flushed meanwhile. */
  cachesNothingMs: number
  /** Until an acknowledged sample survives a sudden death. */
  durableAfterMs: number
  deduplicates: boolean
  /** Older samples are accepted and dropped. */
  retentionMs: number
  readOnly: boolean
  /** Of the series that are written within an hour, the first so many are kept; the others are accepted and dropped. */
  hourlySeries: number
  /** A queue in front, as of a cluster: no flush, no snapshot. */
  buffers: boolean
  mayFlush: boolean
  maySnapshot: boolean
  /** Says nothing of itself, as behind a proxy. */
  isSilent: boolean
  /** Does not say when it started, so that a restart cannot be seen. */
  hidesStart: boolean
  /** Storage nodes that keep a part of the series each, and forget on their own. */
  nodeCount: number
}

export interface SimulatedStore extends Store {
  readonly settings: SimulatedStoreSettings
  /** Every label set that has a sample. */
  allSeries(): readonly Labels[]
  /** Every sample that the store keeps of a series, duplicates included, oldest first; those on their way are not kept yet. */
  samplesOf(labels: Labels): readonly Sample[]
  /** Samples of another program, there at once and for good. */
  insert(batch: readonly SeriesSamples[]): void
  /** Samples that have long been visible vanish. */
  cut(window: TimeWindow): void
  /** The next writes, or questions, go wrong like this, one after another. */
  failWrites(...faults: readonly WriteFault[]): void
  failReads(...faults: readonly ReadFault[]): void
  /** Asked before each write, or question, until it is set again: undefined: nothing goes wrong. */
  setFaults(hooks: StoreFaultHooks): void
  /**
   * kill -9: what was not durable is gone. It answers nothing until `start`; without one of its nodes it takes writes, and
   * answers in part.
   */
  kill(node?: number): void
  /** A clean end: nothing is lost. */
  stop(): void
  start(node?: number): void
  isRunning(): boolean
  /** How often each method was called. */
  readonly calls: Readonly<Record<'status' | 'flush' | 'read' | 'write' | 'persist' | 'delete', number>>
}

export interface StoreFaultHooks {
  readonly write?: () => WriteFault | undefined
  readonly read?: () => ReadFault | undefined
}

/** VictoriaMetrics as it comes, kept for ever. */
export const MEASURED: SimulatedStoreSettings = {
  visibleAfterMs: 4_000,
  cachesNothingMs: 10_000,
  durableAfterMs: 15_000,
  deduplicates: false,
  retentionMs: 100 * 365 * 86_400_000,
  readOnly: false,
  hourlySeries: Infinity,
  buffers: false,
  mayFlush: true,
  maySnapshot: true,
  isSilent: false,
  hidesStart: false,
  nodeCount: 1,
}
