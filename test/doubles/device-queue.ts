import type { Clock } from '../../src/runtime/clock.ts'
import type { DeviceAnswer } from '../../src/simulator/device-answer.ts'
import type { DeviceRequest } from '../../src/simulator/request-arguments.ts'
import type { SimulatedDevice } from './simulated-device.ts'

/** Carries a request to the device and its answer back. */
export type CarryRequest = (request: DeviceRequest) => Promise<DeviceAnswer>

/**
 * A device's single slot without a socket: requests are answered one after the other, each when the clock has moved on
 * by what it costs. A caller that waits no longer does not end its request, as on the device.
 */
export function queueRequests(device: SimulatedDevice, clock: Clock): CarryRequest {
  const never = new AbortController().signal
  let last: Promise<unknown> = Promise.resolve()

  async function serve(request: DeviceRequest): Promise<DeviceAnswer> {
    const answer = device.answer(request)
    const durationMs = answer.costMs + answer.delayMs
    if (durationMs > 0) await clock.sleep(durationMs, never)
    device.endRequest(request)
    return answer
  }

  return (request) => {
    device.beginRequest(request)
    const answered = last.then(() => serve(request))
    last = answered.catch(() => undefined)
    return answered
  }
}
