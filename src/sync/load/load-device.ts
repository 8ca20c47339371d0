import { minuteCount, splitWindow, type TimeWindow, MINUTE_MS } from '../../model/time-window.ts'
import { explain } from '../../runtime/errors.ts'
import { anchorSeries, type LoadOrder } from '../copy/anchor-series.ts'
import type { BatchReport } from '../copy/fetch-samples.ts'
import { ensureDurable, trackRecentChunks } from '../copy/ensure-durable.ts'
import { type FillReport, fillWindow } from '../copy/fill-window.ts'
import { createLoadLedger, findMissing, noteIn, withoutRefused } from '../copy/find-missing.ts'
import { type LoadScope, openCopy, type OpenCopy } from '../copy/open-copy.ts'
import { withReplanning } from '../copy/replan.ts'
import { type DeviceWork, limitLoad, workInSteps } from '../session/device-work.ts'
import type { SyncContext, Session } from '../session/session.ts'
import { countDropped } from '../session/sync-memory.ts'
import { windowOf, type TargetSpan } from '../session/target.ts'
import { compareEnergy, type EnergyReport } from './compare-energy.ts'
import type { LoadPlan } from './plan-load.ts'
import { type LoadPace, trackPace } from './track-pace.ts'
import { mergeRuns, runsOf, unionOf } from '../../model/minute-map.ts'
import { unusableWithin } from '../copy/unusable-cells.ts'

const MAX_ATTEMPTS = 8

export interface LoadOptions extends LoadScope {
  readonly signal: AbortSignal
  /** The share of the time that it may keep the device busy; left out: as it is configured. */
  readonly maxDeviceLoad?: number
  /** Left out: oldest first. */
  readonly order?: LoadOrder
  readonly onProgress?: (progress: LoadProgress) => void
  /** For somebody who watches a load that was planned before. */
  readonly watch?: {
    readonly plan: LoadPlan
    readonly onPace: (pace: LoadPace) => void
    /** What it has done, whenever that is asked, also when it has been stopped. */
    readonly onOpen?: (load: Pick<DeviceLoad, 'report'>) => void
  }
  /** Whether to compare at the end what both sides have counted. */
  readonly countEnergy?: boolean
  /** Whether to remember what the device does not have, for people to see. */
  readonly notesUnmeasured?: boolean
  /** How often a chunk may fail in a row before the load fails. */
  readonly maxAttempts?: number
}

export interface LoadProgress extends FillReport {
  readonly deviceName: string
  readonly chunk: TimeWindow
  /** All that is loaded. */
  readonly window: TimeWindow
  readonly doneMinutes: number
}

export interface LoadReport extends FillReport {
  readonly deviceName: string
  readonly window: TimeWindow
  readonly durationMs: number
  /** Minutes that were missing and of which something was read back from the store. */
  readonly copiedMinutes: number
  readonly energy?: EnergyReport
  /** Whether the energies differ though nothing is absent or refused: something is not as it was copied. */
  readonly isDoubtful: boolean
  readonly warnings: readonly string[]
  readonly failedChannels: readonly string[]
  readonly unknownChannels: readonly string[]
  /** Minutes, of all channels, that the store accepted and dropped. */
  readonly droppedMinutes: number
}

/** A load that has begun. */
export interface DeviceLoad {
  report(): LoadReport
}

/** Loads all that is missing of a device: looks at both sides first, then goes chunk by chunk. */
export function loadWork(context: SyncContext, options: LoadOptions): DeviceWork<LoadReport> {
  const work = workInSteps((interrupted) => load(context, options, interrupted))
  return limitLoad(work, context.device.cost, options.maxDeviceLoad)
}

