import { at, outOfRange } from '../../../model/at.ts'
import { intersection, minuteCount, type TimeWindow, DAY_MS, splitWindow } from '../../../model/time-window.ts'
import { countSeries, type MigrationPlan, type PlannedSeries, type SourcedTarget } from './plan-migration.ts'
import { plural } from '../../../runtime/plural.ts'
import { workInSteps, type DeviceWork } from '../../session/device-work.ts'
import { stayUntilDurable, trackRecentChunks } from '../../copy/ensure-durable.ts'
import { withReplanning } from '../../copy/replan.ts'
import { formatLabels } from '../../session/refuse-targets.ts'
import { type StoreSession, type SyncContext, warnOnce } from '../../session/session.ts'
import { flushStore } from '../../session/flush-store.ts'
import { SyncError } from '../../session/sync-error.ts'
import type { Target } from '../../session/target.ts'
import type { SeriesSamples } from '../../../model/series.ts'
import { findMissing, withoutRefused, type Missing } from '../../copy/find-missing.ts'
import { hasMinute, hasMinuteWithin } from '../../../model/minute-map.ts'
import { REACH_MS, pointsToMinutes } from './points-to-minutes.ts'
import { trackUnconfirmed } from '../../copy/unconfirmed.ts'

const MAX_ATTEMPTS = 8

export interface MigrationOptions {
  readonly signal: AbortSignal
  readonly isDryRun: boolean
  readonly onProgress?: (progress: MigrationProgress) => void
}

export interface MigrationProgress {
  readonly chunk: TimeWindow
  readonly doneChunks: number
  readonly chunkCount: number
  /** Minutes of the chunk that were written, or would have been. */
  readonly minuteCount: number
  /** An estimate. */
  readonly leftMs: number
}

export interface MigratedSeries extends PlannedSeries {
  /** Minutes that were written, or would be. */
  readonly writtenMinutes: number
  /** Minutes that are missing in the store because the source does not have them either. */
  readonly absentMinutes: number
}

export interface MigrationReport {
  readonly deviceName: string
  readonly series: readonly MigratedSeries[]
  readonly durationMs: number
  readonly warnings: readonly string[]
  readonly failedChannels: readonly string[]
  /** Minutes, of all channels, that the store accepted and dropped. */
  readonly droppedMinutes: number
  /** Points that the sources had before and have no more. */
  readonly lostPoints: number
}

interface RunOptions extends MigrationOptions {
  /** Asked after each write; true ends early, with everything written confirmed. */
  readonly interrupted: () => boolean
}

/** Writes what a plan found missing, chunk by chunk, oldest first, and counts both sides again at the end. */
export function migrationWork(
  context: SyncContext,
  plan: MigrationPlan,
  options: MigrationOptions,
): DeviceWork<MigrationReport> {
  return workInSteps((interrupted) => migrate(context, plan, { ...options, interrupted }))
}

