import type { DeviceHealth } from '../model/daemon.ts'
import { minuteCount, type TimeWindow } from '../model/time-window.ts'
import { timeLeft } from '../runtime/clock.ts'
import { plural } from '../runtime/plural.ts'
import type { CycleReport } from '../sync/tail/sync-device.ts'

/** What succeeds or fails on its own. */
export type Activity = 'cycle' | 'backfill'

export type Problem = Pick<NonNullable<DeviceHealth['failure']>, 'message' | 'of'>

interface Failure extends Problem {
  readonly sinceMs: number
  /** When it is logged again. */
  readonly remindMs: number
}

/** How a device is doing, and what that is told from; times in Unix ms. */
export interface HealthRecord {
  readonly name: string
  readonly lastCycle?: NonNullable<DeviceHealth['lastPass']>
  readonly failures: Readonly<Partial<Record<Activity, Failure>>>
  readonly lastFailure?: NonNullable<DeviceHealth['lastFailure']>
  readonly backfill: DeviceHealth['history']
  /** From where on it is measured how fast the backfill is. */
  readonly paceStart?: { readonly atMs: number; readonly doneMinutes: number }
  /** All before was looked at once; an audit takes nothing of it back. */
  readonly backfilledUntilMs: number
}

export function startingHealth(name: string): HealthRecord {
  return {
    name,
    failures: {},
    backfill: { state: 'waiting', doneMinutes: 0, totalMinutes: 0, isPaused: false },
    backfilledUntilMs: -Infinity,
  }
}

/** As it is shown to others; `nextPassMs`: when the next cycle is due. */
export function showHealth(health: HealthRecord, nextPassMs: number): DeviceHealth {
  const { name, lastCycle, failures, lastFailure, backfill } = health
  const failure = failures.cycle ?? failures.backfill
  return {
    name,
    state: failure ? 'failing' : lastCycle ? 'ok' : 'starting',
    history: backfill,
    ...(lastCycle && { lastPass: lastCycle }),
    ...(lastFailure && { lastFailure }),
    ...(failure && { failure: withoutReminder(failure) }),
    nextPassMs,
  }
}

/** A cycle has ended, well or with a problem that its report shows. */
export function cycled(health: HealthRecord, report: CycleReport, endedAtMs: number): HealthRecord {
  return { ...health, lastCycle: { ...numbersOf(report), endedAtMs } }
}

export function numbersOf({ durationMs, rowCount, sampleCount, lagMs, storedUntilMs }: CycleReport) {
  return { durationMs, rowCount, sampleCount, lagMs, storedUntilMs }
}

/** A failure that goes on is logged again this often. */
const REMIND_MS = 3_600_000

/** `line`: what to log; left out: it was logged less than an hour ago. */
export function failed(
  health: HealthRecord,
  { activity, problem, nowMs }: { activity: Activity; problem: Problem; nowMs: number },
): { readonly health: HealthRecord; readonly line?: string } {
  const before = health.failures[activity]
  const isNew = before?.message !== problem.message
  const isLogged = isNew || timeLeft(nowMs, before.remindMs, REMIND_MS) === 0
  const remindMs = isLogged ? nowMs + REMIND_MS : before.remindMs
  const failure = { ...problem, sinceMs: before?.sinceMs ?? nowMs, remindMs }
  const next = { ...health, failures: { ...health.failures, [activity]: failure } }
  return { health: next, ...(isLogged && { line: isNew ? problem.message : `still: ${problem.message}` }) }
}

/** `line`: what to log; left out: it had not failed. */
export function succeeded(
  health: HealthRecord,
  activity: Activity,
): { readonly health: HealthRecord; readonly line?: string } {
  const over = health.failures[activity]
  if (!over) return { health }
  return {
    health: { ...withoutFailure(health, activity), lastFailure: withoutReminder(over) },
    line: activity === 'cycle' ? `${health.name}: works again` : `${health.name}: loading history works again`,
  }
}

/** What is paused fails no more. */
export function paused(health: HealthRecord, isPaused: boolean): HealthRecord {
  const next = { ...health, backfill: { ...health.backfill, isPaused } }
  return isPaused ? withoutFailure(next, 'backfill') : next
}

export function backfilled(
  health: HealthRecord,
  { chunk, window, doneMinutes }: { chunk: TimeWindow; window: TimeWindow; doneMinutes: number },
  nowMs: number,
): HealthRecord {
  const { backfill, paceStart = { atMs: nowMs, doneMinutes }, backfilledUntilMs } = health
  const totalMinutes = minuteCount(window)
  const gainedMinutes = doneMinutes - paceStart.doneMinutes
  const leftMs = ((totalMinutes - doneMinutes) * (nowMs - paceStart.atMs)) / gainedMinutes
  return {
    ...health,
    paceStart,
    backfilledUntilMs: Math.max(backfilledUntilMs, chunk.untilMs),
    backfill: {
      state: 'loading',
      isPaused: backfill.isPaused,
      doneMinutes,
      totalMinutes,
      untilMs: chunk.untilMs,
      ...(gainedMinutes > 0 && { leftMs: Math.round(leftMs) }),
    },
  }
}

export function backfillDone(record: HealthRecord): HealthRecord {
  const { paceStart: _, ...health } = record
  const { leftMs: __, ...backfill } = health.backfill
  return { ...health, backfilledUntilMs: Infinity, backfill: { ...backfill, state: 'done' } }
}

function withoutFailure(health: HealthRecord, activity: Activity): HealthRecord {
  const { [activity]: _, ...failures } = health.failures
  return { ...health, failures }
}

function withoutReminder({ message, of, sinceMs }: Failure): NonNullable<DeviceHealth['failure']> {
  return { message, of, sinceMs }
}

/** What a cycle that ended well shows to be wrong all the same. */
export function problemOf(
  { deviceName, refusedChannels, stoppedLog }: CycleReport,
  storeName: string,
): Problem | undefined {
  if (refusedChannels.length > 0)
    return { of: 'store', message: `${deviceName}: ${describeRefused(refusedChannels, storeName)}` }
  return stoppedLog === undefined ? undefined : { of: 'device', message: stoppedLog }
}

const MAX_NAMED = 5

function describeRefused(channels: readonly string[], storeName: string): string {
  const named = channels.slice(0, MAX_NAMED).join(', ') + (channels.length > MAX_NAMED ? ', …' : '')
  return `${storeName} accepts samples of ${plural(channels.length, 'channel')} (${named}) and drops them: look at its log and its limits (retention, series, labels)`
}
