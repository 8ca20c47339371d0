import { StoreError } from '../../model/store.ts'
import type { Clock, Random } from '../../runtime/clock.ts'
import type { Log } from '../../runtime/log.ts'

const ATTEMPT_COUNT = 4
const FIRST_PAUSE_MS = 500
const MAX_PAUSE_MS = 30_000
const BRIEF_COUNT = 2
const AT_ONCE_MS = 1_500

/** A `StoreError` of a store that said when to ask again. */
export class BusyError extends StoreError {
  readonly retryAfterMs: number

  constructor(error: StoreError, retryAfterMs: number) {
    super(error.reason, error.message, {
      ambiguous: error.ambiguous,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    })
    this.retryAfterMs = retryAfterMs
  }
}

export interface AskAgainOptions {
  readonly clock: Clock
  readonly log: Log
  readonly random: Random
  /** Somebody waits: a store that cannot be reached is asked once more, where that was clear at once. */
  readonly isBrief?: boolean | undefined
  readonly signal: AbortSignal
}

/** For questions, never for writes: asks a few times while the store is away or busy, in growing, uneven pauses. */
export async function askAgain<T>(
  ask: () => Promise<T>,
  { clock, log, random, isBrief = false, signal }: AskAgainOptions,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const startedMs = clock.nowMs()
    try {
      return await ask()
    } catch (error) {
      if (attempt === ATTEMPT_COUNT || !(error instanceof StoreError) || !mayPass(error)) throw error
      const isSlow = clock.nowMs() - startedMs > AT_ONCE_MS
      if (isBrief && error.reason === 'unreachable' && (isSlow || attempt === BRIEF_COUNT)) throw error
      const pauseMs = pauseAfter(error, { attempt, random })
      log.debug(`The store did not answer; asking again in ${Math.round(pauseMs)} ms: ${error.message}`, { attempt })
      await clock.sleep(pauseMs, signal)
    }
  }
}

function mayPass({ reason }: StoreError): boolean {
  return reason === 'unreachable' || reason === 'unavailable' || reason === 'partial'
}

function pauseAfter(error: StoreError, { attempt, random }: { attempt: number; random: Random }): number {
  const pauseMs = FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + random())
  const askedMs = error instanceof BusyError ? error.retryAfterMs : 0
  return Math.min(MAX_PAUSE_MS, Math.max(pauseMs, askedMs))
}

/** What a `Retry-After` asks for; a date is not read. */
export function readRetryAfter(value: string | undefined): number | undefined {
  return value !== undefined && /^\d+$/.test(value) ? Number(value) * 1000 : undefined
}