async function* migrate(
  context: SyncContext,
  plan: MigrationPlan,
  options: RunOptions,
): AsyncGenerator<undefined, MigrationReport, undefined> {
  const startedMs = context.clock.nowMs()
  const { signal, isDryRun } = options
  const { series } = plan
  const session: StoreSession = { ...context, positions: plan.positions, warnings: [...plan.warnings] }
  const absentOf = new Map<TimeWindow, WindowReport['absent']>()
  const recent = trackRecentChunks(context)
  const again = <T>(act: () => Promise<T>) => withReplanning(context, act, { signal, maxAttempts: MAX_ATTEMPTS })
  const fill = async (window: TimeWindow, interrupted = () => false) => {
    const report = await migrateWindow(session, { series, window }, { ...options, interrupted })
    absentOf.set(window, report.absent)
    return report
  }

  let due = plan.chunks
  while (due.length > 0) {
    const [chunk, ...later] = due
    if (!chunk) break
    let attempts = 0
    const report = await again(async () => {
      attempts++
      await flushStore(context, signal)
      return fill(chunk, options.interrupted)
    })
    // What an attempt that failed has written is there, and as young.
    recent.add(chunk, !isDryRun && (report.minuteCount > 0 || attempts > 1))
    const { chunks: forgotten } = await again(() => recent.findForgotten(signal))
    due = [...new Set([...forgotten, ...(report.complete ? later : due)])]
    const doneChunks = plan.chunks.length - due.length
    const leftMs = doneChunks > 0 ? ((context.clock.nowMs() - startedMs) / doneChunks) * due.length : 0
    options.onProgress?.({ chunk, doneChunks, chunkCount: plan.chunks.length, minuteCount: report.minuteCount, leftMs })
    yield
  }
  const { windows: unproven, startedAtMs } = recent.unproven()
  if (!isDryRun && unproven.length > 0)
    await stayUntilDurable(
      context,
      async () => {
        let lostMinutes = 0
        for (const window of unproven) lostMinutes += (await fill(window)).minuteCount
        return lostMinutes
      },
      { signal, startedAtMs },
    )
  const expected = series.map((one) => ({ ...one, absentMinutes: sumOver(absentOf, one.target) }))
  const outcome = isDryRun ? foresee(expected) : yield* verify(context, expected, signal)
  return {
    deviceName: plan.deviceName,
    series: outcome.series,
    durationMs: context.clock.nowMs() - startedMs,
    warnings: [...session.warnings, ...outcome.warnings],
    failedChannels: [...plan.failedChannels, ...outcome.failedChannels],
    droppedMinutes: outcome.droppedMinutes,
    lostPoints: outcome.lostPoints,
  }
}

/** Points every 5 s of all channels of a device: a day of them is half a million, which bounds the memory used. */
const READ_MS = DAY_MS

interface WindowReport {
  /** Minutes that were written, or would have been. */
  readonly minuteCount: number
  /** Minutes that are missing in the store and that the source does not have either. */
  readonly absent: ReadonlyMap<Target, number>
  /** False when it ended early because something else is due. */
  readonly complete: boolean
}

/** Writes what is missing of a window in the store and the sources have. May be cut short anywhere and called again. */
async function migrateWindow(
  session: StoreSession,
  { series, window }: { series: readonly SourcedTarget[]; window: TimeWindow },
  { signal, isDryRun, interrupted }: RunOptions,
): Promise<WindowReport> {
  const targets = series.map(({ target }) => target)
  const missing = withoutRefused(await findMissing(session, { targets, window }, signal), session)
  const absent = new Map(
    [...missing].map(([target, { flags }]) => [target, flags.reduce((sum, flag) => sum + flag, 0)]),
  )
  const writes = trackUnconfirmed(session, targets, window)
  let minuteCount = 0
  for (const part of splitWindow(window, READ_MS)) {
    const minutes = await readMinutes(session, { series, missing, window: part }, signal)
    for (const { target, samples } of minutes) {
      absent.set(target, (absent.get(target) ?? 0) - samples.timestampsMs.length)
      minuteCount += samples.timestampsMs.length
    }
    if (isDryRun || minutes.length === 0) continue
    const batch = minutes.map(({ samples }) => samples)
    await writes.write(batch, signal)
    if (part.untilMs < window.untilMs && interrupted()) {
      await writes.confirm(signal)
      return { minuteCount, absent, complete: false }
    }
  }
  await writes.confirm(signal)
  return { minuteCount, absent, complete: true }
}

