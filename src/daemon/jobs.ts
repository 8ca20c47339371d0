import { DaemonError, type Job, type JobRequest } from '../model/daemon.ts'
import { formatMinute, minuteCount, MINUTE_MS, splitWindow, type TimeWindow } from '../model/time-window.ts'
import type { Clock } from '../runtime/clock.ts'
import { explain } from '../runtime/errors.ts'
import { type DeviceQueue, type DeviceWork, workInSteps } from '../sync/session/device-work.ts'
import type { SyncContext } from '../sync/session/session.ts'
import { plural } from '../runtime/plural.ts'
import { countMissing } from '../sync/copy/count-missing.ts'
import { loadWork, type LoadReport } from '../sync/load/load-device.ts'
import { dueUntilMs } from '../sync/session/find-stored.ts'
import { openSession } from '../sync/session/open-session.ts'
import { windowOf } from '../sync/session/target.ts'

export interface Jobs {
  list(): readonly Job[]
  /** @throws DaemonError */
  start(request: JobRequest): Job
  /** @throws DaemonError */
  stop(id: string): Job
}

export interface JobsOptions {
  readonly queues: readonly DeviceQueue[]
  readonly clock: Clock
  /** Of the cycles. */
  readonly intervalMs: number
  readonly signal: AbortSignal
  readonly onChange: (job: Job) => void
  /** Minutes of a window are confirmed. */
  readonly onRepaired: (repaired: {
    readonly device: string
    readonly fromMs: number
    readonly untilMs: number
    readonly rowCount: number
    readonly sampleCount: number
  }) => void
  readonly onChecked: () => void
}

const MAX_WAITING = 20
const MAX_KEPT = 50
const STOPPED = 'stopped by hand; what was stored stays'

/** What people ask for, through the queue of its device. */
export function createJobs({ queues, clock, intervalMs, signal, onChange, onRepaired, onChecked }: JobsOptions): Jobs {
  let jobs: readonly Job[] = []
  const stops = new Map<string, AbortController>()
  let lastId = 0

  function change(id: string, changes: Partial<Job>): Job {
    const before = jobs.find((job) => job.id === id)
    if (!before) throw new DaemonError('unknown', `there is no job ${id}`)
    // What is still under way of a job that was stopped does not bring it back.
    if (before.endedAtMs !== undefined) return before
    const job = { ...before, ...changes }
    jobs = jobs.map((each) => (each.id === id ? job : each))
    onChange(job)
    return job
  }

  async function execute(id: string, request: JobRequest, queue: DeviceQueue): Promise<string> {
    const stop = new AbortController()
    stops.set(id, stop)
    const either = AbortSignal.any([stop.signal, signal])
    const run = <T>(open: (context: SyncContext) => DeviceWork<T>) =>
      queue.run((context) => {
        change(id, { state: 'running' })
        return open(context)
      }, either)
    if (request.kind === 'check') {
      const onProgress = (doneMinutes: number, totalMinutes: number) => void change(id, { doneMinutes, totalMinutes })
      const missing = await run((context) => checkWork(context, { intervalMs, signal: either, onProgress }))
      onChecked()
      return missing === 0 ? 'nothing is missing' : `${plural(missing, 'minute')} missing`
    }
    let { fromMs } = request
    const onProgress = ({ rowCount, sampleCount, ...progress }: RepairProgress) => {
      change(id, progress)
      onRepaired({ device: request.device, fromMs, untilMs: progress.confirmedUntilMs, rowCount, sampleCount })
      fromMs = progress.confirmedUntilMs
    }
    const { sampleCount, absentMinutes } = await run((context) =>
      repairWork(context, { window: request, signal: either, onProgress }),
    )
    const absent = absentMinutes > 0 ? `; ${plural(absentMinutes, 'minute')} the device does not have` : ''
    return `${plural(sampleCount, 'sample')} copied and confirmed at ${formatMinute(clock.nowMs())}${absent}`
  }

  return {
    list: () => jobs,
    start(request) {
      const queue = queues.find(({ name }) => name === request.device)
      if (!queue) throw new DaemonError('unknown', `there is no device ${request.device}`)
      const open = jobs.filter(({ endedAtMs }) => endedAtMs === undefined)
      if (open.length >= MAX_WAITING)
        throw new DaemonError('busy', `${MAX_WAITING} jobs are waiting; ask again when some have ended`)
      const id = String(++lastId)
      const window = request.kind === 'repair' ? { fromMs: request.fromMs, untilMs: request.untilMs } : undefined
      const job: Job = {
        id,
        kind: request.kind,
        device: request.device,
        state: 'waiting',
        startedAtMs: clock.nowMs(),
        ...window,
        doneMinutes: 0,
        totalMinutes: window ? minuteCount(window) : 0,
        text: '',
      }
      jobs = [job, ...jobs].filter(({ endedAtMs }, index) => index < MAX_KEPT || endedAtMs === undefined)
      onChange(job)
      execute(id, request, queue)
        .then(
          (text) =>
            change(id, {
              state: 'done',
              endedAtMs: clock.nowMs(),
              text,
              doneMinutes: jobs.find((each) => each.id === id)?.totalMinutes ?? 0,
            }),
          (error: unknown) => {
            const isStopped = stops.get(id)?.signal.aborted === true
            change(id, {
              state: isStopped ? 'stopped' : 'failed',
              endedAtMs: clock.nowMs(),
              text: isStopped ? STOPPED : explain(error),
            })
          },
        )
        .finally(() => stops.delete(id))
        .catch(() => undefined)
      return job
    },
    stop(id) {
      const job = jobs.find((each) => each.id === id)
      if (!job) throw new DaemonError('unknown', `there is no job ${id}`)
      if (job.endedAtMs !== undefined) return job
      stops.get(id)?.abort(new Error(STOPPED))
      return change(id, { state: 'stopped', endedAtMs: clock.nowMs(), text: STOPPED })
    },
  }
}

