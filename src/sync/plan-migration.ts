import type { Channel } from '../model/channel.ts'
import { seriesKey, type Labels } from '../model/series.ts'
import {
  DAY_MS,
  MINUTE_MS,
  ceilToMinute,
  floorToMinute,
  intersection,
  minuteCount,
  type TimeWindow,
} from '../model/time-window.ts'
import { countSeries, type SeriesCount, type SourcedTarget } from './count-series.ts'
import { workInSteps, type DeviceWork } from './device-work.ts'
import { describeCandidates, hasLabels, sourceLabels, type SourceTemplate } from './find-sources.ts'
import { listOverTime, type ListedSeries } from './list-over-time.ts'
import { RETENTION_MARGIN_MS } from './open-session.ts'
import { REACH_MS, closedUntil } from './points-to-minutes.ts'
import { refuseTargets } from './refuse-targets.ts'
import { toTarget, wattInputs } from './resolve-targets.ts'
import type { SyncContext } from './session.ts'
import { settleStore } from './settle-store.ts'

export interface PlanOptions {
  readonly signal: AbortSignal
  readonly template: SourceTemplate
  readonly sinceMs?: number
  readonly untilMs?: number
  readonly onProgress?: (done: number, total: number) => void
}

/** A series to migrate; what is wanted of its target is over, and lies inside of what its source covers. */
export type PlannedSeries = SourcedTarget & SeriesCount

export interface MigrationPlan {
  readonly deviceName: string
  /** All that are in watts. */
  readonly channels: readonly Channel[]
  readonly series: readonly PlannedSeries[]
  /** Channels of which the store has no series: what was looked for, and what comes near it. */
  readonly without: readonly { readonly channel: Channel; readonly looked: Labels; readonly near: Labels | undefined }[]
  /** The chunks in which minutes are missing. */
  readonly chunks: readonly TimeWindow[]
  /** The newest stored sample of each series of the device, by key. */
  readonly positions: ReadonlyMap<string, number>
  /** Each a whole sentence. */
  readonly warnings: readonly string[]
  readonly failedChannels: readonly string[]
}

/** Finds what another program left of a device. The device itself is asked only which channels it has, if nobody says. */
export function planWork(context: SyncContext, options: PlanOptions): DeviceWork<MigrationPlan> {
  return workInSteps(() => planMigration(context, options))
}

async function* planMigration(
  context: SyncContext,
  options: PlanOptions,
): AsyncGenerator<undefined, MigrationPlan, undefined> {
  const { settings, memory } = context
  const { deviceName } = settings
  const { signal, template } = options
  const storeStatus = await settleStore(context, signal)
  memory.storeStartedAtMs ??= storeStatus.startedAtMs
  const nowMs = floorToMinute(Math.max(context.clock.nowMs(), storeStatus.clockMs ?? 0))
  const oldestMs = ceilToMinute((storeStatus.retainsFromMs ?? DAY_MS) + RETENTION_MARGIN_MS)
  const kept = { fromMs: Math.min(oldestMs, nowMs), untilMs: nowMs }
  const asked = intersection(kept, askedWindow(options, kept))

  const channels = await findChannels(context, signal)
  const targets = channels.map((channel) => toTarget(channel, asked, settings))
  const ofDevice = { metrics: unique(targets.map(({ channel }) => channel.metric)), device: deviceName }
  const stored = [...(yield* listOverTime(context, { ...ofDevice, window: widened(kept) }, signal)).values()]
  const metrics = unique(channels.map((channel) => metricOf(sourceLabels(template, { deviceName, channel }))))
  const listed = [...(yield* listOverTime(context, { metrics, window: widened(asked) }, signal)).values()]

  const refused = refuseTargets(context, targets, stored)
  const warnings = refused.map(({ why }) => why)
  const failed = new Set(refused.map(({ target }) => target))
  const without: MigrationPlan['without'][number][] = []
  const found: SourcedTarget[] = []
  for (const target of targets) {
    const { channel, key } = target
    const looked = sourceLabels(template, { deviceName, channel })
    const near = listed.filter(({ labels }) => metricOf(labels) === metricOf(looked) && seriesKey(labels) !== key)
    const candidates = near.filter(({ labels }) => hasLabels(labels, looked))
    const [source] = candidates
    if (failed.has(target)) continue
    if (!source) without.push({ channel, looked, near: near[0]?.labels })
    else if (candidates.length === 1) {
      const covered = await coveredBy(context, source, signal)
      found.push({ target: { ...target, wanted: intersection(target.wanted, covered) }, source: source.labels })
      yield
    } else {
      failed.add(target)
      warnings.push(describeCandidates({ deviceName, channel }, candidates.map(({ labels }) => labels))) // prettier-ignore
    }
  }
  const series = found.filter(({ target }) => minuteCount(target.wanted) > 0)
  const { counts, chunks } = yield* countSeries(context, series, { signal, onProgress: options.onProgress })
  return {
    deviceName,
    channels,
    series: series.flatMap((one, index) => {
      const count = counts[index]
      return count ? [{ ...one, ...count }] : []
    }),
    without,
    chunks,
    positions: new Map(stored.map(({ labels, positionMs }) => [seriesKey(labels), positionMs])),
    warnings,
    failedChannels: [...failed].map(({ channel }) => channel.name),
  }
}

function askedWindow({ sinceMs, untilMs }: PlanOptions, kept: TimeWindow): TimeWindow {
  return { fromMs: ceilToMinute(sinceMs ?? kept.fromMs), untilMs: floorToMinute(untilMs ?? kept.untilMs) }
}

function widened({ fromMs, untilMs }: TimeWindow): TimeWindow {
  return { fromMs: fromMs - REACH_MS, untilMs: untilMs + REACH_MS }
}

/** The template speaks of power, so nothing in another unit is looked for. */
async function findChannels({ device, settings }: SyncContext, signal: AbortSignal): Promise<readonly Channel[]> {
  const channels = settings.channels ?? wattInputs(await device.listChannels(signal), settings.metric)
  return channels.filter(({ unit }) => unit === 'watts')
}

/** The whole minutes from its first point to its newest one. */
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

function metricOf(labels: Labels): string {
  return labels['__name__'] ?? ''
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)]
}
