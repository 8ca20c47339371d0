import { DAY_MS, HOUR_MS } from '../model/time-window.ts'
import { timeLeft } from '../runtime/clock.ts'

/** What the worker of a device does next. */
export type Task =
  /** Have the backfill count again what was complete. */
  | { readonly kind: 'audit' }
  | { readonly kind: 'cycle' }
  | { readonly kind: 'job' }
  | { readonly kind: 'backfill' }
  | { readonly kind: 'wait'; readonly waitMs: number }

/** When each task is due; times in Unix ms. */
export interface Agenda {
  /** Between two sync cycles. */
  readonly intervalMs: number
  /** How long after the tick they start, beside the delay that all have; left out: none, and the first starts at once. */
  readonly phaseMs?: number | undefined
  readonly nextCycleMs: number
  readonly nextAuditMs: number
  readonly backfill: {
    readonly isDue: boolean
    /** What it copies begins here; 0: all that the device has. */
    readonly sinceMs: number
    /** Whether it counts again what was complete. */
    readonly isAudit: boolean
    readonly restsUntilMs: number
    /** How long it rests when it fails next. */
    readonly restMs: number
  }
}

/** What decides beside the agenda. */
export interface Circumstances {
  readonly nowMs: number
  readonly isJobWaiting: boolean
  /** Somebody has paused it. */
  readonly isBackfillPaused: boolean
  /** It could read, and not write. */
  readonly isBackfillBlocked: boolean
}

/** The longest night is that in which clocks are set back. */
const MAX_TO_AUDIT_MS = DAY_MS + HOUR_MS

/** The one that is due and most urgent, else how long to wait for the next. */
export function nextTask(agenda: Agenda, now: Circumstances): Task {
  const { nowMs, isJobWaiting, isBackfillPaused, isBackfillBlocked } = now
  const { isDue, restsUntilMs } = agenda.backfill
  const auditInMs = timeLeft(nowMs, agenda.nextAuditMs, MAX_TO_AUDIT_MS)
  const cycleInMs = timeLeft(nowMs, agenda.nextCycleMs, agenda.intervalMs)
  const isBackfillDue = isDue && !isBackfillPaused && !isBackfillBlocked
  const backfillInMs = isBackfillDue ? timeLeft(nowMs, restsUntilMs, agenda.intervalMs) : Infinity
  if (auditInMs === 0) return { kind: 'audit' }
  if (cycleInMs === 0) return { kind: 'cycle' }
  if (isJobWaiting) return { kind: 'job' }
  if (backfillInMs === 0) return { kind: 'backfill' }
  return { kind: 'wait', waitMs: Math.min(auditInMs, cycleInMs, backfillInMs) }
}

/** Whether a task that is under way gives way to something more urgent. */
export function isInterrupted(
  task: 'job' | 'backfill',
  { nextCycleMs, intervalMs }: Agenda,
  now: Circumstances,
): boolean {
  if (timeLeft(now.nowMs, nextCycleMs, intervalMs) === 0) return true
  return task === 'backfill' && (now.isJobWaiting || now.isBackfillPaused)
}

/** After a failed step of the backfill; doubled with each further one, up to the interval of the cycles. */
const BACKFILL_REST_MS = 60_000

/** A cycle, at once where it has no phase, then the backfill. */
export function firstAgenda(
  nowMs: number,
  { intervalMs, sinceMs, phaseMs }: Pick<Agenda, 'intervalMs' | 'phaseMs'> & { readonly sinceMs: number },
): Agenda {
  const nextCycleMs = phaseMs === undefined ? nowMs : nextTickMs(nowMs, { intervalMs, phaseMs })
  return {
    intervalMs,
    phaseMs,
    nextCycleMs,
    nextAuditMs: nextNightMs(nowMs),
    backfill: { isDue: true, sinceMs, isAudit: false, restsUntilMs: nextCycleMs, restMs: BACKFILL_REST_MS },
  }
}

export function afterCycle(agenda: Agenda, nowMs: number): Agenda {
  return { ...agenda, nextCycleMs: nextTickMs(nowMs, agenda) }
}

/** A device writes the record that closes a minute some seconds after its end. */
const TICK_DELAY_MS = 10_000

/** The next tick of the clock: with 5 minutes, shortly after :00, :05, :10 … */
function nextTickMs(nowMs: number, { intervalMs, phaseMs = 0 }: Pick<Agenda, 'intervalMs' | 'phaseMs'>): number {
  const delayMs = TICK_DELAY_MS + phaseMs
  return (Math.floor((nowMs - delayMs) / intervalMs) + 1) * intervalMs + delayMs
}

/** A backfill that is under way counts all of it anyway. */
export function withAudit(agenda: Agenda, sinceMs: number): Agenda {
  if (agenda.backfill.isDue) return agenda
  return { ...agenda, backfill: { ...agenda.backfill, isDue: true, sinceMs, isAudit: true } }
}

export function afterNightlyAudit(agenda: Agenda, nowMs: number): Agenda {
  return { ...agenda, nextAuditMs: nextNightMs(nowMs) }
}

/** Whether the audit of that night counts all that the device has, and not the look-back alone. */
export function isFullAudit({ nextAuditMs }: Agenda): boolean {
  return new Date(nextAuditMs).getDate() === 1
}

const AUDIT_AT = { hours: 3, minutes: 30 }

/** By the local time of this machine: when little goes on in a house, measuring is missed least. */
function nextNightMs(nowMs: number): number {
  const next = new Date(nowMs)
  next.setHours(AUDIT_AT.hours, AUDIT_AT.minutes, 0, 0)
  if (next.getTime() <= nowMs) next.setDate(next.getDate() + 1)
  return next.getTime()
}

export function afterBackfillStep(agenda: Agenda): Agenda {
  return { ...agenda, backfill: { ...agenda.backfill, restMs: BACKFILL_REST_MS } }
}

const WAIT_FOR_PLACE_MS = 5_000

/** So many devices are being loaded already that this one has to wait. */
export function afterBackfillWaited(agenda: Agenda, nowMs: number): Agenda {
  return { ...agenda, backfill: { ...agenda.backfill, restsUntilMs: nowMs + WAIT_FOR_PLACE_MS } }
}

export function afterBackfill(agenda: Agenda): Agenda {
  return { ...agenda, backfill: { ...agenda.backfill, isDue: false, isAudit: false } }
}

/** `isDropped`: the store does not keep what it accepts, which the next cycle tries. */
export function afterBackfillFailed(
  agenda: Agenda,
  { nowMs, isDropped }: { nowMs: number; isDropped: boolean },
): Agenda {
  const { intervalMs, backfill } = agenda
  const restsUntilMs = nowMs + (isDropped ? intervalMs : backfill.restMs)
  return { ...agenda, backfill: { ...backfill, restsUntilMs, restMs: Math.min(intervalMs, 2 * backfill.restMs) } }
}
