import type { DeviceCost } from '../model/device.ts'
import type { Clock } from '../runtime/clock.ts'

/** The device stops measuring while it answers: what it answered for so long is followed by so much rest. */
export interface DeviceLoad extends Omit<DeviceCost, 'batchRows'> {
  /** It was busy for so long, until now. */
  count(busyMs: number): void
  /** Waits until the device has rested. */
  rest(signal: AbortSignal): Promise<void>
}

/** However long it took to answer. */
const MAX_REST_MS = 3_600_000

/** Keeps the device busy at most `configuredLoad` (0 to 1) of the time. */
export function deviceLoad(configuredLoad: number, clock: Clock): DeviceLoad {
  let maxLoad = configuredLoad
  let busySoFarMs = 0
  let restedAtMs = -Infinity
  /** How long it has to rest from its last answer on, whatever is done to the clock meanwhile. */
  let owedMs = 0
  const restPerBusy = () => 1 / Math.min(1, Math.max(0.01, maxLoad)) - 1
  return {
    busyMs: () => busySoFarMs,
    maxLoad: () => maxLoad,
    limitLoad(share = configuredLoad) {
      const before = restPerBusy()
      const nowMs = clock.nowMs()
      maxLoad = share
      if (restedAtMs <= nowMs) return
      owedMs = (Math.min(owedMs, restedAtMs - nowMs) * restPerBusy()) / before
      restedAtMs = nowMs + owedMs
    },
    count(busyMs) {
      const nowMs = clock.nowMs()
      busySoFarMs += busyMs
      // To be busy is no rest.
      const owedUntilMs = Math.max(nowMs, restedAtMs + busyMs)
      owedMs = Math.min(MAX_REST_MS, owedUntilMs - nowMs + busyMs * restPerBusy())
      restedAtMs = nowMs + owedMs
    },
    async rest(signal) {
      const restMs = Math.min(owedMs, restedAtMs - clock.nowMs())
      if (restMs > 0) await clock.sleep(restMs, signal)
    },
  }
}
