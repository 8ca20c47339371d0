import { at } from '../../../model/at.ts'
import type { Channel } from '../../../model/channel.ts'
import { seriesKey, MinuteState, type Labels } from '../../../model/series.ts'
import {
  ceilToMinute,
  DAY_MS,
  floorToMinute,
  intersection,
  MINUTE_MS,
  type TimeWindow,
  minuteCount,
  splitWindow,
} from '../../../model/time-window.ts'
import { type DeviceWork, workInSteps } from '../../session/device-work.ts'
import { flushStore } from '../../session/flush-store.ts'
import { refuseTargets, formatLabels } from '../../session/refuse-targets.ts'
import { toTarget, wattInputs } from '../../session/resolve-targets.ts'
import { retainedFrom, RETENTION_MARGIN_MS } from '../../session/retention.ts'
import type { SyncContext, SyncSettings } from '../../session/session.ts'
import { labelsOf, metricsOf, type Target, windowOf } from '../../session/target.ts'
import {
  findSources,
  type ListedSeries,
  listOverTime,
  sourceLabels,
  type SourceTemplate,
  type WithoutSource,
  hasLabels,
  type DeviceChannel,
} from './find-sources.ts'
import { closedUntil, REACH_MS } from './points-to-minutes.ts'

export interface PlanOptions {
  readonly signal: AbortSignal
  readonly template: SourceTemplate
  readonly sinceMs?: number
  readonly untilMs?: number
  readonly onProgress?: (done: number, total: number) => void
}

/** A series of another program, and the target whose expected minutes it can give. */
export interface SourcedTarget {
  readonly target: Target
  readonly source: Labels
}

/** What the store has of both. */
export interface SeriesCount {
  readonly pointCount: number
  readonly thereMinutes: number
  readonly missingMinutes: number
}

/** A series to migrate; what is expected of its target is over, and lies inside of what its source covers. */
export type PlannedSeries = SourcedTarget & SeriesCount

export interface MigrationPlan {
  readonly deviceName: string
  /** All that are in watts. */
  readonly channels: readonly Channel[]
  readonly series: readonly PlannedSeries[]
  readonly without: readonly WithoutSource[]
  /** The chunks in which minutes are missing. */
  readonly chunks: readonly TimeWindow[]
  /** The newest stored sample of each series of the device, by key. */
  readonly positions: ReadonlyMap<string, number>
  /** Each a complete sentence. */
  readonly warnings: readonly string[]
  readonly failedChannels: readonly string[]
}

/** Finds what another program left of a device. The device itself is asked only which channels it has, if nobody says. */
export function planMigrationWork(context: SyncContext, options: PlanOptions): DeviceWork<MigrationPlan> {
  return workInSteps(() => planMigration(context, options))
}

async function* planMigration(
  context: SyncContext,
  options: PlanOptions,
): AsyncGenerator<undefined, MigrationPlan, undefined> {
  const { settings } = context
  const { signal, template } = options
  const { kept, asked } = await findWindows(context, options)
  const channels = await findChannels(context, signal)
  const targets = channels.map((channel) => toTarget(channel, asked, settings))
  const ofDevice = { metrics: metricsOf(targets), device: settings.deviceName }
  const stored = yield* listOverTime(context, { ...ofDevice, window: widened(kept) }, signal)
  const ofSources = { metrics: unique(targets.map((target) => sourceMetric(template, settings, target))) }
  const listed = yield* listOverTime(context, { ...ofSources, window: widened(asked) }, signal)

  const refused = refuseTargets(context, targets, stored)
  const open = targets.filter((target) => !refused.some((one) => one.target === target))
  const { found, without, ambiguous } = findSources(settings, { targets: open, listed, template })
  const series: SourcedTarget[] = []
  for (const { target, source } of found) {
    const expected = intersection(target.expected, await coveredBy(context, source, signal))
    series.push({ target: { ...target, expected }, source: source.labels })
    yield
  }
  const { counts, chunks } = yield* countSeries(context, series, options)
  const failed = [...refused, ...ambiguous]
  return {
    deviceName: settings.deviceName,
    channels,
    series: series.map((one, index) => ({ ...one, ...at(counts, index) })),
    without,
    chunks,
    positions: new Map(stored.map(({ labels, positionMs }) => [seriesKey(labels), positionMs])),
    warnings: [...new Set(failed.map(({ why }) => why))],
    failedChannels: unique(failed.map(({ target }) => target.channel.name)),
  }
}

/** All that the store keeps up to now, and what of it was asked for. */
async function findWindows(
  context: SyncContext,
  { signal, sinceMs, untilMs }: PlanOptions,
): Promise<{ kept: TimeWindow; asked: TimeWindow }> {
  const storeStatus = await flushStore(context, signal)
  context.memory.storeRun.startedAtMs ??= storeStatus.startedAtMs
  const nowMs = floorToMinute(Math.max(context.clock.nowMs(), storeStatus.clockMs ?? 0))
  const oldestMs = ceilToMinute((retainedFrom(context, storeStatus) ?? DAY_MS) + RETENTION_MARGIN_MS)
  const kept = { fromMs: Math.min(oldestMs, nowMs), untilMs: nowMs }
  const asked = { fromMs: ceilToMinute(sinceMs ?? kept.fromMs), untilMs: floorToMinute(untilMs ?? kept.untilMs) }
  return { kept, asked: intersection(kept, asked) }
}

