import { minuteCount, splitWindow, type TimeWindow } from '../../model/time-window.ts'
import { explain } from '../../runtime/errors.ts'
import { anchorSeries, type LoadOrder } from '../copy/anchor-series.ts'
import type { BatchReport } from '../copy/fetch-samples.ts'
import { ensureDurable } from '../copy/ensure-durable.ts'
import { type FillReport, fillWindow } from '../copy/fill-window.ts'
import { createLoadLedger, findMissing, noteIn } from '../copy/find-missing.ts'
import { type LoadScope, openCopy, type OpenCopy } from '../copy/open-copy.ts'
import { trackRecentChunks } from '../copy/recent-chunks.ts'
import { withReplanning } from '../copy/replan.ts'
import type { DeviceWork } from '../session/device-work.ts'
import type { SyncContext } from '../session/session.ts'
import { countDropped } from '../session/sync-memory.ts'
import { windowOf } from '../session/target.ts'
import { compareEnergy, type EnergyReport } from './compare-energy.ts'
import { limitLoad } from './limit-load.ts'
import { noteUnmeasured } from './note-unmeasured.ts'
import type { LoadPlan } from './plan-load.ts'
import { type LoadPace, trackPace } from './track-pace.ts'

const MAX_ATTEMPTS = 8

export interface DeviceLoadOptions extends LoadScope {
  readonly signal: AbortSignal
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
  /** The chunk that this is about. */
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

/** A load on its way into the store, one chunk per step, so that something else can be done between two steps. */
export interface DeviceLoad {
  /** Goes on until a chunk is done or `interrupted` is true; true when there is nothing left. */
  step(interrupted?: () => boolean): Promise<boolean>
  report(): LoadReport
}

/** Plans to load all that is missing of a device. */
export async function openDeviceLoad(context: SyncContext, options: DeviceLoadOptions): Promise<DeviceLoad> {
  const startedMs = context.clock.nowMs()
  const { signal, order = 'oldest-first' } = options
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
    const chunk = splitWindow(windowOf(targets), context.settings.chunkMs).findLast((each) => each.fromMs <= fromMs)
    if (!chunk) return {}
    const { onMissing, onConfirmed } = noteIn(ledger, chunk)
    await findMissing(session, { targets, window: chunk, onMissing, countsUnusable: true }, signal)
    return { onConfirmed }
  }
  let { session, targets } = await withReplanning(context, open, { ...replan, endsWithoutDevice: true })
  const complete = windowOf(targets)
  const pace = options.watch && trackPace(context, options.watch.plan)
  const recent = trackRecentChunks(context)
  const chunks = splitWindow(complete, context.settings.chunkMs)
  let due = order === 'newest-first' ? chunks.toReversed() : chunks
  let energy: EnergyReport | undefined
  const absentMinutes = () => [...absent.values()].reduce((sum, minutes) => sum + minutes, 0)

  function noteBatch(batch: BatchReport): void {
    rowCount += batch.rowCount
    if (pace) options.watch?.onPace(pace.noteBatch(batch))
  }

