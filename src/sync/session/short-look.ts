import type { DeviceStatus } from '../../model/device.ts'
import { countSample, emptyCoverage, MinuteState, seriesKey, type SeriesCoverage } from '../../model/series.ts'
import type { Store, StoreStatus } from '../../model/store.ts'
import { floorToMinute, HOUR_MS, MINUTE_MS, type TimeWindow } from '../../model/time-window.ts'
import type { SyncContext } from './session.ts'
import type { LastLook } from './sync-memory.ts'
import { metricsOf, type Target, type TargetSpan } from './target.ts'

/** What others do to the device or the store unseen, such as a new channel, is found so much later at most. */
const COMPLETE_EVERY_MS = HOUR_MS
/** More is asked for day by day. */
const MAX_SPAN_MS = 3 * HOUR_MS

/** Whether nothing speaks against it before either side was asked. */
export function mayLookShortly({ memory, store, clock }: SyncContext, { completeMs }: LastLook): boolean {
  const { doubts, drops, attempt } = memory
  const ageMs = clock.nowMs() - completeMs
  return (
    store.listTimes !== undefined &&
    ageMs >= 0 &&
    ageMs < COMPLETE_EVERY_MS &&
    !doubts.hasForeignWrites &&
    doubts.ambiguousUntilMs <= clock.nowMs() &&
    drops.refused.size + drops.onTrial.size === 0 &&
    !attempt.doubtsColumns
  )
}

/** Whether both sides go on as they were: what a restart may have changed is asked for. */
export function isUnchanged(
  { memory }: Pick<SyncContext, 'memory'>,
  look: LastLook,
  { status, storeStatus }: { readonly status: DeviceStatus; readonly storeStatus: StoreStatus },
): boolean {
  return (
    status.startedAtMs === memory.deviceRun.startedAtMs &&
    status.firstMs === memory.deviceLog.firstRecordMs &&
    status.version === look.device.version &&
    status.name === look.device.name &&
    storeStatus.startedAtMs === memory.storeRun.startedAtMs
  )
}

/** The last minutes of all series of a device, as the store has them. */
export interface RecentMinutes {
  readonly series: Awaited<ReturnType<NonNullable<Store['listTimes']>>>
  readonly window: TimeWindow
  /** By series key; a series without a sample there is left out. */
  readonly coverages: ReadonlyMap<string, SeriesCoverage>
}

/**
 * Asks for the last minutes alone. Undefined where they are not what the last cycle left: then everything is asked for. An
 * answer that has all that was confirmed before is complete, so nothing else has to speak for it.
 */
export async function lookShortly(
  context: Pick<SyncContext, 'store' | 'settings' | 'memory'>,
  { look, targets, window }: TargetSpan & { readonly look: LastLook },
  signal: AbortSignal,
): Promise<RecentMinutes | undefined> {
  const recent = await readRecent(context, { targets, window }, signal)
  return recent && targets.every((target) => isAsLeft(context, target, { look, recent })) ? recent : undefined
}

/** Undefined where the store cannot tell it in one answer. */
export async function readRecent(
  { store, settings }: Pick<SyncContext, 'store' | 'settings'>,
  { targets, window }: TargetSpan,
  signal: AbortSignal,
): Promise<RecentMinutes | undefined> {
  const isOwn = targets.every(({ labels }) => labels['device'] === settings.deviceName)
  if (!store.listTimes || !isOwn || window.untilMs - window.fromMs > MAX_SPAN_MS) return undefined
  const series = await store.listTimes({ metrics: metricsOf(targets), device: settings.deviceName, window }, signal)
  const coverages = series.map(({ labels, timestampsMs }) => {
    const coverage = emptyCoverage(labels, window)
    for (const atMs of timestampsMs) countSample(coverage, atMs)
    return [seriesKey(labels), coverage] as const
  })
  return { series, window, coverages: new Map(coverages) }
}

function isAsLeft(
  { memory }: Pick<SyncContext, 'memory'>,
  { key, expected }: Target,
  { look, recent: { window, coverages } }: { readonly look: LastLook; readonly recent: RecentMinutes },
): boolean {
  const positionMs = look.positions.get(key)
  const minutes = coverages.get(key)?.minutes
  if (positionMs === undefined || minutes === undefined) return positionMs === minutes
  const unusable = memory.deviceLog.unusable.get(key) ?? []
  for (let atMs = Math.max(window.fromMs, expected.fromMs); atMs <= floorToMinute(positionMs); atMs += MINUTE_MS)
    if (
      minutes[(atMs - window.fromMs) / MINUTE_MS] === MinuteState.missing &&
      !unusable.some(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs)
    )
      return false
  return true
}

/** What the store has of some series in a part of these minutes, in their order. */
export function coverageWithin(
  { window: complete, coverages }: RecentMinutes,
  { targets, window }: TargetSpan,
): readonly SeriesCoverage[] {
  const from = (window.fromMs - complete.fromMs) / MINUTE_MS
  const count = (window.untilMs - window.fromMs) / MINUTE_MS
  return targets.map(({ key, labels }) => {
    const minutes = coverages.get(key)?.minutes.subarray(from, from + count)
    return minutes ? { labels, window, minutes } : emptyCoverage(labels, window)
  })
}
