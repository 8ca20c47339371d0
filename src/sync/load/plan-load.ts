import type { DeviceCost } from '../../model/device.ts'
import { mergeRuns, runsOf, unionOf } from '../../model/minute-map.ts'
import { DAY_MS, intersection, MINUTE_MS, minuteCount, splitWindow, type TimeWindow } from '../../model/time-window.ts'
import { type Counted, findMissing } from '../copy/find-missing.ts'
import { BRIDGE_MINUTES } from '../copy/find-readable-runs.ts'
import { type LoadScope, openCopy, type OpenCopy } from '../copy/open-copy.ts'
import { withReplanning } from '../copy/replan.ts'
import type { DeviceWork } from '../session/device-work.ts'
import { retainedFrom } from '../session/retention.ts'
import type { SyncContext } from '../session/session.ts'
import { windowOf } from '../session/target.ts'
import { limitLoad } from './limit-load.ts'

/** What a load will do, as far as it can be known before. Minutes are those that are missing for at least one channel. */
export interface LoadPlan {
  readonly deviceName: string
  readonly channelCount: number
  /** All that is expected, as the log of the device allows. */
  readonly window: TimeWindow
  /** The closed minutes that the log of the device holds. */
  readonly logged: TimeWindow
  readonly thereMinutes: number
  /** Those in which the device was off are among them: it has not been asked. */
  readonly missingMinutes: number
  readonly missingByChunk: readonly number[]
  readonly requestCount: number
  /** For how long the device will be kept busy, as a timed question tells. */
  readonly busyMs: number
  /** With the pauses that the device is given. */
  readonly durationMs: number
  /** The share of its time that the device may be busy; undefined where asking costs nothing, as of a card. */
  readonly maxLoad: number | undefined
  /** Whether the store may drop old samples without anybody knowing. */
  readonly isRetentionUnknown: boolean
  readonly warnings: readonly string[]
  readonly failedChannels: readonly string[]
}

export interface PlanOptions extends LoadScope {
  readonly signal: AbortSignal
  /** The share of the time that the load may keep the device busy; left out: as it is configured. */
  readonly maxDeviceLoad?: number
  readonly onProgress?: (progress: { doneMinutes: number; totalMinutes: number }) => void
}

/** What is looked at in one step: a few questions to the store, and a bounded memory. */
const STEP_MS = 91 * DAY_MS
const MAX_ATTEMPTS = 4

