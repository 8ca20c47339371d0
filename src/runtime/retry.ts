import type { Clock, Random } from './clock.ts'

/** Which failures of a question pass by asking again. `E`: what the other side throws; anything else is thrown at once. */
export interface RetryPolicy<E extends Error & { readonly reason: string }> {
  readonly isFailure: (error: unknown) => error is E
  /** How often a question that fails so is asked in all; 1: it is not asked again. */
  readonly tries: (error: E) => number
  /** Before the second try, give or take a half; doubled with each further one. */
  readonly firstPauseMs: number
  /** How long the other side asks to be left alone. */
  readonly askedPauseMs?: (error: E) => number
}

/** A failed try of a question. */
export interface FailedTry<E> {
  readonly error: E
  /** The first is 1. */
  readonly attempt: number
  readonly tookMs: number
  /** Somebody waits: who cannot be reached is asked once more, where that was clear at once. */
  readonly isBrief: boolean
}

const BRIEF_TRIES = 2
const AT_ONCE_MS = 1_500
/** Whatever the other side asks for. */
const MAX_PAUSE_MS = 30_000

/** How long to wait before the next try, so that several clients do not meet again; undefined: there is none. */
export function pauseAfter<E extends Error & { readonly reason: string }>(
  policy: RetryPolicy<E>,
  { error, attempt, tookMs, isBrief }: FailedTry<E>,
  random: Random,
): number | undefined {
  if (attempt >= policy.tries(error)) return undefined
  const isGivenUp = tookMs > AT_ONCE_MS || attempt >= BRIEF_TRIES
  if (isBrief && error.reason === 'unreachable' && isGivenUp) return undefined
  const pauseMs = policy.firstPauseMs * 2 ** (attempt - 1) * (0.5 + random())
  return Math.min(MAX_PAUSE_MS, Math.max(pauseMs, policy.askedPauseMs?.(error) ?? 0))
}

/** The answer to a question that has its tries behind it: its type keeps it from being retried once more. */
export type Retried<T> = Promise<T> & { readonly isRetried: true }

/** The answer to a question that is asked once. */
export type Once<T> = Promise<T> & { readonly isRetried?: never }

export interface RetryOptions<E extends Error & { readonly reason: string }> {
  readonly policy: RetryPolicy<E>
  readonly clock: Clock
  readonly random: Random
  readonly isBrief?: boolean | undefined
  readonly onRetry?: (error: E, next: { readonly attempt: number; readonly pauseMs: number }) => void
}

/**
 * Asks again, in growing, uneven pauses, while the failure may pass. For questions alone: a write whose fate is unknown is
 * planned anew (`replan.ts`).
 */
export function retry<T, E extends Error & { readonly reason: string }>(
  ask: () => Once<T>,
  { policy, clock, random, isBrief = false, onRetry }: RetryOptions<E>,
  signal: AbortSignal,
): Retried<T> {
  async function untilAnswered(): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const startedMs = clock.nowMs()
      try {
        return await ask()
      } catch (error) {
        signal.throwIfAborted()
        if (!policy.isFailure(error)) throw error
        const pauseMs = pauseAfter(policy, { error, attempt, tookMs: clock.nowMs() - startedMs, isBrief }, random)
        if (pauseMs === undefined) throw error
        onRetry?.(error, { attempt, pauseMs })
        await clock.sleep(pauseMs, signal)
      }
    }
  }
  return Object.assign(untilAnswered(), { isRetried: true } as const)
}
