import { seriesKey } from '../../model/series.ts'
import {
  DAY_MS,
  dayAfter,
  floorToMinute,
  splitWindow,
  type TimeWindow,
  MINUTE_MS,
  formatWindow,
} from '../../model/time-window.ts'
import { plural, formatSpan } from '../../runtime/plural.ts'
import { countMissing } from '../copy/count-missing.ts'
import { ensureDurable, DURABLE_AFTER_MS } from '../copy/ensure-durable.ts'
import { type FillReport, fillWindow, NOTHING_FILLED, addReports } from '../copy/fill-window.ts'
import { chooseTargets } from '../copy/open-copy.ts'
import { withReplanning } from '../copy/replan.ts'
import { openSession } from '../session/open-session.ts'
import { findStored, lookbackOf, storedUntil } from '../session/find-stored.ts'
import { warnBeyondRetention } from '../session/retention.ts'
import type { Session, SyncContext } from '../session/session.ts'
import { STALE_LOG } from '../session/stale-log.ts'
import { coverageWithin, type RecentMinutes } from '../session/short-look.ts'
import { countDropped, remember, type SyncMemory, type UnprovenTail } from '../session/sync-memory.ts'
import { labelsOf, windowOf, withExpectedFrom, type Target } from '../session/target.ts'
import { at } from '../../model/at.ts'
import { findStarts } from '../copy/find-starts.ts'
import type { BatchReport } from '../copy/fetch-samples.ts'

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
  const { session, completeMs, filled, tail } = await withReplanning(
    context,
    async () => {
      await context.reloads?.finish(context, signal)
      const look = takeLook(context.memory)
      const { recent, ...opened } = await openSession(context, signal, look)
      const session = { ...opened, confirmed: new Map<string, number>() }
      warnBeyondRetention(session)
      return { session, completeMs: recent && look?.completeMs, ...(await syncTail(session, recent, signal)) }
    },
    { signal, maxAttempts: MAX_ATTEMPTS, endsWithoutDevice: true },
  ).finally(() => moveAll(context.memory.drops.onTrial, context.memory.drops.refused))
  const found = options.countMissing ? await countMissing(session, lookbackOf(session), signal) : undefined
  const mayHaveForgotten = found !== undefined && found > 0 && session.storeStatus.startedAtMs === undefined
  const refilled = mayHaveForgotten ? await refillLookback(session, signal) : undefined
  const holeMinutes = refilled ? await countMissing(session, lookbackOf(session), signal) : found
  if (holeMinutes) logMissing(session, holeMinutes)
  if (options.durable && !isLeftToNext(session)) await stayDurable(session, refilled ?? tail, signal)
  const positions = completeMs === undefined ? await findPositions(session, signal) : withConfirmed(session)
  const storedUntilMs = storedUntil({ ...session, positions })
  const { status, memory, stoppedLog } = session
  keepLook(session, { positions, completeMs })
  if (stoppedLog !== undefined) remember(memory.process.logged, STALE_LOG)
  return {
    ...filled,
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

/** Once, and not again where it leads nowhere. */
function takeLook({ tail }: SyncMemory): Parameters<typeof openSession>[2] {
  const { look } = tail
  tail.look = undefined
  if (!look) return undefined
  const tails = [...look.positions.values()].map(recountFrom)
  return { ...look, fromMs: Math.min(...tails, tail.fromMs, tail.unproven?.fromMs ?? Infinity) }
}

/** Where all is well: what is not, is looked for again. */
function keepLook(
  session: Session,
  found: { readonly positions: ReadonlyMap<string, number>; readonly completeMs: number | undefined },
): void {
  const { memory, clock, status, listed, targets, failedChannels, unknownChannels, stoppedLog } = session
  const isWell = failedChannels.length + unknownChannels.length === 0 && stoppedLog === undefined
  const own = targets.flatMap(({ key }) => {
    const positionMs = found.positions.get(key)
    return positionMs === undefined ? [] : [[key, positionMs] as const]
  })
  if (!isWell || own.length === 0) return
  const completeMs = found.completeMs ?? clock.nowMs()
  memory.tail.look = { completeMs, device: status, listed, positions: new Map(own) }
}

function moveAll(from: Set<string>, to: Set<string>): void {
  for (const key of from) to.add(key)
  from.clear()
}

/** The last minutes of each cycle are counted again by the next, whoever wrote them. */
const RECOUNT_MS = 15 * MINUTE_MS

/** What a cycle has filled, chunk by chunk. */
interface Tail {
  readonly targets: readonly Target[]
  readonly windows: readonly TimeWindow[]
}

/**
 * Copies what is newer than each series' position; a series that is new begins with the look-back. What was confirmed
 * is lost when the store dies within seconds, so all that a cycle wrote is counted again by one that comes later.
 */
async function syncTail(
  session: Session,
  recent: RecentMinutes | undefined,
  signal: AbortSignal,
): Promise<{ filled: FillReport; tail: Tail }> {
  const { memory, clock, settings, log } = session
  const earlier = memory.tail.unproven
  const isProven = earlier !== undefined && clock.nowMs() - earlier.writtenMs >= DURABLE_AFTER_MS
  let written: UnprovenTail | undefined
  const onBatch = (batch: BatchReport) => {
    if (batch.sampleCount === 0) return
    written = joinTails(written, { fromMs: batch.fromMs, writtenMs: clock.nowMs() })
    memory.tail.unproven = joinTails(earlier, written)
  }
  await session.claim?.hold(signal)
  const targets = await findTails(session, signal)
  const { fromMs, untilMs } = windowOf(targets)
  memory.tail.fromMs = fromMs
  const windows = splitWindow({ fromMs, untilMs }, settings.chunkMs)
  let filled = NOTHING_FILLED
  for (const [index, window] of windows.entries()) {
    const isKnown = recent && index === 0 && isWithin(window, recent.window)
    const coverages = isKnown ? coverageWithin(recent, { targets, window }) : undefined
    const report = await fillWindow(session, { targets, window }, { signal, onBatch, coverages })
    filled = addReports(filled, report)
    if (windows.length > 1 && report.sampleCount > 0)
      log.info(
        `${settings.deviceName}: ${formatWindow(window)}: ${plural(report.rowCount, 'row')}, ${plural(report.sampleCount, 'sample')}`,
      )
  }
  memory.tail.fromMs = untilMs
  if (isProven) memory.tail.unproven = written
  return { filled, tail: { targets, windows } }
}

/** The targets, each expected from where its tail begins, and not from before its channel exists. */
async function findTails(session: Session, signal: AbortSignal): Promise<readonly Target[]> {
  const { targets, positions, memory } = session
  await noteOlder(session, signal)
  const isKnown = ({ key }: Target) => positions.has(key) && memory.process.startsKnown.has(key)
  const started = targets.every(isKnown) ? targets : await findStarts(session, targets, signal)
  return started.map((target) => withExpectedFrom(target, tailStart(session, target)))
}

function tailStart({ positions, settings, memory }: Session, { key, expected }: Target): number {
  const positionMs = positions.get(key)
  const tailMs = positionMs === undefined ? expected.untilMs - settings.lookbackMs : recountFrom(positionMs)
  return Math.min(tailMs, expected.untilMs, memory.tail.fromMs, memory.tail.unproven?.fromMs ?? Infinity)
}

function recountFrom(positionMs: number): number {
  return floorToMinute(positionMs) + MINUTE_MS - RECOUNT_MS
}

function isWithin(part: TimeWindow, complete: TimeWindow): boolean {
  return part.fromMs >= complete.fromMs && part.untilMs <= complete.untilMs
}

function joinTails(a: UnprovenTail | undefined, b: UnprovenTail): UnprovenTail {
  return { fromMs: Math.min(a?.fromMs ?? b.fromMs, b.fromMs), writtenMs: b.writtenMs }
}

/** Notes the series that are older than their tails; one that is not may have begun within, after zeros that are none. */
async function noteOlder(session: Session, signal: AbortSignal): Promise<void> {
  const { targets, positions, settings, memory, store } = session
  const unknown = targets.filter(({ key }) => positions.has(key) && !memory.process.startsKnown.has(key))
  if (unknown.length === 0) return
  const tails = unknown.map((target) => tailStart(session, target))
  const untilMs = Math.max(...tails)
  const window = { fromMs: untilMs - settings.lookbackMs, untilMs }
  const firsts = await store.firstSamples(labelsOf(unknown), window, signal)
  for (const [index, { key }] of unknown.entries())
    if ((at(firsts, index)?.atMs ?? Infinity) < at(tails, index)) memory.process.startsKnown.add(key)
}

/**
 * A node that died, unseen, may have forgotten what an earlier process had confirmed, while another node took what came
 * after it: then the gap lies before the tail.
 */
async function refillLookback(session: Session, signal: AbortSignal): Promise<Tail> {
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

/**
 * A cluster does not tell whether a storage node has died, so what was read back stays for certain only half a minute
 * later. What it forgets of the last day the next sync finds in its look-back, and writes again.
 */
function isLeftToNext({ storeStatus, memory, clock, settings }: Session): boolean {
  const fromMs = memory.tail.unproven?.fromMs ?? Infinity
  return storeStatus.buffers && fromMs >= clock.nowMs() - Math.min(DAY_MS, settings.lookbackMs)
}

/** What an attempt that failed has written counts too. */
async function stayDurable(session: Session, { targets, windows }: Tail, signal: AbortSignal): Promise<void> {
  const { memory } = session
  if (!memory.tail.unproven) return
  const { startedAtMs } = memory.storeRun
  await ensureDurable(session, { targets, windows }, { signal, startedAtMs, maxAttempts: MAX_ATTEMPTS })
  memory.tail.unproven = undefined
}

/** Asked of the store after all was written. */
async function findPositions(session: Session, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
  const found = await findStored(session, session, signal)
  return new Map(found.map(({ labels, positionMs }) => [seriesKey(labels), positionMs]))
}

/** What was found, and what was read back since. */
function withConfirmed({ positions, confirmed }: Session): ReadonlyMap<string, number> {
  const newest = [...(confirmed ?? [])].map(([key, atMs]) => [key, Math.max(atMs, positions.get(key) ?? atMs)] as const)
  return new Map([...positions, ...newest])
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
