import type { BackfillEvent, LoggedEvent } from '../model/daemon.ts'
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

/** A log that remembers its last lines; cycles that went well come every few minutes and are left out. */
export function createEventLog(log: Log, { clock, devices }: { clock: Clock; devices: readonly string[] }): EventLog {
  const events: LoggedEvent[] = []
  let lastId = 0

  function keep(level: LoggedEvent['level'], message: string, fields: LogFields) {
    if (fields['lagMs'] !== undefined) return
    const given = typeof fields['device'] === 'string' ? fields['device'] : undefined
    const isNamed = (name: string) => message.startsWith(`${name}: `)
    const named = given !== undefined && isNamed(given) ? given : devices.find(isNamed)
    const device = given ?? named
    const of = fields['side'] === 'store' ? 'store' : (device ?? 'daemon')
    const text = named === undefined ? message : message.slice(named.length + 2)
    // Each device that waits for the store says the same of it.
    if (of === 'store' && events.findLast((event) => event.of === of)?.text === text) return
    const history = readHistory(fields['history'])
    const before = history && takeHistory(of)
    const event = {
      id: ++lastId,
      atMs: clock.nowMs(),
      of,
      level,
      text: text.slice(0, 2_000),
      ...(history && { history: before ? joined(before, history) : history }),
    }
    events.push(event)
    if (events.length > MAX_EVENTS) events.shift()
    kept.onEvent(event)
  }

  /** Parts of the backfill of a device are one event, which rises to the top with each. */
  function takeHistory(of: string): BackfillEvent | undefined {
    const index = events.findIndex((event) => event.of === of && event.history !== undefined)
    return index < 0 ? undefined : events.splice(index, 1)[0]?.history
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

function joined(before: BackfillEvent, { fromMs, untilMs, rowCount, sampleCount }: BackfillEvent): BackfillEvent {
  return {
    fromMs: Math.min(before.fromMs, fromMs),
    untilMs: Math.max(before.untilMs, untilMs),
    rowCount: before.rowCount + rowCount,
    sampleCount: before.sampleCount + sampleCount,
  }
}

function readHistory(field: unknown): BackfillEvent | undefined {
  if (typeof field !== 'object' || field === null) return undefined
  const of = (key: keyof BackfillEvent): number => Number(Reflect.get(field, key))
  return { fromMs: of('fromMs'), untilMs: of('untilMs'), rowCount: of('rowCount'), sampleCount: of('sampleCount') }
}
