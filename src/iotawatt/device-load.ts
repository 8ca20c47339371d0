import type { Clock } from '../runtime/clock.ts'

/** However long it took to answer. */
const MAX_REST_MS = 3_600_000

export type DeviceLoad = ReturnType<typeof deviceLoad>

/**
 * Keeps the device busy at most `configuredLoad` (0 to 1) of the time: it stops measuring while it answers, so what it
 * answered for so long is followed by so much rest.
 */
export function deviceLoad(configuredLoad: number, clock: Clock) {
  let maxLoad = configuredLoad
  let busySoFarMs = 0
  let restedAtMs = -Infinity
  /** How long it has to rest from its last answer on, whatever is done to the clock meanwhile. */
  let owedMs = 0
  const restPerBusy = () => 1 / Math.min(1, Math.max(0.01, maxLoad)) - 1
  return {
    busyMs: () => busySoFarMs,
    maxLoad: () => maxLoad,
    limitLoad(share: number = configuredLoad): void {
      const before = restPerBusy()
      const nowMs = clock.nowMs()
      maxLoad = share
      if (restedAtMs <= nowMs) return
      owedMs = (Math.min(owedMs, restedAtMs - nowMs) * restPerBusy()) / before
      restedAtMs = nowMs + owedMs
    },
    /** It was busy for so long, until now. */
    count(busyMs: number): void {
      const nowMs = clock.nowMs()
      busySoFarMs += busyMs
      // To be busy is no rest.
      const owedUntilMs = Math.max(nowMs, restedAtMs + busyMs)
      owedMs = Math.min(MAX_REST_MS, owedUntilMs - nowMs + busyMs * restPerBusy())
      restedAtMs = nowMs + owedMs
    },
    /** Waits until the device has rested. */
    async rest(signal: AbortSignal): Promise<void> {
      const restMs = Math.min(owedMs, restedAtMs - clock.nowMs())
      if (restMs > 0) await clock.sleep(restMs, signal)
    },
  }
}
