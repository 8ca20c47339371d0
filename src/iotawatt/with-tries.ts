import { DeviceError, type DeviceErrorReason } from '../model/device.ts'
import type { Clock, Random } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'

/** How often a question is asked in all; a reason that is not here does not go away by asking again. */
const TRIES: Partial<Readonly<Record<DeviceErrorReason, number>>> = { unreachable: 3, timeout: 2, 'bad-answer': 3 }

const BRIEF_TRIES = 2
const AT_ONCE_MS = 1_500

const FIRST_DELAY_MS = 500

export interface TriesOptions {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly onRetry?: (() => void) | undefined
  /** Somebody waits: a device that cannot be reached is asked once more, where that was clear at once. */
  readonly isBrief?: boolean | undefined
}

/** Runs the task again, after a growing pause, while its error may pass. */
export async function withTries<T>(task: () => Promise<T>, options: TriesOptions, signal: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const startedMs = options.clock.nowMs()
    try {
      return await task()
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof DeviceError) || attempt >= (TRIES[error.reason] ?? 1)) throw error
      const isSlow = options.clock.nowMs() - startedMs > AT_ONCE_MS
      if (options.isBrief && error.reason === 'unreachable' && (isSlow || attempt >= BRIEF_TRIES)) throw error
      options.log.debug(`${error.message}; asking again`, { attempt, reason: error.reason })
      options.onRetry?.()
      await options.clock.sleep(delayMs(attempt, options.random), signal)
    }
  }
}

/** Twice as long each time, give or take a half, so that several clients do not meet again. */
function delayMs(attempt: number, random: Random): number {
  return FIRST_DELAY_MS * 2 ** attempt * (0.5 + random())
}
