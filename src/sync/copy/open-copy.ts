import type { Labels } from '../../model/series.ts'
import { StoreError } from '../../model/store.ts'
import { ceilToMinute, DAY_MS, floorToMinute, splitWindow, type TimeWindow } from '../../model/time-window.ts'
import { openSession } from '../session/open-session.ts'
import { refuseBeyondRetention, warnBeyondRetention } from '../session/retention.ts'
import { type Session, type SyncContext, warnOnce } from '../session/session.ts'
import { STALE_LOG } from '../session/stale-log.ts'
import type { SeenRetention } from '../session/sync-memory.ts'
import { type Target, windowOf, withExpectedFrom } from '../session/target.ts'
import { findStarts } from './find-starts.ts'
import { writeSamples } from './write-samples.ts'

/** Left out: all that is expected. */
export interface LoadSpan {
  readonly sinceMs?: number
  readonly untilMs?: number
}

/** What is to be loaded. */
export interface LoadScope extends LoadSpan {
  /** Whether to refuse a range that the store would drop in part; else it is left out with a warning. */
  readonly refuseBeyondRetention: boolean
  /** Whether nothing at all may be written, so that a store that does not tell its retention keeps its secret. */
  readonly isDryRun?: boolean
}

export interface OpenCopy {
  readonly session: Session
  /** Each expected only inside what was asked for, and from where its channel exists. */
  readonly targets: readonly Target[]
}

/** Looks at both sides, the retention of the store first: what it would drop is not asked of the device. */
export async function openCopy(context: SyncContext, scope: LoadScope, signal: AbortSignal): Promise<OpenCopy> {
  const session = await openWithRetention(context, scope, signal)
  if (session.stoppedLog !== undefined) warnOnce(session, session.stoppedLog, STALE_LOG)
  if (scope.refuseBeyondRetention) refuseBeyondRetention(session, scope.sinceMs)
  else warnBeyondRetention(session)
  return { session, targets: await chooseTargets(session, scope, signal) }
}

/** The targets, each expected only inside what was asked for, and from where its channel exists. */
export async function chooseTargets(session: Session, span: LoadSpan, signal: AbortSignal): Promise<readonly Target[]> {
  const started = await findStarts(session, session.targets, signal)
  return started.map((target) => clip(target, span))
}

async function openWithRetention(context: SyncContext, scope: LoadScope, signal: AbortSignal): Promise<Session> {
  const session = await openSession(context, signal)
  const oldestMs = windowOf(session.targets.map((target) => clip(target, scope))).fromMs
  const { memory, storeStatus } = session
  const isKnown =
    storeStatus.retainsFromMs !== undefined || (memory.process.retention?.triedFromMs ?? Infinity) <= oldestMs
  if (isKnown || scope.isDryRun) return session
  memory.process.retention = await probeRetention(context, oldestMs, signal)
  return memory.process.retention.keepsMs === undefined ? session : openSession(context, signal)
}

function clip(target: Target, { sinceMs, untilMs }: LoadSpan): Target {
  const { expected } = target
  const endMs = Math.max(expected.fromMs, Math.min(expected.untilMs, floorToMinute(untilMs ?? expected.untilMs)))
  const clipped = { ...target, expected: { fromMs: expected.fromMs, untilMs: endMs } }
  return withExpectedFrom(clipped, Math.min(endMs, ceilToMinute(sinceMs ?? 0)))
}

const METRIC = 'iotawatt_sync_retention_probe'
/** No store keeps less. */
const ALWAYS_KEPT_MS = 2 * DAY_MS
/** What passes a queue arrives when it likes. */
const LOOK_AGAIN_MS = [500, 2_000, 2_000, 6_000]

/**
 * Whether a store that does not tell how long it keeps samples keeps one as old as this: writes a sample for each day
 * since, in a series of its own, looks which is the oldest that is there, and deletes them.
 */
async function probeRetention(context: SyncContext, oldestMs: number, signal: AbortSignal): Promise<SeenRetention> {
  const { store, clock, settings } = context
  const window = { fromMs: oldestMs, untilMs: floorToMinute(clock.nowMs()) }
  if (window.untilMs - oldestMs < ALWAYS_KEPT_MS) return { triedFromMs: oldestMs }
  const labels = { __name__: METRIC, device: settings.deviceName }
  // Where it could not be deleted, it still shows what it showed.
  let keptFromMs = await findOldest(context, { labels, window }, signal)
  if (keptFromMs !== oldestMs) {
    const timestampsMs = splitWindow(window, DAY_MS).map(({ fromMs }) => fromMs)
    await writeSamples(context, [{ labels, timestampsMs, values: timestampsMs.map(() => 1) }], signal)
    keptFromMs = await findOldest(context, { labels, window }, signal)
    for (const pauseMs of LOOK_AGAIN_MS) {
      if (keptFromMs === oldestMs) break
      await clock.sleep(pauseMs, signal)
      keptFromMs = await findOldest(context, { labels, window }, signal)
    }
  }
  await store.deleteSeries(labels, signal).catch((error: unknown) => {
    if (!(error instanceof StoreError)) throw error
  })
  if (keptFromMs === undefined || keptFromMs === oldestMs) return { triedFromMs: oldestMs }
  return { triedFromMs: oldestMs, keepsMs: clock.nowMs() - keptFromMs }
}

async function findOldest(
  { store }: SyncContext,
  { labels, window }: { labels: Labels; window: TimeWindow },
  signal: AbortSignal,
): Promise<number | undefined> {
  if (!store.flushWaits?.()) await store.flush(signal)
  const [first] = await store.firstSamples([labels], window, signal)
  return first?.atMs
}
