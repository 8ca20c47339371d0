import type { TimeWindow } from '../model/time-window.ts'
import { DURABLE_AFTER_MS } from './ensure-durable.ts'
import type { SyncContext } from './session.ts'

/** Chunks whose samples may be so young that a store that dies forgets them. */
export interface RecentChunks {
  /** A chunk has all its minutes now; `isWritten`: some of them were, or may have been, written just before. */
  add(chunk: TimeWindow, isWritten: boolean): void
  /** Those that were written. */
  written(): readonly TimeWindow[]
  /** Asks whether the store has restarted; then names the chunks that it may have forgotten, to be counted again. */
  findForgotten(signal: AbortSignal): Promise<readonly TimeWindow[]>
}

/** Begins when a session has been opened. */
export function trackRecentChunks({
  store,
  clock,
  memory,
}: Pick<SyncContext, 'store' | 'clock' | 'memory'>): RecentChunks {
  let knownStartMs = memory.storeStartedAtMs
  /** Before, a process that has died may have written what is found there. */
  const foreignUntilMs = clock.nowMs() + DURABLE_AFTER_MS
  const recent = new Map<TimeWindow, { readonly confirmedMs: number; readonly isWritten: boolean }>()
  return {
    add(chunk, isWritten) {
      // One that was to be counted again and lacks nothing is as young as it was.
      if (isWritten) recent.set(chunk, { confirmedMs: clock.nowMs(), isWritten })
      else if (!recent.has(chunk) && clock.nowMs() < foreignUntilMs)
        recent.set(chunk, { confirmedMs: clock.nowMs(), isWritten })
    },
    written: () => [...recent].filter(([, { isWritten }]) => isWritten).map(([chunk]) => chunk),
    async findForgotten(signal) {
      if (recent.size === 0) return []
      const askedMs = clock.nowMs()
      const { startedAtMs } = await store.status(signal)
      if (startedAtMs !== knownStartMs) {
        knownStartMs = startedAtMs
        return [...recent.keys()]
      }
      for (const [chunk, { confirmedMs }] of recent) if (confirmedMs <= askedMs - DURABLE_AFTER_MS) recent.delete(chunk)
      return []
    },
  }
}
