import { at } from '../model/at.ts'
import { HOUR_MS } from '../model/time-window.ts'
import { bucketsBetween, sumBuckets, toMeans } from './bucket-sums.ts'
import type { Hours } from './hourly-watts.ts'
import { type HouseBase, newestMs } from './house-base.ts'

const HOURS = 7 * 24

/** Mean watts of the last hours, the same of each channel, by its id; of days that nobody has added up yet, little. */
export async function lastWeekOf(base: HouseBase): Promise<ReadonlyMap<string, Hours>> {
  const { channels } = base.days.plan()
  const untilMs = Math.floor((newestMs(base) ?? base.clock.nowMs()) / HOUR_MS) * HOUR_MS
  const edges = Array.from({ length: HOURS + 1 }, (_, hour) => untilMs - (HOURS - hour) * HOUR_MS)
  const days = await base.days.sums({ fromMs: at(edges, 0), untilMs })
  const sums = sumBuckets(days, bucketsBetween(edges), [...channels.keys()])
  return new Map(channels.map(({ id }, place) => [id, toMeans(at(sums.channels, place))]))
}
