import type { RollupState } from '../model/house-views.ts'
import { MINUTE_MS } from '../model/time-window.ts'
import { type Clock, createSleeper } from '../runtime/clock.ts'
import { explain } from '../runtime/errors.ts'
import type { Log } from '../runtime/log.ts'

interface UpkeepOptions {
  readonly clock: Clock
  readonly log: Log
  /** The pause when there is nothing to do. */
  readonly idleMs: number
}

const MAX_PAUSE_MS = MINUTE_MS

/** Keeps rollups up to date step by step, beside those who copy; `step` is true when there is nothing to do. */
export function createUpkeep(step: () => Promise<boolean>, { clock, log, idleMs }: UpkeepOptions) {
  const sleeper = createSleeper(clock)
  let failure: RollupState['failure']
  return {
    failure: () => failure,
    /** There is something to do. */
    wake: () => sleeper.wake(),
    /** Until the signal is aborted. */
    async run(signal: AbortSignal): Promise<void> {
      while (!signal.aborted) {
        const startedMs = clock.nowMs()
        let pauseMs: number
        try {
          const isIdle = await step()
          failure = undefined
          // Half of the time is left to those who copy.
          pauseMs = isIdle ? idleMs : Math.min(MAX_PAUSE_MS, Math.max(1, clock.nowMs() - startedMs))
        } catch (error) {
          if (signal.aborted) break
          if (!failure) log.warn(`sums of hours and days wait: ${explain(error)}`)
          failure = { message: explain(error), sinceMs: failure?.sinceMs ?? startedMs }
          pauseMs = MAX_PAUSE_MS
        }
        await sleeper.sleep(pauseMs, signal)
      }
    },
  }
}
