import type { Column } from '../../model/device.ts'
import { HOUR_MS, floorToMinute, type TimeWindow } from '../../model/time-window.ts'
import type { Session } from '../session/session.ts'
import { remember } from '../session/sync-memory.ts'
import type { Target } from '../session/target.ts'

/** What a channel accumulated over a window: exactly 0 only when it measured nothing at all. */
export function accumulatorOf({ column }: Target): Column {
  return { name: column.name, unit: 'wh', decimals: 9 }
}

/** A span that is missing of a target. */
export interface Gap {
  readonly target: Target
  readonly window: TimeWindow
}

/** Whether the device was not logging in all of the window: two records to read, however long it is. */
export async function isOutage(session: Session, { target, window }: Gap, signal: AbortSignal): Promise<boolean> {
  const known = `${window.fromMs}-${window.untilMs}`
  if (session.memory.deviceLog.outages.has(known)) return true
  const request = { columns: [accumulatorOf(target)], window, step: 'window' } as const
  const { rows } = await session.device.fetchRows(request, signal)
  const isNull = rows.every(({ values }) => values.every((value) => value === null))
  if (isNull) remember(session.memory.deviceLog.outages, known)
  return isNull
}

/** So much of an outage is read rather than looked for. */
const SHORT_MS = 4 * HOUR_MS

/** Until when an outage lasts in which the window starts: within some hours, and never too late. */
export async function findOutageEnd(session: Session, { target, window }: Gap, signal: AbortSignal): Promise<number> {
  let { fromMs, untilMs } = window
  if (untilMs - fromMs <= SHORT_MS) return fromMs
  if (await isOutage(session, { target, window }, signal)) return untilMs
  while (untilMs - fromMs > SHORT_MS) {
    const middleMs = floorToMinute((fromMs + untilMs) / 2)
    const isOff = await isOutage(session, { target, window: { fromMs, untilMs: middleMs } }, signal)
    if (isOff) fromMs = middleMs
    else untilMs = middleMs
  }
  return fromMs
}
