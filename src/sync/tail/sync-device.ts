import { seriesKey } from '../../model/series.ts'
import { DAY_MS, dayAfter, floorToMinute, splitWindow, type TimeWindow } from '../../model/time-window.ts'
import { plural, formatSpan } from '../../runtime/plural.ts'
import { countMissing } from '../copy/count-missing.ts'
import { ensureDurable } from '../copy/ensure-durable.ts'
import { type FillReport, fillWindow } from '../copy/fill-window.ts'
import { chooseTargets } from '../copy/open-copy.ts'
import { withReplanning } from '../copy/replan.ts'
import { findStored, openSession } from '../session/open-session.ts'
import { warnBeyondRetention } from '../session/retention.ts'
import type { Session, SyncContext } from '../session/session.ts'
import { STALE_LOG } from '../session/stale-log.ts'
import { storedUntil } from '../session/stored-until.ts'
import { countDropped, remember } from '../session/sync-memory.ts'
import { windowOf } from '../session/target.ts'
import { syncTail, type TailReport } from './sync-tail.ts'

const MAX_ATTEMPTS = 4

export interface CycleReport extends FillReport {
  readonly deviceName: string
  readonly durationMs: number
  /** How far the store is behind the device's clock. */
  readonly lagMs: number
  /** The end of the newest minute that the store has of every channel; the beginning of what is expected where it has none. */
  readonly storedUntilMs: number
  /** Minutes of the look-back that the device has and that are missing in the store; undefined when they were not counted. */
  readonly holeMinutes: number | undefined
  readonly warnings: readonly string[]
  readonly failedChannels: readonly string[]
  /** Minutes, of all channels, that the store accepted and dropped. */
  readonly droppedMinutes: number
  /** Channels whose samples the store accepts and drops. */
  readonly refusedChannels: readonly string[]
  /** Why the device counts as failing though all that it has was copied; whoever gets the report logs it. */
  readonly stoppedLog?: string
}

export interface CycleOptions {
  readonly signal: AbortSignal
  /** Whether to look for gaps in the look-back too. */
  readonly countMissing: boolean
  /** Whether to stay until what was written survives the sudden death of the store. */
  readonly durable: boolean
}

/** One sync of the tail of a device. */
export async function syncDevice(context: SyncContext, options: CycleOptions): Promise<CycleReport> {
  const startedMs = context.clock.nowMs()
  const { signal } = options
  moveAll(context.memory.drops.refused, context.memory.drops.onTrial)
  const { session, filled } = await withReplanning(
    context,
    async () => {
      await context.reloads?.finish(context, signal)
      const session = await openSession(context, signal)
      warnBeyondRetention(session)
      return { session, filled: await syncTail(session, { signal }) }
    },
    { signal, maxAttempts: MAX_ATTEMPTS, endsWithoutDevice: true },
  ).finally(() => moveAll(context.memory.drops.onTrial, context.memory.drops.refused))
  const found = options.countMissing ? await countMissing(session, lookbackOf(session), signal) : undefined
  const mayHaveForgotten = found !== undefined && found > 0 && session.storeStatus.startedAtMs === undefined
  const refilled = mayHaveForgotten ? await refillLookback(session, signal) : undefined
  const holeMinutes = refilled ? await countMissing(session, lookbackOf(session), signal) : found
  if (holeMinutes) logMissing(session, holeMinutes)
  if (options.durable) await stayDurable(session, refilled ?? filled, signal)
  const storedUntilMs = await findStoredUntil(session, signal)
  const { status, memory, stoppedLog } = session
  if (stoppedLog !== undefined) remember(memory.process.logged, STALE_LOG)
  const { targets: _, windows: __, ...report } = filled
  return {
    ...report,
    deviceName: context.settings.deviceName,
    durationMs: context.clock.nowMs() - startedMs,
    lagMs: Math.max(0, status.clockMs - storedUntilMs),
    storedUntilMs,
    holeMinutes,
    warnings: session.warnings,
    failedChannels: session.failedChannels,
    droppedMinutes: countDropped(session),
    refusedChannels: session.targets
      .filter(({ key }) => memory.drops.refused.has(key))
      .map(({ channel }) => channel.name),
    ...(stoppedLog !== undefined && { stoppedLog }),
  }
}

/**
 * A node that died, unseen, may have forgotten what an earlier process had confirmed, while another node took what came
 * after it: then the gap lies before the tail.
 */
async function refillLookback(session: Session, signal: AbortSignal): Promise<Pick<TailReport, 'targets' | 'windows'>> {
  const { memory, clock, settings } = session
  const window = lookbackOf(session)
  const targets = await chooseTargets(session, { sinceMs: window.fromMs }, signal)
  const windows = splitWindow(window, settings.chunkMs)
  memory.tail.unproven = { fromMs: window.fromMs, writtenMs: clock.nowMs() }
  const fill = async () => {
    for (const each of windows) await fillWindow(session, { targets, window: each }, { signal })
  }
  await withReplanning(session, fill, { signal, maxAttempts: MAX_ATTEMPTS })
  return { targets, windows }
}

/** What an attempt that failed has written counts too. */
async function stayDurable(
  session: Session,
  { targets, windows }: Pick<TailReport, 'targets' | 'windows'>,
  signal: AbortSignal,
): Promise<void> {
  const { memory } = session
  if (!memory.tail.unproven) return
  const { startedAtMs } = memory.storeRun
  await ensureDurable(session, { targets, windows }, { signal, startedAtMs, maxAttempts: MAX_ATTEMPTS })
  memory.tail.unproven = undefined
}

function moveAll(from: Set<string>, to: Set<string>): void {
  for (const key of from) to.add(key)
  from.clear()
}

/** Asked of the store after all was written. */
async function findStoredUntil(session: Session, signal: AbortSignal): Promise<number> {
  const found = await findStored(session, session, signal)
  const positions = new Map(found.map(({ labels, positionMs }) => [seriesKey(labels), positionMs]))
  return storedUntil(session.targets, { ...session, positions })
}

function lookbackOf({ targets, settings }: Session): TimeWindow {
  const { fromMs, untilMs } = windowOf(targets)
  return { fromMs: Math.max(fromMs, floorToMinute(untilMs - settings.lookbackMs)), untilMs }
}

function logMissing({ log, settings, beyondRetention }: Session, holeMinutes: number): void {
  const days = Math.round(settings.lookbackMs / DAY_MS)
  const since = beyondRetention ? ` --since ${dayAfter(beyondRetention.untilMs)}` : ''
  log.warn(
    `${settings.deviceName}: ${holeMinutes} minutes of the last ${days} days are missing in the store; to fill them: iotawatt-sync load --device ${settings.deviceName}${since}`,
  )
}

/** `iwatt5: 5 rows, 70 samples, lag 12 s, took 0.4 s` */
export function describeCycle({ deviceName, rowCount, sampleCount, lagMs, durationMs }: CycleReport): string {
  return `${deviceName}: ${plural(rowCount, 'row')}, ${plural(sampleCount, 'sample')}, lag ${formatSpan(lagMs)}, took ${(durationMs / 1000).toFixed(1)} s`
}