/** Plans in steps: looks at both sides, counts what is missing, and times a question to the device. */
export function planWork(context: SyncContext, options: PlanOptions): DeviceWork<LoadPlan> {
  const { signal } = options
  const replan = { signal, maxAttempts: MAX_ATTEMPTS }
  const retry = <T>(act: () => Promise<T>) => withReplanning(context, act, replan)
  let open: OpenCopy | undefined
  let due: TimeWindow[] = []
  const missingByChunk: number[] = []
  let missingMinutes = 0
  let runCount = 0
  let longestRun: TimeWindow | undefined
  let plan: LoadPlan | undefined

  async function count({ session, targets }: OpenCopy, window: TimeWindow) {
    let minutes = 0
    const onMissing = (missing: Counted) => void (minutes = missing.minutes)
    const missing = await retry(() => findMissing(session, { targets, window, onMissing }, signal))
    missingMinutes += minutes
    const union = unionOf([...missing.values()], window)
    for (const chunk of splitWindow(window, context.settings.chunkMs)) {
      const first = (chunk.fromMs - window.fromMs) / MINUTE_MS
      const flags = union.flags.subarray(first, first + minuteCount(chunk))
      missingByChunk.push(flags.reduce((sum, flag) => sum + flag, 0))
      const runs = mergeRuns(runsOf({ window: chunk, flags }), BRIDGE_MINUTES)
      runCount += runs.length
      for (const run of runs)
        if (minuteCount(run) > minuteCount(longestRun ?? { fromMs: 0, untilMs: 0 })) longestRun = run
    }
  }

  /** Looks again where the device refused a question: at a channel that it lists and does not answer for. */
  async function timeQuestions(opened: OpenCopy, timed: TimedLoad) {
    let attempts = 0
    return retry(async () => {
      const current = attempts++ > 0 ? await openCopy(context, options, signal) : opened
      return timeDevice(current, timed, signal)
    })
  }

  async function finish(opened: OpenCopy): Promise<LoadPlan> {
    const { session, targets } = opened
    const window = windowOf(targets)
    const { cost } = context.device
    const run = longestRun
    const price = run && cost && (await timeQuestions(opened, { run, missingMinutes, cost }))
    const requestCount =
      missingMinutes === 0 ? 0 : runCount + Math.floor(missingMinutes / (cost?.batchRows(price?.rowMs ?? 0) ?? 1_000))
    const busyMs = price ? requestCount * price.requestMs + missingMinutes * price.rowMs : 0
    const maxLoad = cost?.maxLoad()
    return {
      deviceName: context.settings.deviceName,
      channelCount: targets.length,
      window,
      logged: session.logged,
      thereMinutes: minuteCount(window) - missingMinutes,
      missingMinutes,
      missingByChunk,
      requestCount,
      busyMs,
      durationMs: busyMs / (maxLoad ?? 1),
      maxLoad,
      isRetentionUnknown: retainedFrom(session, session.storeStatus) === undefined && !context.memory.process.retention,
      warnings: session.warnings,
      failedChannels: session.failedChannels,
    }
  }

  const work: DeviceWork<LoadPlan> = {
    async step() {
      if (!open) {
        const look = () => openCopy(context, options, signal)
        open = await withReplanning(context, look, {
          ...replan,
          endsWithoutDevice: true,
          endsWithoutStore: options.isDryRun === true,
        })
        const stepMs = Math.max(1, Math.floor(STEP_MS / context.settings.chunkMs)) * context.settings.chunkMs
        due = splitWindow(windowOf(open.targets), stepMs)
        return false
      }
      const window = due.shift()
      if (window) {
        await count(open, window)
        const { fromMs, untilMs } = windowOf(open.targets)
        options.onProgress?.({
          doneMinutes: minuteCount({ fromMs, untilMs: window.untilMs }),
          totalMinutes: minuteCount({ fromMs, untilMs }),
        })
        return false
      }
      plan = await finish(open)
      return true
    },
    result() {
      if (!plan) throw new Error('the load has not been planned')
      return plan
    },
  }
  return limitLoad(work, context.device.cost, options.maxDeviceLoad)
}

/** A hundredth of the work, at most a short batch, tells what all of it takes. */
const PROBED_SHARE = 100
const MIN_PROBE_ROWS = 20
const MAX_PROBE_ROWS = 250

interface TimedLoad {
  /** A span that is missing. */
  readonly run: TimeWindow
  readonly missingMinutes: number
  readonly cost: DeviceCost
}

/** What a request takes on the device, and what a row of it takes: the best of two, as it may be busy otherwise. */
async function timeDevice(
  { session, targets }: OpenCopy,
  { run, missingMinutes, cost }: TimedLoad,
  signal: AbortSignal,
): Promise<{ requestMs: number; rowMs: number }> {
  const columns = targets.map(({ column }) => column)
  const rowCount = Math.min(MAX_PROBE_ROWS, Math.max(MIN_PROBE_ROWS, Math.ceil(missingMinutes / PROBED_SHARE)))
  const probed = intersection(run, { fromMs: run.fromMs, untilMs: run.fromMs + rowCount * MINUTE_MS })
  const halfMs = Math.ceil(minuteCount(probed) / 2) * MINUTE_MS
  let requestMs = Infinity
  let batchMs = Infinity
  for (const window of splitWindow(probed, halfMs)) {
    let startedMs = cost.busyMs()
    await session.device.fetchRows({ columns, window, step: 'window' }, signal)
    requestMs = Math.min(requestMs, cost.busyMs() - startedMs)
    startedMs = cost.busyMs()
    await session.device.fetchRows({ columns, window, step: 'minute' }, signal)
    batchMs = Math.min(batchMs, cost.busyMs() - startedMs)
  }
  return { requestMs, rowMs: Math.max(0, batchMs - requestMs) / Math.max(1, halfMs / MINUTE_MS - 1) }
}
