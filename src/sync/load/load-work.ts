import type { DeviceWork } from '../session/device-work.ts'
import { limitLoad } from './limit-load.ts'
import { openHistoryLoad, type HistoryLoad, type LoadOptions, type LoadReport } from './load-device.ts'
import type { SyncContext } from '../session/session.ts'

export interface HistoryOptions extends LoadOptions {
  /** The share of the time that it may keep the device busy; left out: as it is configured. */
  readonly maxDeviceLoad?: number
}

/** A load of history as work in steps: it looks at both sides first, then goes chunk by chunk. */
export function historyWork(context: SyncContext, options: HistoryOptions): DeviceWork<LoadReport> {
  let load: HistoryLoad | undefined
  const work: DeviceWork<LoadReport> = {
    async step(interrupted) {
      if (load) return load.step(interrupted)
      load = await openHistoryLoad(context, options)
      return false
    },
    result() {
      if (!load) throw new Error('the history has not been looked at')
      return load.report()
    },
  }
  return limitLoad(work, context.device.cost, options.maxDeviceLoad)
}
