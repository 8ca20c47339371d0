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
export function timeLeft({ nowMs }: Clock, atMs: number, withinMs: number): number {
  const leftMs = atMs - nowMs()
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
