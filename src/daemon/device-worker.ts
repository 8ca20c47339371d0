import type { DeviceHealth, BackfillEvent } from '../model/daemon.ts'
import { DAY_MS, formatMinute, formatWindow, HOUR_MS, minuteCount } from '../model/time-window.ts'
import { createSleeper, timeLeft } from '../runtime/clock.ts'
import { explain } from '../runtime/errors.ts'
import { plural } from '../runtime/plural.ts'
import { loadWork, type LoadProgress, type LoadReport } from '../sync/load/load-device.ts'
import { type DeviceQueue, type DeviceWork, withoutClaim } from '../sync/session/device-work.ts'
import type { SyncContext } from '../sync/session/session.ts'
import { sideOf, SyncError } from '../sync/session/sync-error.ts'
import { memoryForReading } from '../sync/session/sync-memory.ts'
import { describeCycle, type CycleReport, syncDevice } from '../sync/tail/sync-device.ts'
import { isFullAudit, nextAuditMs } from './next-audit.ts'

/** A failure that goes on is logged again this often. */
const REMIND_MS = 3_600_000
/** A device writes the record that closes a minute some seconds after its end. */
const TICK_DELAY_MS = 10_000
/** After a failed step of the backfill; twice as long after each further one, up to the interval of the cycles. */
const BACKFILL_PAUSE_MS = 60_000

/** In a message. */
const MAX_NAMED = 5

/** The longest night is that in which clocks are set back. */
const MAX_TO_AUDIT_MS = DAY_MS + HOUR_MS

