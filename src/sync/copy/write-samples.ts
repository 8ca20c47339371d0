import { seriesKey, type SeriesSamples } from '../../model/series.ts'
import { StoreError } from '../../model/store.ts'
import { withGrace } from '../../runtime/grace.ts'
import type { StoreSession, SyncContext } from '../session/session.ts'

/** A stop does not cut a write that has begun, or its fate would be unknown. */
const WRITE_GRACE_MS = 3_000

/** Writes, and remembers when a failed write may still be executed. */
export async function writeSamples(
  { store, memory, clock, claim }: Omit<SyncContext, 'device'>,
  batch: readonly SeriesSamples[],
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted()
  await claim?.hold(signal)
  const grace = withGrace(signal, WRITE_GRACE_MS)
  try {
    await store.write(batch, grace.signal)
  } catch (error) {
    memory.hasForeignWrites = true
    memory.isWriteFailing = true
    if (error instanceof StoreError && error.ambiguous) memory.ambiguousUntilMs = clock.nowMs() + error.mayLandForMs
    throw error
  } finally {
    grace.release()
  }
}

/** The first sample of each series that the store does not hold yet, and everything else. */
export function splitSeed(
  session: StoreSession,
  batch: readonly SeriesSamples[],
): { seeding: SeriesSamples[]; rest: SeriesSamples[] } {
  const seeding: SeriesSamples[] = []
  const rest: SeriesSamples[] = []
  for (const series of batch) {
    if (isKnown(session, series)) rest.push(series)
    else {
      seeding.push(slice(series, 0, 1))
      if (series.timestampsMs.length > 1) rest.push(slice(series, 1))
    }
  }
  return { seeding, rest }
}

function isKnown({ positions, memory }: StoreSession, { labels }: SeriesSamples): boolean {
  const key = seriesKey(labels)
  return positions.has(key) || memory.seeded.has(key)
}

function slice({ labels, timestampsMs, values }: SeriesSamples, from: number, until?: number): SeriesSamples {
  return { labels, timestampsMs: timestampsMs.slice(from, until), values: values.slice(from, until) }
}
