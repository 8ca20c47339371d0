import type { LoggedEvent } from '../model/collector.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log, LogFields } from '../runtime/log.ts'

const MAX_EVENTS = 500

export interface EventLog {
  /** Writes on, and keeps what people may want to see. */
  readonly log: Log
  /** Newest first. */
  recent(limit: number): readonly LoggedEvent[]
  onEvent: (event: LoggedEvent) => void
}

/** A log that remembers its last lines; passes that went well come every few minutes and are left out. */
export function createEventLog(log: Log, { clock, devices }: { clock: Clock; devices: readonly string[] }): EventLog {
  const events: LoggedEvent[] = []
  let lastId = 0

  function keep(level: LoggedEvent['level'], message: string, fields: LogFields) {
    if (fields['lagMs'] !== undefined) return
    const named = devices.find((name) => message.startsWith(`${name}: `))
    const of = typeof fields['device'] === 'string' ? fields['device'] : named
    const text = named === undefined ? message : message.slice(named.length + 2)
    const event = { id: ++lastId, atMs: clock.nowMs(), of: of ?? 'daemon', level, text: text.slice(0, 2_000) }
    events.push(event)
    if (events.length > MAX_EVENTS) events.shift()
    kept.onEvent(event)
  }

  const both =
    (level: LoggedEvent['level']) =>
    (message: string, fields: LogFields = {}) => {
      log[level](message, fields)
      keep(level, message, fields)
    }
  const kept: EventLog = {
    log: { debug: log.debug, info: both('info'), warn: both('warn'), error: both('error') },
    recent: (limit) => events.slice(-limit).toReversed(),
    onEvent: () => {},
  }
  return kept
}
