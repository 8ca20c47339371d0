import type { TimeWindow } from '../model/time-window.ts'
import { fillWindow } from './fill-window.ts'
import type { Session, SyncContext } from './session.ts'
import { settleStore } from './settle-store.ts'
import { SyncError } from './sync-error.ts'
import type { Target } from './target.ts'
import { count } from './words.ts'

/** A store killed by force forgets what it acknowledged up to some 15 s before; twice that, for one that is busy. */
export const DURABLE_AFTER_MS = 30_000
const MAX_RECOUNTS = 5

/**
 * Stays until what was written into the windows survives the sudden death of the store, writing again what did not.
 * @throws SyncError `unconfirmed` when the store goes on losing it.
 */
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
  const { store, clock, log, settings } = context
  let knownStartMs = context.memory.storeStartedAtMs
  for (let recount = 1; recount <= MAX_RECOUNTS; recount++) {
    const isDurable = (await store.persist(signal)) === 'durable'
    const { startedAtMs } = await store.status(signal)
    if (isDurable && isSameRun(knownStartMs, startedAtMs)) return
    // Where it was seen to restart, what is still there has survived, and the next snapshot says whether it stays.
    const isRestart = isDurable && startedAtMs !== undefined && knownStartMs !== undefined
    knownStartMs = startedAtMs
    if (!isRestart) await clock.sleep(DURABLE_AFTER_MS, signal)
    await settleStore(context, signal)
    const lostSamples = await writeLost()
    if (lostSamples === 0) return
    log.warn(
      `${settings.deviceName}: ${store.name} lost ${count(lostSamples, 'sample')} that it had confirmed; they were written again`,
    )
  }
  throw new SyncError(
    'unconfirmed',
    `${settings.deviceName}: ${store.name} lost samples that it had confirmed, ${MAX_RECOUNTS} times in a row: is it killed again and again?`,
    { hint: 'see why it does not keep running, then run this again: it writes what is missing' },
  )
}

/** Whether a store demonstrably did not restart between two looks at when it started. */
export function isSameRun(beforeMs: number | undefined, afterMs: number | undefined): boolean {
  return beforeMs !== undefined && beforeMs === afterMs
}
