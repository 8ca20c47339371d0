import type { TimeWindow } from '../../model/time-window.ts'
import { fillWindow } from './fill-window.ts'
import { withReplanning } from './replan.ts'
import type { Session, SyncContext } from '../session/session.ts'
import { flushStore } from '../session/flush-store.ts'
import { SyncError } from '../session/sync-error.ts'
import type { Target } from '../session/target.ts'
import { plural } from '../../runtime/plural.ts'

/** A store killed by force forgets what it acknowledged up to some 15 s before; twice that, for one that is busy. */
export const DURABLE_AFTER_MS = 30_000
/** Of rounds that find something lost and of those that fail, together: each may take a minute. */
const MAX_ROUNDS = 8

export interface DurableOptions {
  /** When the store had started that confirmed what is to stay, where that could be seen. */
  readonly startedAtMs: number | undefined
  readonly signal: AbortSignal
  /** How often it may fail in a row for a reason that may pass. */
  readonly maxAttempts?: number
}

/**
 * Stays until what was written into the windows survives the sudden death of the store, writing again what did not; true
 * where it had to.
 * @throws SyncError `forgotten` when the store goes on losing it.
 */
export async function ensureDurable(
  session: Session,
  { targets, windows }: { targets: readonly Target[]; windows: readonly TimeWindow[] },
  options: DurableOptions,
): Promise<boolean> {
  const { signal } = options
  let hasWritten = false
  await stayUntilDurable(
    session,
    async () => {
      let lostSamples = 0
      for (const window of windows)
        lostSamples += (await fillWindow(session, { targets, window }, { signal })).sampleCount
      hasWritten ||= lostSamples > 0
      return lostSamples
    },
    options,
  )
  return hasWritten
}

/** The same for any way of writing: `writeLost` writes what is missing again, and says how many samples that were. */
export async function stayUntilDurable(
  context: SyncContext,
  writeLost: () => Promise<number>,
  { startedAtMs: confirmedBy, signal, maxAttempts = MAX_ROUNDS }: DurableOptions,
): Promise<void> {
  const { store, clock, log, settings } = context
  let knownStartMs = confirmedBy
  let rounds = 0

  async function stay(): Promise<void> {
    while (rounds++ < MAX_ROUNDS) if (await isDurable()) return
    throw new SyncError(
      'forgotten',
      `${settings.deviceName}: ${store.name} goes on losing samples that it had confirmed: is it killed again and again?`,
      { hint: 'see why it does not keep running, then run this again: it writes what is missing' },
    )
  }

  async function isDurable(): Promise<boolean> {
    const isPersisted = (await store.persist(signal)) === 'durable'
    const { startedAtMs } = await store.status(signal)
    if (isPersisted && isSameRun(knownStartMs, startedAtMs)) return true
    // Where it was seen to restart, what is still there has survived, and the next snapshot says whether it stays.
    const isRestart = isPersisted && startedAtMs !== undefined && knownStartMs !== undefined
    if (!isRestart) await clock.sleep(DURABLE_AFTER_MS, signal)
    await flushStore(context, signal)
    const lostSamples = await writeLost()
    if (lostSamples === 0) return true
    knownStartMs = startedAtMs
    log.warn(
      `${settings.deviceName}: ${store.name} lost ${plural(lostSamples, 'sample')} that it had confirmed; they were written again`,
    )
    return false
  }

  await withReplanning(context, stay, { signal, maxAttempts })
}

/** Whether a store demonstrably did not restart between two looks at when it started. */
export function isSameRun(beforeMs: number | undefined, afterMs: number | undefined): boolean {
  return beforeMs !== undefined && beforeMs === afterMs
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
 * Chunks whose samples may be so young that a store that dies forgets them, from when a session has been opened. What was confirmed is known to stay when, some time later, the store has
 * demonstrably not restarted, or it is counted once more: a store that hides its start may have died meanwhile.
 */
export function trackRecentChunks({ store, clock, memory }: Pick<SyncContext, 'store' | 'clock' | 'memory'>) {
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
    /** A chunk has all its minutes now; `isWritten`: some of them were, or may have been, written just before. */
    add(chunk: TimeWindow, isWritten: boolean): void {
      const known = recent.get(chunk)
      const confirmedMs = clock.nowMs()
      const young = { confirmedMs, isWritten, startedAtMs: seenStartMs, isLastCount: false }
      if (isWritten) recent.set(chunk, young)
      else if (known?.isLastCount) recent.delete(chunk)
      // One that was to be counted again and is complete is as young as it was.
      else if (known) recent.set(chunk, { ...known, startedAtMs: seenStartMs })
      else if (clock.nowMs() < foreignUntilMs) recent.set(chunk, young)
    },
    /** Those of which it is not known that they stay; when the store had started that confirmed all of them, if that is known. */
    unproven(): { windows: readonly TimeWindow[]; startedAtMs: number | undefined } {
      // Of what others wrote, a store that is seen to go on loses nothing.
      const young = [...recent].filter(([, { isWritten, startedAtMs }]) => isWritten || startedAtMs === undefined)
      const isOfOneRun = young.every(([, { startedAtMs }]) => startedAtMs === seenStartMs)
      return { windows: young.map(([chunk]) => chunk), startedAtMs: isOfOneRun ? seenStartMs : undefined }
    },
    /** Looks for a restart of the store, which may also go unseen, and names the chunks that have to be counted again. */
    async findForgotten(signal: AbortSignal): Promise<{ chunks: readonly TimeWindow[]; hasRestarted: boolean }> {
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
