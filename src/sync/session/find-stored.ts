import { seriesKey, type StoredSeries } from '../../model/series.ts'
import { floorToMinute, MINUTE_MS, minuteCount, OLDEST_MS, type TimeWindow } from '../../model/time-window.ts'
import type { Session, SyncContext } from './session.ts'
import { metricsOf, type Target, windowOf } from './target.ts'

/** A log that ends earlier is not just waiting for its next minute. */
const BEHIND_MS = 10 * MINUTE_MS

/**
 * The series of the last days, and, where a channel has none there, those of all times: before the log of the device
 * begins, too, as it may have a new card, and after it ends, as the clock of the device may be behind. A channel that
 * nobody ever stored is looked for once a process.
 */
export async function findStored(
  { store, settings, memory, clock }: Pick<SyncContext, 'store' | 'settings' | 'memory' | 'clock'>,
  { targets, logged }: { targets: readonly Target[]; logged: TimeWindow },
  signal: AbortSignal,
): Promise<readonly StoredSeries[]> {
  const metrics = metricsOf(targets)
  const untilMs = logged.untilMs + MINUTE_MS
  const list = (window: TimeWindow) => store.listSeries({ metrics, device: settings.deviceName, window }, signal)
  const newer = clock.nowMs() - untilMs < BEHIND_MS ? [] : await list({ fromMs: untilMs, untilMs: clock.nowMs() })
  // No position of ours: copying goes on where the log of the device is.
  const others = newer.filter(({ labels }) => targets.every(({ key }) => key !== seriesKey(labels)))
  const search = async (fromMs: number) => [...(await list({ fromMs, untilMs })), ...others]
  const oldestMs = Math.min(...targets.map(({ expected }) => expected.fromMs), logged.untilMs)
  const recent = await search(Math.max(oldestMs, untilMs - settings.lookbackMs))
  const keys = new Set(recent.map(({ labels }) => seriesKey(labels)))
  if (targets.every(({ key }) => keys.has(key) || memory.storeRun.neverStored.has(key))) return recent
  const all = await search(OLDEST_MS)
  for (const { key, channel } of targets)
    if (!all.some(({ labels }) => labels['location'] === channel.location)) memory.storeRun.neverStored.add(key)
  return all
}

/**
 * The end of the newest minute that the store has of every channel, which is what "stored until" means everywhere; the
 * beginning of what is expected where it has nothing. A channel that was never used has no series and does not count, nor
 * does one that has nothing new for longer than the look-back; one whose samples the store drops does.
 */
export function storedUntil({
  targets,
  positions,
  memory,
  settings,
}: Pick<Session, 'targets' | 'positions' | 'memory' | 'settings'>): number {
  const stored = targets.flatMap(({ key }) => positions.get(key) ?? [])
  const oldestMs = Math.max(...stored) - settings.lookbackMs
  const ends = targets.flatMap(({ key, expected }) => {
    const positionMs = positions.get(key)
    if (positionMs === undefined)
      return memory.drops.refused.has(key) && minuteCount(expected) > 0 ? expected.fromMs : []
    if (positionMs < oldestMs) return []
    return Math.max(floorToMinute(positionMs) + MINUTE_MS, memory.deviceLog.unusable.get(key)?.at(-1)?.untilMs ?? 0)
  })
  return stored.length > 0 ? Math.min(...ends) : windowOf(targets).fromMs
}

/** So late a cycle may be: it waits for its turn, and takes some time itself. */
const LATE_MS = 5 * MINUTE_MS

/**
 * The end of what the store has to have of a device by now. Minutes that closed after the newest one that it has wait for
 * the next cycle, and are not missing, unless there should have been one since.
 */
export function dueUntilMs(
  { logged, positions, targets }: Pick<Session, 'logged' | 'positions' | 'targets'>,
  intervalMs: number,
): number {
  const newestMs = Math.max(...targets.map(({ key }) => positions.get(key) ?? -Infinity))
  const storedUntilMs = Number.isFinite(newestMs) ? floorToMinute(newestMs) + MINUTE_MS : -Infinity
  const isWaiting = logged.untilMs - storedUntilMs <= intervalMs + LATE_MS
  return isWaiting ? Math.min(storedUntilMs, logged.untilMs) : logged.untilMs
}

/** What is expected of the look-back. */
export function lookbackOf({ targets, settings }: Pick<Session, 'targets' | 'settings'>): TimeWindow {
  const { fromMs, untilMs } = windowOf(targets)
  return { fromMs: Math.max(fromMs, floorToMinute(untilMs - settings.lookbackMs)), untilMs }
}
