import type { TimeWindow } from '../../model/time-window.ts'
import { DURABLE_AFTER_MS } from './ensure-durable.ts'
import type { SyncContext } from '../session/session.ts'

/** Chunks whose samples may be so young that a store that dies forgets them. */
export interface RecentChunks {
  /** A chunk has all its minutes now; `isWritten`: some of them were, or may have been, written just before. */
  add(chunk: TimeWindow, isWritten: boolean): void
  /** Those of which it is not known that they stay. */
  unproven(): Unproven
  /** Asks whether the store has restarted; then names the chunks that have to be counted again. */
  findForgotten(signal: AbortSignal): Promise<Forgotten>
}

export interface Unproven {
  readonly windows: readonly TimeWindow[]
  /** When the store had started that confirmed all of them, where that could be seen. */
  readonly startedAtMs: number | undefined
}

export interface Forgotten {
  readonly chunks: readonly TimeWindow[]
  /** Whether the store is known to have restarted; else it may have, unseen. */
  readonly hasRestarted: boolean
}

interface RecentChunk {
  readonly confirmedMs: number
  readonly isWritten: boolean
  /** When the store had started that it was written to, where that could be seen. */
  readonly startedAtMs: number | undefined
  /** Whether it stays for good when it is found complete now. */
  readonly isLastCount: boolean
}

/**
 * Begins when a session has been opened. What was confirmed is known to stay when, some time later, the store has
 * demonstrably not restarted, or it is counted once more: a store that hides its start may have died meanwhile.
 */
export function trackRecentChunks({
  store,
  clock,
  memory,
}: Pick<SyncContext, 'store' | 'clock' | 'memory'>): RecentChunks {
  let seenStartMs = memory.storeRun.startedAtMs
  let knownStartMs = seenStartMs
  /** Before, a process that has died may have written what is found there. */
  const foreignUntilMs = clock.nowMs() + DURABLE_AFTER_MS
  const recent = new Map<TimeWindow, RecentChunk>()

  function proveAll(startedAtMs: number | undefined, oldMs: number): void {
    for (const [chunk, { confirmedMs, startedAtMs: beforeMs }] of recent)
      if (startedAtMs !== undefined && beforeMs === startedAtMs && confirmedMs <= oldMs) recent.delete(chunk)
  }

  /** To be counted again, for the last time where they are old. */
  function countAgain(chunks: readonly TimeWindow[], oldMs: number): readonly TimeWindow[] {
    for (const chunk of chunks) {
      const known = recent.get(chunk)
      if (known) recent.set(chunk, { ...known, isLastCount: known.confirmedMs <= oldMs })
    }
    return chunks
  }

  return {
    add(chunk, isWritten) {
      const known = recent.get(chunk)
      const confirmedMs = clock.nowMs()
      const young = { confirmedMs, isWritten, startedAtMs: seenStartMs, isLastCount: false }
      if (isWritten) recent.set(chunk, young)
      else if (known?.isLastCount) recent.delete(chunk)
      // One that was to be counted again and is complete is as young as it was.
      else if (known) recent.set(chunk, { ...known, startedAtMs: seenStartMs })
      else if (clock.nowMs() < foreignUntilMs) recent.set(chunk, young)
    },
    unproven() {
      // Of what others wrote, a store that is seen to go on loses nothing.
      const young = [...recent].filter(([, { isWritten, startedAtMs }]) => isWritten || startedAtMs === undefined)
      const isOfOneRun = young.every(([, { startedAtMs }]) => startedAtMs === seenStartMs)
      return { windows: young.map(([chunk]) => chunk), startedAtMs: isOfOneRun ? seenStartMs : undefined }
    },
    async findForgotten(signal) {
      if (recent.size === 0) return { chunks: [], hasRestarted: false }
      const oldMs = clock.nowMs() - DURABLE_AFTER_MS
      const { startedAtMs } = await store.status(signal)
      seenStartMs = startedAtMs
      const hasRestarted = startedAtMs !== undefined && knownStartMs !== undefined && startedAtMs !== knownStartMs
      knownStartMs = startedAtMs ?? knownStartMs
      if (hasRestarted) return { chunks: countAgain([...recent.keys()], oldMs), hasRestarted }
      proveAll(startedAtMs, oldMs)
      const due = [...recent].filter(([, { confirmedMs }]) => confirmedMs <= oldMs).map(([chunk]) => chunk)
      return { chunks: countAgain(due, oldMs), hasRestarted }
    },
  }
}
