import type { DeviceCost } from '../../model/device.ts'
import { mergeRuns, runsOf, unionOf } from '../../model/minute-map.ts'
import { DAY_MS, intersection, MINUTE_MS, minuteCount, splitWindow, type TimeWindow } from '../../model/time-window.ts'
import { type Counted, findMissing } from '../copy/find-missing.ts'
import { BRIDGE_MINUTES } from '../copy/find-readable-runs.ts'
import { type LoadScope, openCopy, type OpenCopy } from '../copy/open-copy.ts'
import { withReplanning } from '../copy/replan.ts'
import { type DeviceWork, limitLoad, workInSteps } from '../session/device-work.ts'
import { retainedFrom } from '../session/retention.ts'
import type { SyncContext } from '../session/session.ts'
import { windowOf } from '../session/target.ts'

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

/** Looks at both sides, counts what is missing, and times a question to the device. */
export function planWork(context: SyncContext, options: PlanOptions): DeviceWork<LoadPlan> {
  const work = workInSteps(() => plan(context, options))
  return limitLoad(work, context.device.cost, options.maxDeviceLoad)
}

async function* plan(context: SyncContext, options: PlanOptions): AsyncGenerator<undefined, LoadPlan, undefined> {
  const { signal } = options
  const { chunkMs, deviceName } = context.settings
  const { cost } = context.device
  const replan = { signal, maxAttempts: MAX_ATTEMPTS }
  const open = () => openCopy(context, options, signal)
  const ends = { endsWithoutDevice: true, endsWithoutStore: options.isDryRun === true }
  const opened = await withReplanning(context, open, { ...replan, ...ends })
  const { session, targets } = opened
  const complete = windowOf(targets)
  yield

  const missingByChunk: number[] = []
  let missingMinutes = 0
  let runCount = 0
  let longestRun: TimeWindow | undefined
  const stepMs = Math.max(1, Math.floor(STEP_MS / chunkMs)) * chunkMs
  for (const window of splitWindow(complete, stepMs)) {
    let minutes = 0
    const onMissing = (counted: Counted) => void (minutes = counted.minutes)
    const find = () => findMissing(session, { targets, window, onMissing }, signal)
    const missing = await withReplanning(context, find, replan)
    missingMinutes += minutes
    const union = unionOf([...missing.values()], window)
    for (const chunk of splitWindow(window, chunkMs)) {
      const first = (chunk.fromMs - window.fromMs) / MINUTE_MS
      const flags = union.flags.subarray(first, first + minuteCount(chunk))
      missingByChunk.push(flags.reduce((sum, flag) => sum + flag, 0))
      const runs = mergeRuns(runsOf({ window: chunk, flags }), BRIDGE_MINUTES)
      runCount += runs.length
      for (const run of runs) if (!longestRun || minuteCount(run) > minuteCount(longestRun)) longestRun = run
    }
    const doneMinutes = minuteCount({ ...complete, untilMs: window.untilMs })
    options.onProgress?.({ doneMinutes, totalMinutes: minuteCount(complete) })
    yield
  }

  const timed = longestRun && cost && { run: longestRun, missingMinutes, cost }
  let attempts = 0
  // Looks again where the device refused a question: at a channel that it lists and does not answer for.
  const time = async (load: TimedLoad) => timeDevice(attempts++ > 0 ? await open() : opened, load, signal)
  const price = timed && (await withReplanning(context, () => time(timed), replan))
  const requestCount =
    missingMinutes === 0 ? 0 : runCount + Math.floor(missingMinutes / (cost?.batchRows(price?.rowMs ?? 0) ?? 1_000))
  const busyMs = price ? requestCount * price.requestMs + missingMinutes * price.rowMs : 0
  const maxLoad = cost?.maxLoad()
  return {
    deviceName,
    channelCount: targets.length,
    window: complete,
    logged: session.logged,
    thereMinutes: minuteCount(complete) - missingMinutes,
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
