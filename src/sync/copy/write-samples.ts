import { seriesKey, type NewSamples } from '../../model/series.ts'
import { withGrace } from '../../runtime/clock.ts'
import type { StoreSession, SyncContext } from '../session/session.ts'
import { doubtStore } from '../session/sync-memory.ts'

/** A stop does not cut a write that has begun, or its fate would be unknown. */
const WRITE_GRACE_MS = 3_000

/** Writes, and remembers when a failed write may still be executed. */
export async function writeSamples(
  { store, memory, clock, claim }: Omit<SyncContext, 'device'>,
  batch: readonly NewSamples[],
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted()
  await claim?.hold(signal)
  const grace = withGrace(signal, WRITE_GRACE_MS)
  try {
    await store.write(batch, grace.signal)
  } catch (error) {
    doubtStore(memory, error, clock.nowMs())
    memory.attempt.isWriteFailing = true
    throw error
  } finally {
    grace.release()
  }
}

/** The first sample of each series that the store does not hold yet, and everything else. */
export function splitSeeds(
  session: StoreSession,
  batch: readonly NewSamples[],
): { seeds: NewSamples[]; rest: NewSamples[] } {
  const seeds: NewSamples[] = []
  const rest: NewSamples[] = []
  for (const series of batch) {
    if (isKnown(session, series)) rest.push(series)
    else {
      seeds.push(slice(series, 0, 1))
      if (series.timestampsMs.length > 1) rest.push(slice(series, 1))
    }
  }
  return { seeds, rest }
}

function isKnown({ positions, memory }: StoreSession, { labels }: NewSamples): boolean {
  const key = seriesKey(labels)
  return positions.has(key) || memory.storeRun.seeded.has(key)
}

function slice({ labels, timestampsMs, values }: NewSamples, from: number, until?: number): NewSamples {
  return { labels, timestampsMs: timestampsMs.slice(from, until), values: values.slice(from, until) }
}
