import type { Clock } from './clock.ts'

/** A sleep that can be ended early. */
export interface Sleeper {
  /** Returns when the time is over, or `wake` is called, or the signal is aborted. */
  sleep(durationMs: number, signal: AbortSignal): Promise<void>
  wake(): void
}

export function createSleeper(clock: Clock): Sleeper {
  let current: AbortController | undefined
  return {
    async sleep(durationMs, signal) {
      if (signal.aborted) return
      const controller = new AbortController()
      const onAbort = () => controller.abort()
      current = controller
      signal.addEventListener('abort', onAbort, { once: true })
      try {
        await clock.sleep(durationMs, controller.signal)
      } catch (error) {
        if (!controller.signal.aborted) throw error
      } finally {
        signal.removeEventListener('abort', onAbort)
        current = undefined
      }
    },
    wake: () => current?.abort(),
  }
}