export interface WorkerOptions {
  readonly intervalMs: number
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

/** Everything that the daemon does with one device, one thing at a time: cycles, then jobs, then the backfill. */
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

type Failing = 'pass' | 'history'

type Problem = Pick<NonNullable<DeviceHealth['failure']>, 'message' | 'of'>

interface Failure extends Problem {
  readonly sinceMs: number
  /** When it is logged again. */
  readonly remindMs: number
}

interface Job {
  step(interrupted: () => boolean): Promise<boolean>
  fail(error: unknown): Promise<void>
}

export function createDeviceWorker(context: SyncContext, options: WorkerOptions): DeviceWorker {
  const { clock, log, settings, memory } = context
  const name = settings.deviceName
  const sleeper = createSleeper(clock)
  const jobs: Job[] = []
  let nextCycleMs = clock.nowMs()
  let nextBackfillMs = 0
  let history: DeviceWork<LoadReport> | undefined
  let backfillSinceMs = options.backfill ? 0 : clock.nowMs() - settings.lookbackMs
  let isBackfillDue = true
  let isAudit = false
  let auditMs = nextAuditMs(clock.nowMs())
  let health: DeviceHealth = {
    name,
    state: 'starting',
    history: { state: 'waiting', doneMinutes: 0, totalMinutes: 0, isPaused: false },
  }
  let paceStart: { readonly atMs: number; readonly doneMinutes: number } | undefined
  /** Of the first load: an audit does not unload anything. */
  let loadedUntilMs = -Infinity
  let backfillPauseMs = BACKFILL_PAUSE_MS
  const failures = new Map<Failing, Failure>()

  async function cycle(signal: AbortSignal) {
    const storeStartedAtMs = memory.storeStartedAtMs
    const deviceStartedAtMs = memory.deviceStartedAtMs
    try {
      const report = await syncDevice(context, { signal, countMissing: false, durable: false })
      log.info(describeCycle(report), { device: name, ...numbersOf(report) })
      health = { ...health, lastPass: { ...numbersOf(report), endedAtMs: clock.nowMs() } }
      const problem = findProblem(report)
      if (problem) noteFailure('pass', problem)
      else noteSuccess('pass')
      options.onCycle?.(report, problem === undefined)
      if (memory.isRecountDue) {
        memory.isRecountDue = false
        log.info(`${name}: the store keeps samples again that it dropped; counting what is missing`)
        audit(options.backfill ? 0 : clock.nowMs() - settings.lookbackMs)
      }
      const isFirstCycle = storeStartedAtMs === undefined && deviceStartedAtMs === undefined
      const restarted = memory.storeStartedAtMs !== storeStartedAtMs || memory.deviceStartedAtMs !== deviceStartedAtMs
      if (restarted && !isFirstCycle) {
        log.info(`${name}: the device or the store has restarted; counting the last days again`)
        audit(clock.nowMs() - settings.lookbackMs)
      }
    } catch (error) {
      if (signal.aborted) return
      noteFailure('pass', { message: explain(error), of: sideOf(error) })
      options.onCycleFailed?.()
    }
  }

  /** Counts again what was complete; what is not yet is counted anyway. */
  function audit(sinceMs: number) {
    history = undefined
    if (isBackfillDue) return
    backfillSinceMs = sinceMs
    isBackfillDue = true
    isAudit = true
  }

  function auditAtNight() {
    const isComplete = options.backfill && isFullAudit(auditMs)
    const sinceMs = isComplete ? 0 : clock.nowMs() - settings.lookbackMs
    // A store that has dropped them may keep them by now.
    memory.dropped = memory.dropped.filter(({ window }) => window.untilMs <= sinceMs)
    audit(sinceMs)
    auditMs = nextAuditMs(clock.nowMs())
  }

  /** What a sync that ended well shows to be wrong all the same. */
  function findProblem({ refusedChannels, stoppedLog }: CycleReport): Problem | undefined {
    if (refusedChannels.length > 0)
      return { of: 'store', message: describeRefused({ name, store: context.store.name }, refusedChannels) }
    return stoppedLog === undefined ? undefined : { of: 'device', message: stoppedLog }
  }

  /** Reading on would be in vain. */
  function isBackfillBlocked(): boolean {
    const { refused, seen } = memory
    if (refused.size > 0 && seen?.targets.every(({ key }) => refused.has(key))) return true
    const of = failures.get('pass')?.of
    return of === 'writer' || of === 'identity'
  }

  function noteFailure(failing: Failing, { message, of }: Problem) {
    const nowMs = clock.nowMs()
    const before = failures.get(failing)
    const isNew = before?.message !== message
    const isLogged = isNew || timeLeft(clock, before.remindMs, REMIND_MS) === 0
    if (isLogged) log.error(isNew ? message : `still: ${message}`, { device: name, side: of })
    const remindMs = isLogged ? nowMs + REMIND_MS : before.remindMs
    failures.set(failing, { message, of, sinceMs: before?.sinceMs ?? nowMs, remindMs })
    showFailure()
  }

  function noteSuccess(of: Failing) {
    const over = failures.get(of)
    if (over) health = { ...health, lastFailure: { message: over.message, of: over.of, sinceMs: over.sinceMs } }
    if (failures.delete(of)) log.info(of === 'pass' ? `${name}: works again` : `${name}: backfilling works again`)
    showFailure()
  }

  function showFailure() {
    const { failure: _, ...rest } = health
    const failure = failures.get('pass') ?? failures.get('history')
    health = failure
      ? { ...rest, state: 'failing', failure: { message: failure.message, of: failure.of, sinceMs: failure.sinceMs } }
      : { ...rest, state: rest.lastPass ? 'ok' : 'starting' }
    options.onChange?.()
  }

  async function stepBackfill(interrupted: () => boolean, signal: AbortSignal) {
    const wasOpened = history !== undefined
    history ??= loadWork(context, {
      signal,
      maxAttempts: 1,
      refuseBeyondRetention: false,
      notesUnmeasured: true,
      onProgress: noteProgress,
      ...(backfillSinceMs > 0 && { sinceMs: backfillSinceMs }),
      // What came since the last cycle is not missing yet.
      ...(isAudit && health.lastPass && { untilMs: health.lastPass.storedUntilMs }),
    })
    try {
      const isDone = await history.step(interrupted)
      if (wasOpened) {
        backfillPauseMs = BACKFILL_PAUSE_MS
        noteSuccess('history')
      }
      if (!isDone) return
      const report = history.result()
      isBackfillDue = false
      loadedUntilMs = Infinity
      paceStart = undefined
      const { leftMs: _, ...done } = health.history
      health = { ...health, history: { ...done, state: 'done' } }
      options.onChange?.()
      logComplete(report)
      isAudit = false
    } catch (error) {
      if (signal.aborted) return
      const isDropped = error instanceof SyncError && error.reason === 'unconfirmed'
      nextBackfillMs = clock.nowMs() + (isDropped ? options.intervalMs : backfillPauseMs)
      backfillPauseMs = Math.min(options.intervalMs, 2 * backfillPauseMs)
      history = undefined
      noteFailure('history', { message: explain(error), of: sideOf(error) })
    }
  }

  function logComplete({ sampleCount, absentMinutes, window }: LoadReport) {
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

  function noteProgress(progress: LoadProgress) {
    const { chunk, window, doneMinutes, rowCount, sampleCount } = progress
    const totalMinutes = minuteCount(window)
    loadedUntilMs = Math.max(loadedUntilMs, chunk.untilMs)
    paceStart ??= { atMs: clock.nowMs(), doneMinutes }
    const gainedMinutes = doneMinutes - paceStart.doneMinutes
    const leftMs = ((totalMinutes - doneMinutes) * (clock.nowMs() - paceStart.atMs)) / gainedMinutes
    const { isPaused } = health.history
    health = {
      ...health,
      history: {
        state: 'loading',
        isPaused,
        doneMinutes,
        totalMinutes,
        untilMs: chunk.untilMs,
        ...(gainedMinutes > 0 && { leftMs: Math.round(leftMs) }),
      },
    }
    options.onBackfill?.(progress, isAudit)
    options.onChange?.()
    if (sampleCount > 0)
      log.info(
        `${name}: backfilled from ${formatMinute(chunk.fromMs)}: ${plural(rowCount, 'row')}, ${plural(sampleCount, 'sample')}`,
        { device: name, history: { ...chunk, rowCount, sampleCount } satisfies BackfillEvent },
      )
  }

  async function stepJob(job: Job, interrupted: () => boolean) {
    try {
      if (await job.step(interrupted)) jobs.shift()
    } catch (error) {
      jobs.shift()
      await job.fail(error)
    }
  }

  return {
    name,
    context,
    health: () => ({ ...health, nextPassMs: nextCycleMs }),
    isLoaded: (atMs) => atMs < loadedUntilMs || atMs >= clock.nowMs() - settings.lookbackMs,
    pauseBackfill(isPaused) {
      health = { ...health, history: { ...health.history, isPaused } }
      // What is paused fails no more.
      if (isPaused) failures.delete('history')
      showFailure()
      sleeper.wake()
    },
    async start(signal) {
      const cycleInMs = () => timeLeft(clock, nextCycleMs, options.intervalMs)
      const auditInMs = () => timeLeft(clock, auditMs, MAX_TO_AUDIT_MS)
      const backfillInMs = () => timeLeft(clock, nextBackfillMs, options.intervalMs)
      const isCycleDue = () => signal.aborted || cycleInMs() === 0
      while (!signal.aborted) {
        const [job] = jobs
        if (auditInMs() === 0) auditAtNight()
        if (isCycleDue()) {
          await cycle(signal)
          nextCycleMs = nextTick(clock.nowMs(), options.intervalMs)
        } else if (job) await stepJob(job, isCycleDue)
        else if (isBackfillDue && !health.history.isPaused && !isBackfillBlocked() && backfillInMs() === 0)
          await stepBackfill(() => isCycleDue() || jobs.length > 0 || health.history.isPaused, signal)
        else {
          const isWaiting = isBackfillDue && !health.history.isPaused && !isBackfillBlocked()
          await sleeper.sleep(Math.min(cycleInMs(), auditInMs(), isWaiting ? backfillInMs() : Infinity), signal)
        }
      }
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

/** The next tick of the clock: with 5 minutes, shortly after :00, :05, :10 … */
function nextTick(nowMs: number, intervalMs: number): number {
  return (Math.floor((nowMs - TICK_DELAY_MS) / intervalMs) + 1) * intervalMs + TICK_DELAY_MS
}

function describeRefused({ name, store }: { name: string; store: string }, channels: readonly string[]): string {
  const named = channels.slice(0, MAX_NAMED).join(', ') + (channels.length > MAX_NAMED ? ', …' : '')
  return `${name}: ${store} accepts samples of ${plural(channels.length, 'channel')} (${named}) and drops them: look at its log and its limits (retention, series, labels)`
}

function numbersOf({ durationMs, rowCount, sampleCount, lagMs, storedUntilMs }: CycleReport) {
  return { durationMs, rowCount, sampleCount, lagMs, storedUntilMs }
}
