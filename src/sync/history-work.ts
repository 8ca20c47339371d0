import type { DeviceWork } from './device-work.ts'
import { openHistoryLoad, type HistoryLoad, type LoadOptions, type LoadReport } from './load-history.ts'
import type { SyncContext } from './session.ts'

/** A load of history as work in steps: it looks at both sides first, then goes chunk by chunk. */
export function historyWork(context: SyncContext, options: LoadOptions): DeviceWork<LoadReport> {
  let load: HistoryLoad | undefined
  return {
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
}
