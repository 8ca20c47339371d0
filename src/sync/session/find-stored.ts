import { seriesKey, type StoredSeries } from '../../model/series.ts'
import { MINUTE_MS, type TimeWindow } from '../../model/time-window.ts'
import type { SyncContext } from './session.ts'
import { metricsOf, type Target } from './target.ts'

/** There was no IoTaWatt before. */
const OLDEST_MS = Date.UTC(2015, 0)
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
  const oldestMs = Math.min(...targets.map(({ wanted }) => wanted.fromMs), logged.untilMs)
  const recent = await search(Math.max(oldestMs, untilMs - settings.lookbackMs))
  const keys = new Set(recent.map(({ labels }) => seriesKey(labels)))
  if (targets.every(({ key }) => keys.has(key) || memory.neverStored.has(key))) return recent
  const all = await search(OLDEST_MS)
  for (const { key, channel } of targets)
    if (!all.some(({ labels }) => labels['location'] === channel.location)) memory.neverStored.add(key)
  return all
}
