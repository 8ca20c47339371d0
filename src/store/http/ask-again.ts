import { StoreError, type StoreErrorReason } from '../../model/store.ts'
import type { Clock, Random } from '../../runtime/clock.ts'
import type { Log } from '../../runtime/log.ts'
import { type Once, type Retried, retry, type RetryOptions, type RetryPolicy } from '../../runtime/retry.ts'
import type { Answer } from './answer.ts'

/** While the store is away or busy, or a part of it is. */
const PASSING: ReadonlySet<StoreErrorReason> = new Set(['unreachable', 'unavailable', 'partial'])

const POLICY: RetryPolicy<StoreError> = {
  isFailure: (error) => error instanceof StoreError,
  tries: ({ reason }) => (PASSING.has(reason) ? 4 : 1),
  firstPauseMs: 500,
  askedPauseMs: (error) => (error instanceof BusyError ? error.retryAfterMs : 0),
}

/** A `StoreError` of a store that said when to ask again. */
class BusyError extends StoreError {
  readonly retryAfterMs: number

  constructor({ reason, message, ambiguous, hint }: StoreError, retryAfterMs: number) {
    super(reason, message, { ambiguous, ...(hint !== undefined && { hint }) })
    this.retryAfterMs = retryAfterMs
  }
}

/** The same error, with what a `Retry-After` of the answer asks for; a date is not read. */
export function withRetryAfter(error: StoreError, { header }: Answer): StoreError {
  const seconds = header('retry-after') ?? ''
  return /^\d+$/.test(seconds) ? new BusyError(error, Number(seconds) * 1000) : error
}

/** What a store over HTTP needs from outside. */
export interface StoreDeps {
  readonly clock: Clock
  readonly log: Log
  readonly random: Random
  /** Somebody waits: a store that cannot be reached is given up soon. */
  readonly isBrief?: boolean | undefined
}

/** Asks the store again while its failure may pass. */
export function askAgain<T>(
  ask: () => Once<T>,
  { clock, log, random, isBrief }: StoreDeps,
  signal: AbortSignal,
): Retried<T> {
  const onRetry: RetryOptions<StoreError>['onRetry'] = ({ message }, { attempt, pauseMs }) =>
    log.debug(`The store did not answer; asking again in ${Math.round(pauseMs)} ms: ${message}`, { attempt })
  return retry(ask, { policy: POLICY, clock, random, isBrief, onRetry }, signal)
}