/** What the sources have of the missing minutes; targets without any are left out. */
async function readMinutes(
  session: StoreSession,
  { series, missing, window }: { series: readonly SourcedTarget[]; missing: Missing; window: TimeWindow },
  signal: AbortSignal,
): Promise<{ target: Target; samples: SeriesSamples }[]> {
  const due = series.flatMap(({ target, source }) => {
    const map = missing.get(target)
    return map && hasMinuteWithin(map, window) ? [{ target, source, map }] : []
  })
  if (due.length === 0) return []
  const reach = { fromMs: window.fromMs - REACH_MS, untilMs: window.untilMs + REACH_MS }
  const sources = due.map(({ source }) => source)
  const read = await session.store.readSamples(sources, reach, signal)
  return due.flatMap(({ target, map }, index) => {
    const minutes = pointsToMinutes(at(read, index), { window, decimals: target.column.decimals })
    if (minutes.hasAbsurd)
      warnOnce(
        session,
        `${session.settings.deviceName}: the source of ${target.channel.name} has numbers that no house can have; they are left out`,
      )
    const kept = minutes.timestampsMs.map((atMs) => hasMinute(map, atMs))
    const timestampsMs = minutes.timestampsMs.filter((_, minute) => kept[minute] ?? outOfRange(kept, minute))
    const values = minutes.values.filter((_, minute) => kept[minute] ?? outOfRange(kept, minute))
    return timestampsMs.length > 0 ? [{ target, samples: { labels: target.labels, timestampsMs, values } }] : []
  })
}

function sumOver(absentOf: ReadonlyMap<TimeWindow, WindowReport['absent']>, target: Target): number {
  return [...absentOf.values()].reduce((sum, absent) => sum + (absent.get(target) ?? 0), 0)
}

type ExpectedSeries = PlannedSeries & { readonly absentMinutes: number }
type Outcome = Pick<MigrationReport, 'series' | 'warnings' | 'failedChannels' | 'droppedMinutes' | 'lostPoints'>

function foresee(expected: readonly ExpectedSeries[]): Outcome {
  const series = expected.map((one) => ({ ...one, writtenMinutes: one.missingMinutes - one.absentMinutes }))
  return { series, warnings: [], failedChannels: [], droppedMinutes: 0, lostPoints: 0 }
}

/** Counts both sides again: all minutes must be there but those that are missing in the source, and the source be as it was. */
async function* verify(
  context: SyncContext,
  expected: readonly ExpectedSeries[],
  signal: AbortSignal,
): AsyncGenerator<undefined, Outcome, undefined> {
  await flushStore(context, signal)
  const { counts } = yield* countSeries(context, expected, { signal })
  const series = expected.map((one, index) => {
    const { thereMinutes, missingMinutes, pointCount } = at(counts, index)
    const droppedMinutes = droppedOf(context, one.target)
    return {
      series: { ...one, writtenMinutes: thereMinutes - one.thereMinutes },
      droppedMinutes,
      lostMinutes: Math.max(0, missingMinutes - one.absentMinutes - droppedMinutes),
      lostPoints: Math.max(0, one.pointCount - pointCount),
    }
  })
  const lostMinutes = series.reduce((sum, one) => sum + one.lostMinutes, 0)
  if (lostMinutes > 0)
    throw new SyncError(
      'unconfirmed',
      `${context.settings.deviceName}: ${plural(lostMinutes, 'minute')} that ${context.store.name} had confirmed ${lostMinutes === 1 ? 'is' : 'are'} missing`,
      { hint: 'run it again: what is there stays' },
    )
  const harmed = series.filter(({ lostPoints }) => lostPoints > 0)
  const warnings = harmed.map(
    ({ series: { source }, lostPoints }) =>
      `${context.settings.deviceName}: ${formatLabels(source)} has lost ${plural(lostPoints, 'point')} meanwhile, which is not our doing: has the store let them expire?`,
  )
  for (const warning of warnings) context.log.warn(warning)
  return {
    series: series.map((one) => one.series),
    warnings,
    failedChannels: harmed.map(({ series: { target } }) => target.channel.name),
    droppedMinutes: series.reduce((sum, one) => sum + one.droppedMinutes, 0),
    lostPoints: harmed.reduce((sum, one) => sum + one.lostPoints, 0),
  }
}

function droppedOf({ memory }: SyncContext, { key, expected }: Target): number {
  return memory.drops.spans
    .filter((dropped) => dropped.key === key)
    .reduce((sum, { window }) => sum + minuteCount(intersection(window, expected)), 0)
}
