import type { TimeWindow } from '../model/time-window.ts'
import { fillWindow } from './fill-window.ts'
import type { Session } from './session.ts'
import { settleStore } from './settle-store.ts'
import type { Target } from './target.ts'

/** A store killed by force forgets what it acknowledged up to some 15 s before. */
export const DURABLE_AFTER_MS = 20_000
const MAX_RECOUNTS = 3

/** Stays until what was written into the windows survives the sudden death of the store, writing again what did not. */
export async function ensureDurable(
  session: Session,
  { targets, windows }: { targets: readonly Target[]; windows: readonly TimeWindow[] },
  signal: AbortSignal,
): Promise<void> {
  let knownStartMs = session.memory.storeStartedAtMs
  for (let recount = 1; recount <= MAX_RECOUNTS; recount++) {
    const isDurable = (await session.store.persist(signal)) === 'durable'
    const { startedAtMs } = await session.store.status(signal)
    if (isDurable && startedAtMs === knownStartMs) return
    knownStartMs = startedAtMs
    if (!isDurable) await session.clock.sleep(DURABLE_AFTER_MS, signal)
    await settleStore(session, signal)
    let lostSamples = 0
    for (const window of windows)
      lostSamples += (await fillWindow(session, { targets, window }, { signal })).sampleCount
    if (lostSamples === 0) return
    session.log.warn(
      `${session.settings.deviceName}: ${session.store.name} lost ${lostSamples} samples that it had confirmed; they were written again`,
    )
  }
}