  async function fillChunk(window: TimeWindow, interrupted: (() => boolean) | undefined): Promise<FillReport> {
    let attempts = 0
    const plan = async () => {
      if (attempts++ > 0) ({ session, targets } = await open())
      const notes = { onBatch: noteBatch, ...noteIn(ledger, window) }
      return fillWindow(session, { targets, window }, { signal, ...notes, ...(interrupted && { interrupted }) })
    }
    const filled = await withReplanning(context, plan, replan)
    // What an attempt that failed has written is there, and as young.
    recent.add(window, filled.sampleCount > 0 || attempts > 1)
    return filled
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
      context.log.debug(`${context.settings.deviceName}: what it did not measure was not noted: ${explain(error)}`)
    }
  }

  /** A store that died forgets what it confirmed just before: that is due again, and where it may have died unseen too. */
  async function findForgotten(): Promise<readonly TimeWindow[]> {
    const { chunks, hasRestarted } = await withReplanning(context, () => recent.findForgotten(signal), replan)
    if (!hasRestarted) return chunks
    context.log.warn(
      `${context.settings.deviceName}: ${context.store.name} has restarted; what was written just before is counted again`,
    )
    ;({ session, targets } = await withReplanning(context, open, replan))
    return chunks
  }

  async function finish(): Promise<void> {
    const { windows, startedAtMs } = recent.unproven()
    if (windows.length > 0) await ensureDurable(session, { targets, windows }, { ...replan, startedAtMs })
    if (options.countEnergy) energy = await tryToCompare()
    if (energy && isDoubtful()) logDoubtful(energy)
  }

  function isDoubtful(): boolean {
    const isExplained = absentMinutes() > 0 || countDropped(session) > 0 || session.failedChannels.length > 0
    return energy?.differs === true && !isExplained
  }

  function logDoubtful({ deviceKwh, storeKwh }: EnergyReport): void {
    const { deviceName } = context.settings
    context.log.error(
      `${deviceName}: the device has counted ${deviceKwh.toFixed(2)} kWh and ${context.store.name} has ${storeKwh.toFixed(2)} kWh, though nothing is missing; to see where they differ: iotawatt-sync verify --values ${deviceName}`,
    )
  }

  /** What was copied stays copied when this fails. */
  async function tryToCompare(): Promise<EnergyReport | undefined> {
    try {
      return await compareEnergy(session, targets, signal)
    } catch (error) {
      signal.throwIfAborted()
      context.log.warn(`${context.settings.deviceName}: the energy of both sides was not compared: ${explain(error)}`)
      return undefined
    }
  }

  const load: DeviceLoad = {
    async step(interrupted) {
      const [chunk, ...later] = due
      if (chunk) {
        const filled = await fillChunk(chunk, interrupted)
        absent.set(chunk, filled.absentMinutes)
        due = [...new Set([...(await findForgotten()), ...(filled.complete ? later : due)])]
        if (!filled.complete) return false
        await tryToNote(chunk)
        if (pace) options.watch?.onPace(pace.noteChunk(chunks.indexOf(chunk)))
        const doneMinutes = minuteCount(complete) - due.reduce((sum, window) => sum + minuteCount(window), 0)
        options.onProgress?.({
          ...filled,
          deviceName: context.settings.deviceName,
          chunk,
          window: complete,
          doneMinutes,
        })
        if (due.length > 0) return false
      }
      await finish()
      return true
    },
    report: () => ({
      rowCount,
      sampleCount: ledger.copied().samples,
      absentMinutes: absentMinutes(),
      complete: due.length === 0,
      deviceName: context.settings.deviceName,
      window: complete,
      durationMs: context.clock.nowMs() - startedMs,
      copiedMinutes: ledger.copied().minutes,
      ...(energy && { energy }),
      isDoubtful: isDoubtful(),
      warnings: session.warnings,
      failedChannels: session.failedChannels,
      unknownChannels: session.unknownChannels,
      droppedMinutes: countDropped(session),
    }),
  }
  options.watch?.onOpen?.(load)
  return load
}

export interface LoadOptions extends DeviceLoadOptions {
  /** The share of the time that it may keep the device busy; left out: as it is configured. */
  readonly maxDeviceLoad?: number
}

/** A load as work in steps: it looks at both sides first, then goes chunk by chunk. */
export function loadWork(context: SyncContext, options: LoadOptions): DeviceWork<LoadReport> {
  let load: DeviceLoad | undefined
  const work: DeviceWork<LoadReport> = {
    async step(interrupted) {
      if (load) return load.step(interrupted)
      load = await openDeviceLoad(context, options)
      return false
    },
    result() {
      if (!load) throw new Error('the load has not looked at both sides')
      return load.report()
    },
  }
  return limitLoad(work, context.device.cost, options.maxDeviceLoad)
}
