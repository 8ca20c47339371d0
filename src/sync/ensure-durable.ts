import type { TimeWindow } from '../model/time-window.ts'
import { fillWindow } from './fill-window.ts'
import type { Session, SyncContext } from './session.ts'
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
  await stayUntilDurable(
    session,
    async () => {
      let lostSamples = 0
      for (const window of windows)
        lostSamples += (await fillWindow(session, { targets, window }, { signal })).sampleCount
      return lostSamples
    },
    signal,
  )
}

/** The same for any way of writing: `writeLost` writes what is missing again, and says how many samples that were. */
export async function stayUntilDurable(
  context: SyncContext,
  writeLost: () => Promise<number>,
  signal: AbortSignal,
): Promise<void> {
  let knownStartMs = context.memory.storeStartedAtMs
  for (let recount = 1; recount <= MAX_RECOUNTS; recount++) {
    const isDurable = (await context.store.persist(signal)) === 'durable'
    const { startedAtMs } = await context.store.status(signal)
    if (isDurable && startedAtMs === knownStartMs) return
    knownStartMs = startedAtMs
    if (!isDurable) await context.clock.sleep(DURABLE_AFTER_MS, signal)
    await settleStore(context, signal)
    const lostSamples = await writeLost()
    if (lostSamples === 0) return
    context.log.warn(
      `${context.settings.deviceName}: ${context.store.name} lost ${lostSamples} samples that it had confirmed; they were written again`,
    )
  }
}
