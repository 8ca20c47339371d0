import type { Clock } from '../runtime/clock.ts'

/** The device stops measuring while it answers: what it answered for so long is followed by so much rest. */
export interface DeviceLoad {
  count(busyMs: number): void
  /** Waits until the device has rested. */
  rest(signal: AbortSignal): Promise<void>
}

const MAX_REST_MS = 60_000

/** Keeps the device busy at most `maxDeviceLoad` (0 to 1) of the time. */
export function deviceLoad(maxDeviceLoad: number, clock: Clock): DeviceLoad {
  const restPerBusy = 1 / Math.min(1, Math.max(0.01, maxDeviceLoad)) - 1
  let restedAtMs = 0
  return {
    count(busyMs) {
      const nowMs = clock.nowMs()
      restedAtMs = Math.min(nowMs + MAX_REST_MS, Math.max(nowMs, restedAtMs) + busyMs * restPerBusy)
    },
    async rest(signal) {
      const restMs = Math.min(MAX_REST_MS, restedAtMs - clock.nowMs())
      if (restMs > 0) await clock.sleep(restMs, signal)
    },
  }
}
