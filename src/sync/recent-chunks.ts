import type { TimeWindow } from '../model/time-window.ts'
import { DURABLE_AFTER_MS } from './ensure-durable.ts'
import type { SyncContext } from './session.ts'

/** Chunks that were confirmed so lately that a store that dies forgets them. */
export interface RecentChunks {
  add(chunk: TimeWindow): void
  all(): readonly TimeWindow[]
  /** Asks whether the store has restarted; then hands over what it may have forgotten, to be counted again. */
  takeForgotten(signal: AbortSignal): Promise<readonly TimeWindow[]>
}

/** Begins when a session has been opened. */
export function trackRecentChunks({ store, clock, memory }: SyncContext): RecentChunks {
  let knownStartMs = memory.storeStartedAtMs
  let recent: { readonly chunk: TimeWindow; readonly confirmedMs: number }[] = []
  return {
    add(chunk) {
      recent.push({ chunk, confirmedMs: clock.nowMs() })
    },
    all: () => recent.map(({ chunk }) => chunk),
    async takeForgotten(signal) {
      if (recent.length === 0) return []
      const askedMs = clock.nowMs()
      const { startedAtMs } = await store.status(signal)
      if (startedAtMs === knownStartMs) {
        recent = recent.filter(({ confirmedMs }) => confirmedMs > askedMs - DURABLE_AFTER_MS)
        return []
      }
      knownStartMs = startedAtMs
      const forgotten = recent.map(({ chunk }) => chunk)
      recent = []
      return forgotten
    },
  }
}
