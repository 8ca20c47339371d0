/** Time as the program sees it; tests replace it. */
export interface Clock {
  /** Unix ms. */
  nowMs(): number
  /** Rejects with the signal's reason when it is aborted. */
  sleep(durationMs: number, signal: AbortSignal): Promise<void>
}

/** No timer is longer; who has slept for so long looks at the time again. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** How long it is until a time that was at most `withinMs` away when it was set: a clock set back since makes no wait longer. */
export function timeLeft(nowMs: number, atMs: number, withinMs: number): number {
  const leftMs = atMs - nowMs
  return leftMs > withinMs ? 0 : Math.max(0, leftMs)
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: (durationMs, signal) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted()
      const onAbort = () => {
        clearTimeout(timer)
        reject(signal.reason)
      }
      const timer = setTimeout(
        () => {
          signal.removeEventListener('abort', onAbort)
          resolve()
        },
        Math.min(durationMs, MAX_TIMER_MS),
      )
      signal.addEventListener('abort', onAbort, { once: true })
    }),
}

/** Uniform in [0, 1); tests replace it. */
export type Random = () => number

/** A sleep that can be ended early. */
interface Sleeper {
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

/** A signal that follows another one `graceMs` later: what has begun may end, but not for ever. */
export function withGrace(signal: AbortSignal, graceMs: number): { readonly signal: AbortSignal; release(): void } {
  const late = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const onAbort = () => {
    timer = setTimeout(() => late.abort(signal.reason), graceMs)
  }
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  return {
    signal: late.signal,
    release() {
      signal.removeEventListener('abort', onAbort)
      clearTimeout(timer)
    },
  }
}
