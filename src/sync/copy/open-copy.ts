import { ceilToMinute, floorToMinute } from '../../model/time-window.ts'
import { findStarts } from './find-starts.ts'
import { openSession } from '../session/open-session.ts'
import { probeRetention } from './probe-retention.ts'
import { refuseBeyondRetention, warnBeyondRetention } from '../session/retention.ts'
import { warnOnce, type Session, type SyncContext } from '../session/session.ts'
import { STALE_LOG } from '../session/stale-log.ts'
import { windowOf, withWantedFrom, type Target } from '../session/target.ts'

/** Left out: all that is wanted. */
export interface LoadSpan {
  readonly sinceMs?: number
  readonly untilMs?: number
}

/** What of the history is to be loaded. */
export interface LoadScope extends LoadSpan {
  /** Whether to refuse a range that the store would drop in part; else it is left out with a warning. */
  readonly refuseBeyondRetention: boolean
  /** Whether nothing at all may be written, so that a store that does not tell its retention keeps its secret. */
  readonly isDryRun?: boolean
}

export interface OpenLoad {
  readonly session: Session
  /** Each wanted only inside what was asked for, and from where its channel exists. */
  readonly targets: readonly Target[]
}

/** Looks at both sides, the retention of the store first: what it would drop is not asked of the device. */
export async function openLoad(context: SyncContext, scope: LoadScope, signal: AbortSignal): Promise<OpenLoad> {
  const session = await openWithRetention(context, scope, signal)
  if (session.stoppedLog !== undefined) warnOnce(session, session.stoppedLog, STALE_LOG)
  if (scope.refuseBeyondRetention) refuseBeyondRetention(session, scope.sinceMs)
  else warnBeyondRetention(session)
  return { session, targets: await chooseTargets(session, scope, signal) }
}

/** The targets, each wanted only inside what was asked for, and from where its channel exists. */
export async function chooseTargets(session: Session, span: LoadSpan, signal: AbortSignal): Promise<readonly Target[]> {
  const started = await findStarts(session, session.targets, signal)
  return started.map((target) => clip(target, span))
}

async function openWithRetention(context: SyncContext, scope: LoadScope, signal: AbortSignal): Promise<Session> {
  const session = await openSession(context, signal)
  const oldestMs = windowOf(session.targets.map((target) => clip(target, scope))).fromMs
  const { memory, storeStatus } = session
  const isKnown = storeStatus.retainsFromMs !== undefined || (memory.retention?.triedFromMs ?? Infinity) <= oldestMs
  if (isKnown || scope.isDryRun) return session
  memory.retention = await probeRetention(context, oldestMs, signal)
  return memory.retention.keepsMs === undefined ? session : openSession(context, signal)
}

function clip(target: Target, { sinceMs, untilMs }: LoadSpan): Target {
  const { wanted } = target
  const endMs = Math.max(wanted.fromMs, Math.min(wanted.untilMs, floorToMinute(untilMs ?? wanted.untilMs)))
  const clipped = { ...target, wanted: { fromMs: wanted.fromMs, untilMs: endMs } }
  return withWantedFrom(clipped, Math.min(endMs, ceilToMinute(sinceMs ?? 0)))
}