async function* load(
  context: SyncContext,
  options: LoadOptions,
  interrupted: () => boolean,
): AsyncGenerator<undefined, LoadReport, undefined> {
  const { store, settings, clock, log } = context
  const { deviceName } = settings
  const startedMs = clock.nowMs()
  const { signal, order = 'oldest-first', watch } = options
  const replan = { signal, maxAttempts: options.maxAttempts ?? MAX_ATTEMPTS }
  const ledger = createLoadLedger()
  let rowCount = 0
  /** By chunk, as it was counted last. */
  const absent = new Map<TimeWindow, number>()
  const open = async () => {
    await context.reloads?.finish(context, signal)
    const opened = await openCopy(context, options, signal)
    await context.claim?.hold(signal)
    const begin = (window: TimeWindow) => beginChunkOf(opened, window)
    rowCount += (await anchorSeries(opened.session, { targets: opened.targets, order, begin }, signal)).rowCount
    return opened
  }
  /** What is missing of the chunk that holds a minute is counted before the minute is copied. */
  async function beginChunkOf({ session, targets }: OpenCopy, { fromMs }: TimeWindow) {
    const chunk = splitWindow(windowOf(targets), settings.chunkMs).findLast((each) => each.fromMs <= fromMs)
    if (!chunk) return {}
    const { onMissing, onConfirmed } = noteIn(ledger, chunk)
    await findMissing(session, { targets, window: chunk, onMissing, countsUnusable: true }, signal)
    return { onConfirmed }
  }
  let { session, targets } = await withReplanning(context, open, { ...replan, endsWithoutDevice: true })
  const complete = windowOf(targets)
  const pace = watch && trackPace(context, watch.plan)
  const recent = trackRecentChunks(context)
  const chunks = splitWindow(complete, settings.chunkMs)
  let due = order === 'newest-first' ? chunks.toReversed() : chunks
  let energy: EnergyReport | undefined
  const absentMinutes = () => [...absent.values()].reduce((sum, minutes) => sum + minutes, 0)

  function report(): LoadReport {
    const { samples, minutes } = ledger.copied()
    return {
      rowCount,
      sampleCount: samples,
      absentMinutes: absentMinutes(),
      complete: due.length === 0,
      deviceName,
      window: complete,
      durationMs: clock.nowMs() - startedMs,
      copiedMinutes: minutes,
      ...(energy && { energy }),
      isDoubtful: isDoubtful(),
      warnings: session.warnings,
      failedChannels: session.failedChannels,
      unknownChannels: session.unknownChannels,
      droppedMinutes: countDropped(session),
    }
  }

  function isDoubtful(): boolean {
    const isExplained = absentMinutes() > 0 || countDropped(session) > 0 || session.failedChannels.length > 0
    return energy?.differs === true && !isExplained
  }

  function noteBatch(batch: BatchReport): void {
    rowCount += batch.rowCount
    if (pace) watch?.onPace(pace.noteBatch(batch))
  }

  async function fillChunk(window: TimeWindow): Promise<FillReport> {
    let attempts = 0
    const fill = async () => {
      if (attempts++ > 0) ({ session, targets } = await open())
      const notes = { onBatch: noteBatch, ...noteIn(ledger, window) }
      return fillWindow(session, { targets, window }, { signal, interrupted, ...notes })
    }
    const filled = await withReplanning(context, fill, replan)
    // What an attempt that failed has written is there, and as young.
    recent.add(window, filled.sampleCount > 0 || attempts > 1)
    return filled
  }

  /** A store that died forgets what it confirmed just before: that is due again, and where it may have died unseen too. */
  async function findForgotten(): Promise<readonly TimeWindow[]> {
    const { chunks, hasRestarted } = await withReplanning(context, () => recent.findForgotten(signal), replan)
    if (!hasRestarted) return chunks
    log.warn(`${deviceName}: ${store.name} has restarted; what was written just before is counted again`)
    ;({ session, targets } = await withReplanning(context, open, replan))
    return chunks
  }

  /** For people to see; a chunk of which nothing was absent is complete. */
  async function tryToNote(window: TimeWindow): Promise<void> {
    const { shown, deviceLog } = session.memory
    const mayMiss = absentMinutes() > 0 || shown.unmeasured.length > 0 || deviceLog.unusable.size > 0
    if (!options.notesUnmeasured || !mayMiss) return
    try {
      await noteUnmeasured(session, { targets, window }, signal)
    } catch (error) {
      signal.throwIfAborted()
      log.debug(`${deviceName}: what it did not measure was not noted: ${explain(error)}`)
    }
  }

  /** What was copied stays copied when this fails. */
  async function tryToCompare(): Promise<EnergyReport | undefined> {
    try {
      return await compareEnergy(session, targets, signal)
    } catch (error) {
      signal.throwIfAborted()
      log.warn(`${deviceName}: the energy of both sides was not compared: ${explain(error)}`)
      return undefined
    }
  }

  watch?.onOpen?.({ report })
  yield

  while (due.length > 0) {
    const [chunk, ...later] = due
    if (!chunk) break
    const filled = await fillChunk(chunk)
    absent.set(chunk, filled.absentMinutes)
    due = [...new Set([...(await findForgotten()), ...(filled.complete ? later : due)])]
    if (filled.complete) {
      await tryToNote(chunk)
      if (pace) watch?.onPace(pace.noteChunk(chunks.indexOf(chunk)))
      const doneMinutes = minuteCount(complete) - due.reduce((sum, window) => sum + minuteCount(window), 0)
      options.onProgress?.({ ...filled, deviceName, chunk, window: complete, doneMinutes })
    }
    if (due.length > 0) yield
  }

  const { windows, startedAtMs } = recent.unproven()
  const compare = async () => (options.countEnergy ? await tryToCompare() : undefined)
  const durable = async () =>
    windows.length > 0 && ensureDurable(session, { targets, windows }, { ...replan, startedAtMs })
  // Both take their time in the store.
  const [isRewritten, compared] = await Promise.all([durable(), compare()])
  if (compared) energy = isRewritten ? await compare() : compared
  if (energy && isDoubtful())
    log.error(
      `${deviceName}: the device has counted ${energy.deviceKwh.toFixed(2)} kWh and ${store.name} has ${energy.storeKwh.toFixed(2)} kWh, though nothing is missing; to see where they differ: iotawatt-sync verify --values ${deviceName}`,
    )
  return report()
}

/** Older ones are then shown as missing. */
const MAX_RUNS = 10_000

/** What is still missing of a window that was just filled, the device does not have, or not as a number. */
export async function noteUnmeasured(
  session: Session,
  { targets, window }: TargetSpan,
  signal: AbortSignal,
): Promise<void> {
  const missing = withoutRefused(await findMissing(session, { targets, window }, signal), session)
  const { memory } = session
  const unusable = unusableWithin(memory, { targets, window })
  const runs = [
    ...without(memory.shown.unmeasured, window),
    ...runsOf(unionOf([...missing.values()], window)),
    ...unusable,
  ]
  memory.shown.unmeasured = mergeRuns(
    runs.sort((a, b) => a.fromMs - b.fromMs),
    0,
  ).slice(-MAX_RUNS)
}

function without(runs: readonly TimeWindow[], { fromMs, untilMs }: TimeWindow): TimeWindow[] {
  return runs
    .flatMap((run) => [
      { fromMs: run.fromMs, untilMs: Math.min(run.untilMs, fromMs) },
      { fromMs: Math.max(run.fromMs, untilMs), untilMs: run.untilMs },
    ])
    .filter((run) => run.untilMs - run.fromMs >= MINUTE_MS)
}
