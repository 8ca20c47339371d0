import type { HouseNumbers, LiveReadings, Now, Tariffs } from '../api/answers.ts'
import { MINUTE_MS } from '../text/house-time.ts'

/** What is shown as now. Nothing of it is added to what is stored. */
export interface Figures {
  readonly watts: HouseNumbers
  readonly channels: Readonly<Record<string, number | null>>
  /** Of a minute its start; undefined where nothing is known. */
  readonly atMs: number | undefined
  /** Whether the devices were asked for it: else it is the mean of the newest stored minute. */
  readonly isLive: boolean
}

const NOTHING: HouseNumbers = { house: null, solar: null, used: null, fromGrid: null, toGrid: null, unmetered: null }

/** The readings, unless the minute is newer or the house is unknown in them. */
export function newestFigures(now: Now | undefined, readings: LiveReadings | undefined, hasMains: boolean): Figures {
  const minute = { watts: now?.watts ?? NOTHING, channels: now?.channels ?? {}, atMs: now?.atMs, isLive: false }
  if (readings?.atMs === undefined || readings.atMs < (now?.atMs ?? -MINUTE_MS) + MINUTE_MS) return minute
  if (hasMains && readings.watts.house === null) return minute
  const channels = Object.fromEntries(readings.devices.flatMap((device) => Object.entries(device.channels)))
  return { watts: readings.watts, channels, atMs: readings.atMs, isLive: true }
}

/** Where devices are read, what is older than two intervals; else a minute, as the configuration has it. */
export function isOld(
  { atMs }: Pick<Figures, 'atMs'>,
  { nowMs, intervalMs, maxAgeMs }: { nowMs: number; intervalMs: number | undefined; maxAgeMs: number },
): boolean {
  return atMs !== undefined && nowMs - atMs > (intervalMs === undefined ? maxAgeMs : 2 * intervalMs)
}

const AHEAD_RATIO = 1.2
const AHEAD_W = 5

/**
 * By power, the greatest first. Of what has its place already, one goes before another only when it is clearly greater: rows
 * of nearly the same power do not change places with every reading.
 */
export function heldOrder<Item>(before: readonly Item[], wattsOf: (item: Item) => number | null): readonly Item[] {
  const overtakes = (item: Item, ahead: Item) => (wattsOf(item) ?? -1) > (wattsOf(ahead) ?? -1) * AHEAD_RATIO + AHEAD_W
  const order: Item[] = []
  for (const item of before) {
    const place = order.findLastIndex((ahead) => !overtakes(item, ahead)) + 1
    order.splice(place, 0, item)
  }
  return order
}

type Flows = Pick<HouseNumbers, 'fromGrid' | 'toGrid'>

/** What an hour of this power costs; negative: it earns. Null where a price, or the power, is not known. */
export function costPerHour(prices: NonNullable<Tariffs['now']>, { fromGrid, toGrid }: Flows): number | null {
  const { price } = prices.import
  const earned = prices.export ? prices.export.price : 0
  if (fromGrid === null || toGrid === null) return null
  if ((price === null && fromGrid > 0) || (earned === null && toGrid > 0)) return null
  return ((price ?? 0) * fromGrid - (earned ?? 0) * toGrid) / 1000
}
