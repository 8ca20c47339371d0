import { createHash } from 'node:crypto'
import type { Alert, AlertMessage } from '../api/alerts.ts'
import { DAY_MS } from '../model/time-window.ts'
import { formatLocal, type TimeZone } from '../model/time-zone.ts'
import type { Condition } from './conditions.ts'

/** A condition that holds, and what was told of it. */
export interface HeldCondition {
  readonly key: string
  readonly sinceMs: number
  /** Left out: not for long enough yet. */
  readonly alert?: Alert
}

interface Now {
  readonly nowMs: number
  /** Times in texts are those of this zone. */
  readonly zone: TimeZone
}

/** What began and what ended since the step before; what is not known stays as it was, what is watched no more is forgotten. */
export function stepAlerts(
  held: readonly HeldCondition[],
  conditions: readonly Condition[],
  now: Now,
): { readonly held: readonly HeldCondition[]; readonly messages: readonly AlertMessage[] } {
  const known = new Map(held.map((each) => [each.key, each]))
  const messages: AlertMessage[] = []
  const next = conditions.flatMap((condition): HeldCondition | readonly HeldCondition[] => {
    const before = known.get(condition.key)
    if (condition.holds === undefined) return before ?? []
    if (!condition.holds) {
      if (before?.alert) messages.push(ended(before.alert, condition, now))
      return []
    }
    const { key, sinceMs } = before ?? { key: condition.key, sinceMs: condition.sinceMs ?? now.nowMs }
    if (before?.alert || now.nowMs - sinceMs < condition.afterMs) return { ...before, key, sinceMs }
    const alert = began(condition, sinceMs, now)
    messages.push({ ...alert, state: 'began' })
    return { key, sinceMs, alert }
  })
  return { held: next, messages }
}

function began({ key, kind, name, what }: Condition, sinceMs: number, now: Now): Alert {
  const id = createHash('sha256').update(`${key} ${sinceMs}`).digest('hex').slice(0, 16)
  return { id, kind, name, sinceMs, text: `${name}: ${what} since ${formatTime(sinceMs, now)}` }
}

function ended(alert: Alert, { what }: Condition, now: Now): AlertMessage {
  const [from, until] = [alert.sinceMs, now.nowMs].map((atMs) => formatTime(atMs, now))
  return { ...alert, state: 'ended', untilMs: now.nowMs, text: `${alert.name}: over: ${what} from ${from} to ${until}` }
}

/** `03:10`, or `2026-11-30 21:10` of another day. */
function formatTime(atMs: number, { nowMs, zone }: Now): string {
  const [date = '', time = ''] = formatLocal(zone, atMs).slice(0, 16).split('T')
  const isToday = Math.floor(zone.localMs(atMs) / DAY_MS) === Math.floor(zone.localMs(nowMs) / DAY_MS)
  return isToday ? time : `${date} ${time}`
}