/** The template speaks of power, so nothing in another unit is looked for. */
async function findChannels({ device, settings }: SyncContext, signal: AbortSignal): Promise<readonly Channel[]> {
  const channels = settings.channels ?? wattInputs(await device.listChannels(signal), settings.metric)
  return channels.filter(({ unit }) => unit === 'watts')
}

function sourceMetric(template: SourceTemplate, { deviceName }: SyncSettings, { channel }: Target): string {
  return sourceLabels(template, { deviceName, channel })['__name__'] ?? ''
}

/** What lies just outside decides which minutes at the edges are complete. */
function widened({ fromMs, untilMs }: TimeWindow): TimeWindow {
  return { fromMs: fromMs - REACH_MS, untilMs: untilMs + REACH_MS }
}

/** The full minutes from its first point to its newest one. */
async function coveredBy(
  { store }: SyncContext,
  { labels, positionMs, firstWindow }: ListedSeries,
  signal: AbortSignal,
): Promise<TimeWindow> {
  const [first] = await store.firstSamples([labels], firstWindow, signal)
  const newestMs = floorToMinute(positionMs)
  const end = { fromMs: newestMs - REACH_MS, untilMs: newestMs + MINUTE_MS }
  const [newest] = await store.readSamples([labels], end, signal)
  const fromMs = ceilToMinute(first?.atMs ?? newestMs)
  return { fromMs, untilMs: Math.max(fromMs, newest ? closedUntil(newest) : fromMs) }
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)]
}

/** The plans without the series that could be those of another channel, of any device, as well; `others` are channels that no plan has. */
export function refuseSharedSources(
  plans: readonly MigrationPlan[],
  others: readonly DeviceChannel[],
  template: SourceTemplate,
): MigrationPlan[] {
  const known = plans.flatMap(({ deviceName, channels }) => channels.map((channel) => ({ deviceName, channel })))
  return plans.map((plan) => {
    const shared = plan.series.flatMap((series) => {
      const claims = [...known, ...others].filter((one) => hasLabels(series.source, sourceLabels(template, one)))
      return claims.length > 1 ? [{ series, claims }] : []
    })
    return {
      ...plan,
      series: plan.series.filter((series) => !shared.some((one) => one.series === series)),
      warnings: [...plan.warnings, ...shared.map(({ series, claims }) => describeShared(plan, series, claims))],
      failedChannels: [...plan.failedChannels, ...shared.map(({ series }) => series.target.channel.name)],
    }
  })
}

function describeShared(
  { deviceName }: MigrationPlan,
  { source, target }: PlannedSeries,
  claims: readonly DeviceChannel[],
): string {
  const names = claims.map((one) => `${one.channel.name} of ${one.deviceName}`).join(' and ')
  return (
    `${deviceName}: ${target.channel.name} is not migrated: ${formatLabels(source)} could be ${names}\n` +
    "  to go on: say under migrate: how their series differ, such as labels: { host: '{device}' }; or use a configuration that has only the one it belongs to"
  )
}

/** Counts chunk by chunk, in the order of the series; `chunks` are those in which minutes are missing. Yields after each. */
export async function* countSeries(
  { store, settings }: Pick<SyncContext, 'store' | 'settings'>,
  series: readonly SourcedTarget[],
  { signal, onProgress }: Pick<PlanOptions, 'signal' | 'onProgress'>,
): AsyncGenerator<undefined, { counts: readonly SeriesCount[]; chunks: readonly TimeWindow[] }, undefined> {
  const counts = series.map(() => ({ pointCount: 0, thereMinutes: 0, missingMinutes: 0 }))
  const chunks: TimeWindow[] = []
  if (series.length === 0) return { counts, chunks }
  const targets = series.map(({ target }) => target)
  const sources = series.map(({ source }) => source)
  const complete = windowOf(targets)
  for (const chunk of splitWindow(complete, settings.chunkMs)) {
    const totals = await store.totals(sources, chunk, signal)
    const coverages = await store.coverage(labelsOf(targets), chunk, signal)
    let isMissing = false
    for (const [index, { expected }] of targets.entries()) {
      const span = intersection(chunk, expected)
      const from = (span.fromMs - chunk.fromMs) / MINUTE_MS
      const minutes = at(coverages, index).minutes.subarray(from, from + minuteCount(span))
      const missingMinutes = minutes.filter((state) => state === MinuteState.missing).length
      const count = at(counts, index)
      if (minuteCount(span) > 0) count.pointCount += at(totals, index).count
      count.thereMinutes += minutes.length - missingMinutes
      count.missingMinutes += missingMinutes
      if (missingMinutes > 0) isMissing = true
    }
    if (isMissing) chunks.push(chunk)
    onProgress?.(chunk.untilMs - complete.fromMs, complete.untilMs - complete.fromMs)
    yield
  }
  return { counts, chunks }
}
