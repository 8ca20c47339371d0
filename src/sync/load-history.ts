import {
  MINUTE_MS,
  dayAfter,
  ceilToMinute,
  floorToMinute,
  formatMinute,
  formatWindow,
  minuteCount,
  splitWindow,
  type TimeWindow,
} from '../model/time-window.ts'
import { ensureDurable } from './ensure-durable.ts'
import { NOTHING_FILLED, addReports, fillWindow, type FillReport } from './fill-window.ts'
import { findStarts } from './find-starts.ts'
import { openSession } from './open-session.ts'
import { trackRecentChunks } from './recent-chunks.ts'
import { finishReloads } from './reload/finish-reloads.ts'
import { withReplanning } from './replan.ts'
import type { Session, SyncContext } from './session.ts'
import { SyncError } from './sync-error.ts'
import { countDropped } from './sync-memory.ts'
import { windowOf, withWantedFrom, type Target } from './target.ts'

const MAX_ATTEMPTS = 8

export interface LoadOptions {
  readonly signal: AbortSignal
  /** Left out: all that is wanted. */
  readonly sinceMs?: number
  readonly untilMs?: number
  /** Whether to refuse a range that the store would drop in part; else it is left out with a warning. */
  readonly refuseBeyondRetention: boolean
  readonly onStart?: (whole: TimeWindow) => void
  readonly onProgress?: (progress: LoadProgress) => void
  /** How often a chunk may fail in a row before the load fails. */
  readonly maxAttempts?: number
}

export interface LoadProgress extends FillReport {
  readonly deviceName: string
  /** The chunk that this is about. */
  readonly chunk: TimeWindow
  readonly whole: TimeWindow
  readonly doneMinutes: number
}

export interface LoadReport extends FillReport {
  readonly deviceName: string
  readonly window: TimeWindow
  readonly durationMs: number
  readonly warnings: readonly string[]
  readonly failedChannels: readonly string[]
  /** Minutes, of all channels, that the store accepted and dropped. */
  readonly droppedMinutes: number
}

/** History on its way into the store, a chunk a step, so that something else can be done between two steps. */
export interface HistoryLoad {
  /** Goes on until a chunk is done or `interrupted` says so; true when there is nothing left. */
  step(interrupted?: () => boolean): Promise<boolean>
  report(): LoadReport
}

/** Plans to load all that is wanted of a device and not there, oldest first. */
export async function openHistoryLoad(context: SyncContext, options: LoadOptions): Promise<HistoryLoad> {
  const startedMs = context.clock.nowMs()
  const { signal } = options
  const replan = { signal, maxAttempts: options.maxAttempts ?? MAX_ATTEMPTS }
  const open = async () => {
    await finishReloads(context, signal)
    const session = await openSession(context, signal)
    if (options.refuseBeyondRetention) refuseBeyondRetention(session, options)
    return { session, targets: await chooseTargets(session, options) }
  }
  let { session, targets } = await withReplanning(context, open, replan)
  const whole = windowOf(targets)
  options.onStart?.(whole)
  const recent = trackRecentChunks(context)
  let due = splitWindow(whole, context.settings.chunkMs)
  let report = NOTHING_FILLED

  async function fillChunk(window: TimeWindow, interrupted: (() => boolean) | undefined): Promise<FillReport> {
    let isFirst = true
    const plan = async () => {
      if (!isFirst) ({ session, targets } = await open())
      isFirst = false
      return fillWindow(session, { targets, window }, { signal, ...(interrupted && { interrupted }) })
    }
    return withReplanning(context, plan, replan)
  }

  /** A store that died forgets what it confirmed just before: that is due again. */
  async function findForgotten(): Promise<readonly TimeWindow[]> {
    const forgotten = await withReplanning(context, () => recent.takeForgotten(signal), replan)
    if (forgotten.length === 0) return []
    context.log.warn(
      `${context.settings.deviceName}: ${context.store.name} has restarted; what was written just before is counted again`,
    )
    ;({ session, targets } = await withReplanning(context, open, replan))
    return forgotten
  }

  return {
    async step(interrupted) {
      const [chunk, ...later] = due
      if (!chunk) return true
      const filled = await fillChunk(chunk, interrupted)
      report = addReports(report, { ...filled, complete: true })
      if (filled.sampleCount > 0) recent.add(chunk)
      due = [...new Set([...(await findForgotten()), ...(filled.complete ? later : due)])]
      if (!filled.complete) return false
      const doneMinutes = minuteCount(whole) - due.reduce((sum, window) => sum + minuteCount(window), 0)
      options.onProgress?.({ ...filled, deviceName: context.settings.deviceName, chunk, whole, doneMinutes })
      if (due.length > 0) return false
      const windows = recent.all()
      if (windows.length > 0) await ensureDurable(session, { targets, windows }, signal)
      return true
    },
    report: () => ({
      ...report,
      deviceName: context.settings.deviceName,
      window: whole,
      durationMs: context.clock.nowMs() - startedMs,
      warnings: session.warnings,
      failedChannels: session.failedChannels,
      droppedMinutes: countDropped(session),
    }),
  }
}

/** The targets, each wanted only inside what was asked for, and from where its channel exists. */
export async function chooseTargets(
  session: Session,
  { sinceMs, untilMs, signal }: Pick<LoadOptions, 'sinceMs' | 'untilMs' | 'signal'>,
): Promise<readonly Target[]> {
  const started = await findStarts(session, session.targets, signal)
  return started.map((target) => {
    const { wanted } = target
    const endMs = Math.max(wanted.fromMs, Math.min(wanted.untilMs, floorToMinute(untilMs ?? wanted.untilMs)))
    const clipped = { ...target, wanted: { fromMs: wanted.fromMs, untilMs: endMs } }
    return withWantedFrom(clipped, Math.min(endMs, ceilToMinute(sinceMs ?? 0)))
  })
}

function refuseBeyondRetention({ store, settings, beyondRetention }: Session, { sinceMs }: LoadOptions): void {
  if (!beyondRetention || (sinceMs ?? 0) >= beyondRetention.untilMs) return
  const days = Math.ceil(minuteCount(beyondRetention) / 1440)
  throw new SyncError(
    'retention',
    `${store.name} keeps nothing older than ${formatMinute(beyondRetention.untilMs - 60 * MINUTE_MS)}: of the history of ${settings.deviceName}, ${formatWindow(beyondRetention)} (${days} days) would be dropped without a word`,
    {
      hint: `start VictoriaMetrics with -retentionPeriod=100y (its default is one month), or load what it keeps: --since ${dayAfter(beyondRetention.untilMs)}`,
    },
  )
}
