import { setMaxListeners } from 'node:events'
import type { BackfillEvent, DeviceHealth } from '../model/daemon.ts'
import { formatMinute, formatWindow } from '../model/time-window.ts'
import { createSleeper } from '../runtime/clock.ts'
import { explain } from '../runtime/errors.ts'
import { plural } from '../runtime/plural.ts'
import { loadWork, type LoadProgress, type LoadReport } from '../sync/load/load-device.ts'
import { type DeviceQueue, type DeviceWork, withoutClaim } from '../sync/session/device-work.ts'
import type { SyncContext } from '../sync/session/session.ts'
import { sideOf, SyncError } from '../sync/session/sync-error.ts'
import { forgetDropped, memoryForReading, type SyncMemory } from '../sync/session/sync-memory.ts'
import { describeCycle, type CycleReport, syncDevice } from '../sync/tail/sync-device.ts'
import {
  type Activity,
  backfillDone,
  backfilled,
  cycled,
  failed,
  type HealthRecord,
  numbersOf,
  paused,
  type Problem,
  problemOf,
  showHealth,
  startingHealth,
  succeeded,
} from './device-health.ts'
import type { Gate } from './gate.ts'
import {
  afterBackfill,
  afterBackfillFailed,
  afterBackfillStep,
  afterBackfillWaited,
  afterCycle,
  afterNightlyAudit,
  type Circumstances,
  firstAgenda,
  isFullAudit,
  isInterrupted,
  nextTask,
  type Task,
  withAudit,
} from './next-task.ts'

export interface WorkerOptions {
  readonly intervalMs: number
  /** How long after the tick cycles start; left out: with it, and the first at once. */
  readonly phaseMs?: number | undefined
  /** Through which all devices go; left out: there are few. */
  readonly gates?: { readonly cycles: Gate; readonly backfills: Gate } | undefined
  /** Whether to backfill everything, or only what is missing of the look-back. */
  readonly backfill: boolean
  /** `isWell`: nothing of it makes the device failing. */
  readonly onCycle?: (report: CycleReport, isWell: boolean) => void
  readonly onCycleFailed?: () => void
  /** What the background load has stored of a chunk; an audit looks at what was complete. */
  readonly onBackfill?: (progress: LoadProgress, isAudit: boolean) => void
  /** After anything that changes `health`. */
  readonly onChange?: () => void
}

/** Everything that the daemon does with one device, one task at a time. */
export interface DeviceWorker extends DeviceQueue {
  /** Works until the signal is aborted. */
  start(signal: AbortSignal): Promise<void>
  health(): DeviceHealth
  /** What is known of both sides, and what keeps the device busy. */
  readonly context: SyncContext
  /** Whether what is expected at that time was looked at: what is not there is missing, and not yet to come. */
  isLoaded(atMs: number): boolean
  pauseBackfill(isPaused: boolean): void
}

interface WaitingJob {
  step(interrupted: () => boolean): Promise<boolean>
  fail(error: unknown): Promise<void>
}

