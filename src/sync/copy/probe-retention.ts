import type { Labels } from '../../model/series.ts'
import { StoreError } from '../../model/store.ts'
import { DAY_MS, floorToMinute, splitWindow, type TimeWindow } from '../../model/time-window.ts'
import type { SeenRetention } from '../session/sync-memory.ts'
import type { SyncContext } from '../session/session.ts'
import { writeSamples } from './write-samples.ts'

const METRIC = 'iotawatt_sync_retention_probe'
/** No store keeps less. */
const ALWAYS_KEPT_MS = 2 * DAY_MS
/** What passes a queue arrives when it likes. */
const LOOK_AGAIN_MS = [500, 2_000, 8_000]

/**
 * Whether a store that does not tell how long it keeps samples keeps one as old as this: writes a sample for each day
 * since, in a series of its own, looks which is the oldest that is there, and deletes them.
 */
export async function probeRetention(
  context: SyncContext,
  oldestMs: number,
  signal: AbortSignal,
): Promise<SeenRetention> {
  const { store, clock, settings } = context
  const window = { fromMs: oldestMs, untilMs: floorToMinute(clock.nowMs()) }
  if (window.untilMs - oldestMs < ALWAYS_KEPT_MS) return { triedFromMs: oldestMs }
  const labels = { __name__: METRIC, device: settings.deviceName }
  // Where it could not be deleted, it still shows what it showed.
  let keptFromMs = await findOldest(context, { labels, window }, signal)
  if (keptFromMs !== oldestMs) {
    const timestampsMs = splitWindow(window, DAY_MS).map(({ fromMs }) => fromMs)
    await writeSamples(context, [{ labels, timestampsMs, values: timestampsMs.map(() => 1) }], signal)
    keptFromMs = await findOldest(context, { labels, window }, signal)
    for (const pauseMs of LOOK_AGAIN_MS) {
      if (keptFromMs === oldestMs) break
      await clock.sleep(pauseMs, signal)
      keptFromMs = await findOldest(context, { labels, window }, signal)
    }
  }
  await store.deleteSeries(labels, signal).catch((error: unknown) => {
    if (!(error instanceof StoreError)) throw error
  })
  if (keptFromMs === undefined || keptFromMs === oldestMs) return { triedFromMs: oldestMs }
  return { triedFromMs: oldestMs, keepsMs: clock.nowMs() - keptFromMs }
}

async function findOldest(
  { store }: SyncContext,
  { labels, window }: { labels: Labels; window: TimeWindow },
  signal: AbortSignal,
): Promise<number | undefined> {
  await store.settle(signal)
  const [first] = await store.firstSamples([labels], window, signal)
  return first?.atMs
}
