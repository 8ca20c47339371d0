import type { Config } from '../../config/config.ts'
import type { Log } from '../../runtime/log.ts'
import { createListeners, type Listeners } from '../../daemon/daemon-status.ts'
import { createEventLog, type EventLog } from '../../daemon/event-log.ts'
import { createMetrics, type Metrics } from '../../web/metrics.ts'
import type { Deps } from '../open-store.ts'

/** Where those who do something publish it, for those who watch. */
export interface DaemonEvents {
  readonly log: Log
  readonly events: EventLog
  readonly listeners: Listeners
  readonly metrics: Metrics
  /** The state of a device or of the store has changed. */
  readonly publishStatus: () => void
}

export function createEvents({ devices }: Config, { log, clock }: Deps): DaemonEvents {
  const listeners = createListeners()
  const events = createEventLog(log, { clock, devices: devices.map(({ name }) => name) })
  events.onEvent = (event) => listeners.publish({ kind: 'event', event })
  return {
    log: events.log,
    events,
    listeners,
    metrics: createMetrics(),
    publishStatus: () => listeners.publish({ kind: 'status' }),
  }
}