/** How much of the window is confirmed, and what came of its last part. */
interface RepairProgress {
  readonly doneMinutes: number
  readonly confirmedUntilMs: number
  readonly rowCount: number
  readonly sampleCount: number
}

/** A gap is confirmed in so many parts, for the person who watches it. */
const PARTS = 10
const MIN_PART_MS = 15 * MINUTE_MS

export function repairWork(
  context: SyncContext,
  { window, ...options }: { window: TimeWindow; signal: AbortSignal; onProgress: (progress: RepairProgress) => void },
): DeviceWork<LoadReport> {
  const partMs = Math.ceil((window.untilMs - window.fromMs) / PARTS / MINUTE_MS) * MINUTE_MS
  const chunkMs = Math.min(context.settings.chunkMs, Math.max(MIN_PART_MS, partMs))
  return loadWork(
    { ...context, settings: { ...context.settings, chunkMs } },
    {
      signal: options.signal,
      sinceMs: window.fromMs,
      untilMs: window.untilMs,
      refuseBeyondRetention: false,
      notesUnmeasured: true,
      maxAttempts: 2,
      onProgress: ({ chunk, rowCount, sampleCount }) =>
        options.onProgress({
          doneMinutes: minuteCount({ fromMs: window.fromMs, untilMs: chunk.untilMs }),
          confirmedUntilMs: chunk.untilMs,
          rowCount,
          sampleCount,
        }),
    },
  )
}

interface CheckOptions {
  /** Of the cycles: what closed since the last one is not missing. */
  readonly intervalMs: number
  readonly signal: AbortSignal
  readonly onProgress: (doneMinutes: number, totalMinutes: number) => void
}

/** Counts the minutes that the device has and that are missing in the store, of all that is due. */
export function checkWork(context: SyncContext, { intervalMs, signal, onProgress }: CheckOptions): DeviceWork<number> {
  return workInSteps(async function* () {
    const session = await openSession(context, signal)
    const expected = windowOf(session.targets)
    const complete = { ...expected, untilMs: Math.max(expected.fromMs, dueUntilMs(session, intervalMs)) }
    let missing = 0
    for (const chunk of splitWindow(complete, context.settings.chunkMs)) {
      missing += await countMissing(session, chunk, signal)
      onProgress(minuteCount({ ...complete, untilMs: chunk.untilMs }), minuteCount(complete))
      yield
    }
    return missing
  })
}
