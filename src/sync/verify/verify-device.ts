import { minuteCount, type TimeWindow } from '../../model/time-window.ts'
import { ensureDurable, trackRecentChunks } from '../copy/ensure-durable.ts'
import { openCopy } from '../copy/open-copy.ts'
import { withReplanning } from '../copy/replan.ts'
import { type DeviceWork, workInSteps } from '../session/device-work.ts'
import { dueUntilMs } from '../session/find-stored.ts'
import { describeForeignSeries } from '../session/foreign-series.ts'
import { type SyncContext, warnOnce } from '../session/session.ts'
import { type Target, windowOf } from '../session/target.ts'
import { createFindings, type DayTally, emptyTally, type Tally } from './findings.ts'
import type { Verification } from './verification.ts'
import { type Outcome, planTasks, refillTask, type Task, type TaskOptions } from './verify-tasks.ts'

const MAX_ATTEMPTS = 8

export interface VerifyOptions extends TaskOptions {
  /** Of the cycles that keep the store up to date: what closed since the last one is not missing. Left out: it is. */
  readonly intervalMs?: number
  readonly onProgress?: (progress: VerifyProgress) => void
}

export interface VerifyProgress {
  readonly deviceName: string
  readonly doneMinutes: number
  readonly totalMinutes: number
}

export interface VerifyReport {
  readonly deviceName: string
  readonly window: TimeWindow
  /** The closed minutes that the log of the device holds. */
  readonly logged: TimeWindow
  readonly durationMs: number
  readonly channels: readonly ChannelTally[]
  readonly days: readonly DayTally[]
  /** Days of channels that are in no list. */
  readonly omittedDays: number
  readonly warnings: readonly string[]
  readonly failedChannels: readonly string[]
}

/** What was found of a channel in all. */
export interface ChannelTally {
  readonly key: string
  readonly location: string
  readonly metric: string
  readonly tally: Readonly<Tally>
}

/** Compares device and store, chunk by chunk, and copies what is missing where that is asked for. */
export function verifyWork(context: SyncContext, options: VerifyOptions): DeviceWork<VerifyReport> {
  return workInSteps((interrupted) => verify(context, options, interrupted))
}

async function* verify(
  context: SyncContext,
  options: VerifyOptions,
  interrupted: () => boolean,
): AsyncGenerator<undefined, VerifyReport, undefined> {
  const startedMs = context.clock.nowMs()
  const { deviceName } = context.settings
  const { signal } = options
  const replan = { signal, maxAttempts: MAX_ATTEMPTS }
  const open = () => openVerification(context, options)
  const ends = { endsWithoutDevice: true, endsWithoutStore: !options.repair }
  let verification = await withReplanning(context, open, { ...replan, ...ends })
  const recent = trackRecentChunks(context)
  const complete = windowOf(verification.targets)
  const findings = createFindings()
  yield

  async function execute(task: Task): Promise<Outcome> {
    let attempts = 0
    const run = async () => {
      if (attempts++ > 0) verification = await open()
      return task.run(verification, interrupted)
    }
    const outcome = await withReplanning(context, run, replan)
    // What failed may have been written all the same.
    if (outcome.hasWritten !== undefined) recent.add(task.window, outcome.hasWritten || attempts > 1)
    return outcome
  }

  let due: readonly Task[] = planTasks(verification, options)
  while (due.length > 0) {
    const [task, ...later] = due
    if (!task) break
    const { findings: found, next = [] } = await execute(task)
    if (found) findings.merge(found)
    // A store that died forgets what it confirmed just before: that is filled again.
    const { chunks: forgotten } = await withReplanning(context, () => recent.findForgotten(signal), replan)
    due = [...forgotten.map((window) => refillTask(window, options)), ...next, ...later]
    const doneUntilMs = due[0]?.window.fromMs ?? complete.untilMs
    const doneMinutes = minuteCount({ fromMs: complete.fromMs, untilMs: doneUntilMs })
    options.onProgress?.({ deviceName, doneMinutes, totalMinutes: minuteCount(complete) })
    yield
  }

  const { windows, startedAtMs } = recent.unproven()
  const { session, targets } = verification
  if (windows.length > 0) await ensureDurable(session, { targets, windows }, { ...replan, startedAtMs })
  const totals = findings.totals()
  return {
    deviceName,
    window: complete,
    logged: session.logged,
    durationMs: context.clock.nowMs() - startedMs,
    channels: targets.map(({ key, channel: { location, metric } }) => ({
      key,
      location,
      metric,
      tally: totals.get(key) ?? emptyTally(),
    })),
    days: findings.days(),
    omittedDays: findings.omitted(),
    warnings: session.warnings,
    failedChannels: session.failedChannels,
  }
}

async function openVerification(context: SyncContext, options: VerifyOptions): Promise<Verification> {
  const { signal, repair, intervalMs, untilMs } = options
  await context.reloads?.finish(context, signal)
  const scope = { ...options, refuseBeyondRetention: false, isDryRun: !repair }
  const { session, targets } = await openCopy(context, scope, signal)
  const foreign = await describeForeignSeries(session, signal)
  if (foreign !== undefined) warnOnce(session, foreign, 'foreign-series')
  if (repair || intervalMs === undefined || untilMs !== undefined) return { session, targets }
  return { session, targets: targets.map((target) => withExpectedUntil(target, dueUntilMs(session, intervalMs))) }
}

function withExpectedUntil(target: Target, untilMs: number): Target {
  const { fromMs, untilMs: endMs } = target.expected
  return { ...target, expected: { fromMs, untilMs: Math.max(fromMs, Math.min(endMs, untilMs)) } }
}
