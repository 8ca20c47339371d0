import type { DeviceCost } from '../../model/device.ts'
import type { DeviceWork } from '../session/device-work.ts'

/** Work during whose steps the device may be kept busy for another share of the time than it is configured. */
export function limitLoad<T>(
  work: DeviceWork<T>,
  cost: DeviceCost | undefined,
  maxLoad: number | undefined,
): DeviceWork<T> {
  if (!cost || maxLoad === undefined) return work
  return {
    async step(interrupted) {
      cost.limitLoad(maxLoad)
      try {
        return await work.step(interrupted)
      } finally {
        cost.limitLoad()
      }
    },
    result: () => work.result(),
    ...(work.end && { end: work.end }),
  }
}