/** Asks what is due (`next-task.ts`), does it, and notes how it went (`device-health.ts`). */
export function createDeviceWorker(context: SyncContext, options: WorkerOptions): DeviceWorker {
  const { clock, log, settings, memory } = context
  const name = settings.deviceName
  const sleeper = createSleeper(clock)
  const jobs: WaitingJob[] = []
  const lookbackFromMs = () => clock.nowMs() - settings.lookbackMs
  const backfillFromMs = () => (options.backfill ? 0 : lookbackFromMs())
  let agenda = firstAgenda(clock.nowMs(), {
    intervalMs: options.intervalMs,
    sinceMs: backfillFromMs(),
    phaseMs: options.phaseMs,
  })
  let health = startingHealth(name)
  let backfill: DeviceWork<LoadReport> | undefined
  /** Since which starts of both sides a cycle has ended well; what a later restart has lost is counted again. */
  let countedStarts: Starts | undefined

  async function execute(task: Task, signal: AbortSignal): Promise<void> {
    if (task.kind === 'audit') auditAtNight()
    else if (task.kind === 'cycle') await runCycle(signal)
    else if (task.kind === 'job') await stepJob(interruptionOf('job', signal))
    else if (task.kind === 'backfill') await stepBackfill(interruptionOf('backfill', signal), signal)
    else await sleeper.sleep(task.waitMs, signal)
  }

  function circumstances(): Circumstances {
    return {
      nowMs: clock.nowMs(),
      isJobWaiting: jobs.length > 0,
      isBackfillPaused: health.backfill.isPaused,
      isBackfillBlocked: isBackfillBlocked(),
    }
  }

  /** Reading on would be in vain. */
  function isBackfillBlocked(): boolean {
    const { refused } = memory.drops
    if (refused.size > 0 && memory.shown.seen?.targets.every(({ key }) => refused.has(key))) return true
    const of = health.failures.cycle?.of
    return of === 'writer' || of === 'identity'
  }

  function interruptionOf(task: 'job' | 'backfill', signal: AbortSignal): () => boolean {
    return () => signal.aborted || isInterrupted(task, agenda, circumstances())
  }

  function auditAtNight() {
    const sinceMs = options.backfill && isFullAudit(agenda) ? 0 : lookbackFromMs()
    forgetDropped(memory, { fromMs: sinceMs })
    audit(sinceMs)
    agenda = afterNightlyAudit(agenda, clock.nowMs())
  }

  /** Counts again what was complete; what is not yet is counted anyway. */
  function audit(sinceMs: number) {
    backfill = undefined
    agenda = withAudit(agenda, sinceMs)
  }

  async function runCycle(signal: AbortSignal) {
    try {
      const sync = () => syncDevice(context, { signal, countMissing: false, durable: false })
      const report = await (options.gates?.cycles.run(sync, signal) ?? sync())
      noteCycle(report)
      if (memory.drops.isRecountDue) {
        memory.drops.isRecountDue = false
        log.info(`${name}: the store keeps samples again that it dropped; counting what is missing`)
        audit(backfillFromMs())
      }
      if (hasRestarted(countedStarts, startsOf(memory))) {
        log.info(`${name}: the device or the store has restarted; counting the last days again`)
        audit(lookbackFromMs())
      }
      countedStarts = startsOf(memory)
    } catch (error) {
      if (signal.aborted) return
      noteFailure('cycle', { message: explain(error), of: sideOf(error) })
      options.onCycleFailed?.()
    }
    agenda = afterCycle(agenda, clock.nowMs())
  }

  function noteCycle(report: CycleReport) {
    log.info(describeCycle(report), { device: name, ...numbersOf(report) })
    health = cycled(health, report, clock.nowMs())
    const problem = problemOf(report, context.store.name)
    if (problem) noteFailure('cycle', problem)
    else noteSuccess('cycle')
    options.onCycle?.(report, problem === undefined)
  }

  async function stepJob(interrupted: () => boolean) {
    const [job] = jobs
    try {
      if (await job?.step(interrupted)) jobs.shift()
    } catch (error) {
      jobs.shift()
      await job?.fail(error)
    }
  }

  async function stepBackfill(interrupted: () => boolean, signal: AbortSignal) {
    const step = () => stepOpened(interrupted, signal)
    const stepped = options.gates ? options.gates.backfills.tryRun(step) : step()
    if (stepped) await stepped
    else agenda = afterBackfillWaited(agenda, clock.nowMs())
  }

  async function stepOpened(interrupted: () => boolean, signal: AbortSignal) {
    const wasOpened = backfill !== undefined
    backfill ??= openBackfill(signal)
    try {
      const isDone = await backfill.step(interrupted)
      if (wasOpened) {
        agenda = afterBackfillStep(agenda)
        noteSuccess('backfill')
      }
      if (isDone) finishBackfill(backfill.result())
    } catch (error) {
      if (signal.aborted) return
      const isDropped = error instanceof SyncError && error.reason === 'unconfirmed'
      agenda = afterBackfillFailed(agenda, { nowMs: clock.nowMs(), isDropped })
      backfill = undefined
      noteFailure('backfill', { message: explain(error), of: sideOf(error) })
    }
  }

  function openBackfill(signal: AbortSignal): DeviceWork<LoadReport> {
    const { sinceMs, isAudit } = agenda.backfill
    return loadWork(context, {
      signal,
      maxAttempts: 1,
      refuseBeyondRetention: false,
      notesUnmeasured: true,
      onProgress: noteProgress,
      ...(sinceMs > 0 && { sinceMs }),
      // What came since the last cycle is missing by right.
      ...(isAudit && health.lastCycle && { untilMs: health.lastCycle.storedUntilMs }),
    })
  }

  function noteProgress(progress: LoadProgress) {
    const { chunk, rowCount, sampleCount } = progress
    health = backfilled(health, progress, clock.nowMs())
    options.onBackfill?.(progress, agenda.backfill.isAudit)
    options.onChange?.()
    if (sampleCount > 0)
      log.info(
        `${name}: history from ${formatMinute(chunk.fromMs)}: ${plural(rowCount, 'row')}, ${plural(sampleCount, 'sample')}`,
        { device: name, history: { ...chunk, rowCount, sampleCount } satisfies BackfillEvent },
      )
  }

  function finishBackfill(report: LoadReport) {
    const { isAudit } = agenda.backfill
    agenda = afterBackfill(agenda)
    show(backfillDone(health))
    logComplete(report, isAudit)
  }

  function logComplete({ sampleCount, absentMinutes, window }: LoadReport, isAudit: boolean) {
    if (sampleCount === 0) return
    if (isAudit)
      log.warn(
        `${name}: an audit found ${sampleCount} samples missing from ${formatWindow(window)}; they are stored again`,
      )
    else
      log.info(
        `${name}: the backfill is complete: ${sampleCount} samples were missing, ${absentMinutes} minutes the device does not have`,
      )
  }

  function noteFailure(activity: Activity, problem: Problem) {
    const { health: next, line } = failed(health, { activity, problem, nowMs: clock.nowMs() })
    if (line !== undefined) log.error(line, { device: name, side: problem.of })
    show(next)
  }

  function noteSuccess(activity: Activity) {
    const over = health.failures[activity]
    const { health: next, line } = succeeded(health, activity)
    if (line !== undefined) log.info(line, { device: name, side: over?.of })
    show(next)
  }

  function show(next: HealthRecord) {
    health = next
    options.onChange?.()
  }

  return {
    name,
    context,
    health: () => showHealth(health, agenda.nextCycleMs),
    isLoaded: (atMs) => atMs < health.backfilledUntilMs || atMs >= lookbackFromMs(),
    pauseBackfill(isPaused) {
      show(paused(health, isPaused))
      sleeper.wake()
    },
    async start(ending) {
      // Thousands who listen to one signal would take long to come and go.
      const signal = AbortSignal.any([ending])
      setMaxListeners(0, signal)
      while (!signal.aborted) await execute(nextTask(agenda, circumstances()), signal)
      for (const job of jobs.splice(0)) await job.fail(signal.reason)
    },
    run: (open, signal) =>
      new Promise((resolve, reject) => {
        let work: ReturnType<typeof open> | undefined
        jobs.push({
          async step(interrupted) {
            signal.throwIfAborted()
            work ??= open(context)
            const isDone = await work.step(interrupted)
            if (isDone) resolve(work.result())
            return isDone
          },
          async fail(error) {
            await work?.end?.(error)
            reject(error)
          },
        })
        sleeper.wake()
      }),
    readOnly: (act) => act({ ...withoutClaim(context), memory: memoryForReading(memory) }),
  }
}

interface Starts {
  readonly storeMs: number | undefined
  readonly deviceMs: number | undefined
}

function startsOf({ storeRun, deviceRun }: SyncMemory): Starts {
  return { storeMs: storeRun.startedAtMs, deviceMs: deviceRun.startedAtMs }
}

/** Not when they are seen for the first time. */
function hasRestarted(before: Starts | undefined, after: Starts): boolean {
  return before !== undefined && (before.storeMs !== after.storeMs || before.deviceMs !== after.deviceMs)
}
