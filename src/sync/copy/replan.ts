import { DeviceError } from '../../model/device.ts'
import { StoreError } from '../../model/store.ts'
import { formatWindow } from '../../model/time-window.ts'
import type { SyncContext } from '../session/session.ts'
import { flushStore } from '../session/flush-store.ts'
import { SyncError } from '../session/sync-error.ts'
import { addDropped } from '../session/sync-memory.ts'

const WHY_DROPPED =
  'these channels are tried again at the next sync. Does a limit of the store (its retention, a limit of series or labels) say why in its log?'
const FIRST_PAUSE_MS = 2_000
const MAX_PAUSE_MS = 30_000

export interface ReplanOptions {
  readonly signal: AbortSignal
  /** How often a plan may fail in a row before its error is the caller's. */
  readonly maxAttempts: number
  /** Whether a device that does not answer at all ends it: it is off, as its client has tried. */
  readonly endsWithoutDevice?: boolean
  /** The same of a store, for what has nothing to do before it is back. */
  readonly endsWithoutStore?: boolean
}

/**
 * Runs a plan that starts from what the store has, again after a failure that may pass. Nothing is ever repeated
 * blindly: the next attempt flushes the store and plans again.
 */
export async function withReplanning<T>(
  context: SyncContext,
  plan: () => Promise<T>,
  { signal, maxAttempts, ...ends }: ReplanOptions,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      const result = await plan()
      context.memory.attempt.failedWith = undefined
      return result
    } catch (error) {
      signal.throwIfAborted()
      const isRefused = error instanceof SyncError && error.reason === 'unconfirmed' && noteLoss(context, error)
      // The next look at the device finds out for which column a question was refused.
      if (error instanceof DeviceError && error.reason === 'unknown-channel')
        context.memory.attempt.doubtsColumns = true
      // The next plan leaves out at least one series more, so this ends.
      if (isRefused) attempt = 0
      else if (!mayPass(error) || attempt >= maxAttempts || isEnd(error, ends)) {
        context.memory.attempt.failedWith = message(error)
        throw error
      }
      const pauseMs =
        Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.max(0, attempt - 1)) * (0.75 + context.random() / 2)
      const next = `attempt ${attempt + 1} of ${maxAttempts} begins after a pause of ${Math.ceil(pauseMs / 1000)} s`
      // A daemon whose store is off for days reports it by its sync cycles.
      const isKnown = message(error) === context.memory.attempt.failedWith
      const fields = error instanceof StoreError ? { side: 'store' } : {}
      context.log[isKnown ? 'debug' : 'warn'](`${message(error)}; ${next}`, fields)
      await context.clock.sleep(pauseMs, signal)
      await flushIfAnswering(context, signal)
    }
  }
}

function mayPass(error: unknown): boolean {
  if (error instanceof SyncError) return error.reason === 'unconfirmed'
  if (error instanceof DeviceError)
    return ['unreachable', 'timeout', 'bad-answer', 'restarted', 'unknown-channel'].includes(error.reason)
  if (error instanceof StoreError)
    return ['unreachable', 'timeout', 'unavailable', 'partial', 'bad-answer', 'read-only'].includes(error.reason)
  return false
}

function isEnd(
  error: unknown,
  { endsWithoutDevice = false, endsWithoutStore = false }: Omit<ReplanOptions, 'signal' | 'maxAttempts'>,
): boolean {
  if (error instanceof DeviceError) return endsWithoutDevice && error.reason === 'unreachable'
  return endsWithoutStore && error instanceof StoreError && error.reason === 'unreachable'
}

/** A store that dies within seconds, again and again, looks like one that drops; where it hides that, once more is tried. */
const MIN_LOSSES = 2
const MIN_LOSSES_UNSEEN = 3

/** A series whose samples were accepted and are gone several times in a row is refused: to read more of them is in vain. */
function noteLoss({ memory, log, store, settings }: SyncContext, { lost }: SyncError): boolean {
  for (const key of new Set(lost.map((span) => span.key)))
    memory.storeRun.losses.set(key, (memory.storeRun.losses.get(key) ?? 0) + 1)
  const minLosses = memory.storeRun.startedAtMs === undefined ? MIN_LOSSES_UNSEEN : MIN_LOSSES
  const again = lost.filter(
    ({ key }) => memory.drops.onTrial.has(key) || (memory.storeRun.losses.get(key) ?? 0) >= minLosses,
  )
  memory.attempt.isWriteFailing = true
  if (again.length === 0) return false
  const isNew = again.some(({ key }) => !memory.drops.onTrial.has(key) && !memory.drops.refused.has(key))
  for (const span of again) {
    addDropped(memory.drops.spans, span)
    memory.drops.onTrial.delete(span.key)
    memory.drops.refused.add(span.key)
  }
  const fromMs = Math.min(...again.map(({ window }) => window.fromMs))
  const untilMs = Math.max(...again.map(({ window }) => window.untilMs))
  log[isNew ? 'error' : 'debug'](
    `${settings.deviceName}: ${store.name} accepts samples from ${formatWindow({ fromMs, untilMs })} and drops them; ${WHY_DROPPED}`,
  )
  return true
}

/** A store that still does not answer fails the next attempt, which counts. */
async function flushIfAnswering(context: SyncContext, signal: AbortSignal): Promise<void> {
  try {
    await flushStore(context, signal)
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof StoreError)) throw error
  }
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
