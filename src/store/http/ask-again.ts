import { StoreError, type StoreErrorReason } from '../../model/store.ts'
import type { Clock, Random } from '../../runtime/clock.ts'
import type { Log } from '../../runtime/log.ts'
import { type Once, type Retried, retry, type RetryPolicy } from '../../runtime/retry.ts'

/** While the store is away or busy, or a part of it is. */
const PASSING: ReadonlySet<StoreErrorReason> = new Set(['unreachable', 'unavailable', 'partial'])

const POLICY: RetryPolicy<StoreError> = {
  isFailure: (error) => error instanceof StoreError,
  tries: ({ reason }) => (PASSING.has(reason) ? 4 : 1),
  firstPauseMs: 500,
  askedPauseMs: (error) => (error instanceof BusyError ? error.retryAfterMs : 0),
}

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
  /** Somebody waits: a store that cannot be reached is given up soon. */
  readonly isBrief?: boolean | undefined
  readonly signal: AbortSignal
}

/** Asks the store again while its failure may pass. */
export function askAgain<T>(ask: () => Once<T>, { clock, log, random, isBrief, signal }: AskAgainOptions): Retried<T> {
  const onRetry = (
    { message }: StoreError,
    { attempt, pauseMs }: { readonly attempt: number; readonly pauseMs: number },
  ) => log.debug(`The store did not answer; asking again in ${Math.round(pauseMs)} ms: ${message}`, { attempt })
  return retry(ask, { policy: POLICY, clock, random, isBrief, onRetry }, signal)
}

/** What a `Retry-After` asks for; a date is not read. */
export function readRetryAfter(value: string | undefined): number | undefined {
  return value !== undefined && /^\d+$/.test(value) ? Number(value) * 1000 : undefined
}
