import { DeviceError, type DeviceErrorReason } from '../model/device.ts'
import type { Clock, Random } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import { type Once, type Retried, retry, type RetryPolicy } from '../runtime/retry.ts'

/** How often a question is asked in all; a reason that is not here does not go away by asking again. */
const TRIES: Partial<Readonly<Record<DeviceErrorReason, number>>> = { unreachable: 3, timeout: 2, 'bad-answer': 3 }

const POLICY: RetryPolicy<DeviceError> = {
  isFailure: (error) => error instanceof DeviceError,
  tries: ({ reason }) => TRIES[reason] ?? 1,
  firstPauseMs: 1_000,
}

export interface TriesOptions {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly onRetry?: (() => void) | undefined
  /** Somebody waits: a device that cannot be reached is given up soon. */
  readonly isBrief?: boolean | undefined
}

/** Asks the device again while its failure may pass. */
export function withTries<T>(
  ask: () => Once<T>,
  { clock, random, log, isBrief, onRetry: onAgain }: TriesOptions,
  signal: AbortSignal,
): Retried<T> {
  const onRetry = ({ message, reason }: DeviceError, { attempt }: { readonly attempt: number }) => {
    log.debug(`${message}; asking again`, { attempt, reason })
    onAgain?.()
  }
  return retry(ask, { policy: POLICY, clock, random, isBrief, onRetry }, signal)
}
