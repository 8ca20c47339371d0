import { at, outOfRange } from '../model/at.ts'
import { HOUSE_COLUMNS, type HouseColumn, type HouseNumbers, type Values } from '../model/house-views.ts'
import { DAY_MS, HOUR_MS, type TimeWindow } from '../model/time-window.ts'
import type { TimeZone } from '../model/time-zone.ts'
import { BAND_ROWS, BINS_A_DAY, BIN_MS, LEGACY_BIT, type DaySums } from './day-sums.ts'

/** Watt-hours by bucket, and how many minutes are known of each. */
export interface Sums {
  readonly wattHours: Float64Array
  readonly minutes: Float64Array
}

/** Sums between neighbouring edges: those of each channel that was asked for, and those of the house. */
export interface BucketSums {
  readonly channels: readonly Sums[]
  readonly house: Readonly<Record<HouseColumn, Sums>>
}

/** Into which bucket each half hour of a day falls; -1: into none. */
export interface Buckets {
  readonly length: number
  of(day: DaySums): readonly number[]
}

export function sumBuckets(days: readonly DaySums[], buckets: Buckets, places: readonly number[]): BucketSums {
  const { length } = buckets
  const none = () => ({ wattHours: new Float64Array(length), minutes: new Float64Array(length) })
  const all: BucketSums = { channels: places.map(none), house: houseRecord(none) }
  for (const day of days) {
    const bucketOf = buckets.of(day)
    const { wattHours, minutes, houseWattHours, houseMinutes } = day
    places.forEach((place, index) => addBins(bucketOf, { wattHours, minutes, row: place }, at(all.channels, index)))
    HOUSE_COLUMNS.forEach((name, row) =>
      addBins(bucketOf, { wattHours: houseWattHours, minutes: houseMinutes, row }, all.house[name]),
    )
  }
  return all
}

/** The least and the greatest minute of each bucket; NaN where none is known. */
export function bandsBetween(days: readonly DaySums[], buckets: Buckets): Record<keyof typeof BAND_ROWS, Float64Array> {
  const band = (name: keyof typeof BAND_ROWS) => {
    const into = new Float64Array(buckets.length).fill(NaN)
    const isLeast = name.endsWith('Min')
    for (const day of days)
      buckets.of(day).forEach((bucket, bin) => {
        const value = at(day.bands, BAND_ROWS[name] * BINS_A_DAY + bin)
        if (bucket < 0 || Number.isNaN(value)) return
        const before = at(into, bucket)
        if (!(isLeast ? before <= value : before >= value)) into[bucket] = value
      })
    return into
  }
  return {
    houseMin: band('houseMin'),
    houseMax: band('houseMax'),
    solarMin: band('solarMin'),
    solarMax: band('solarMax'),
  }
}

/** Between neighbouring edges, which lie on half hours; beyond the last one, where it does not, the days hold nothing. */
export function bucketsBetween(edges: readonly number[]): Buckets {
  return {
    length: edges.length - 1,
    of({ fromMs }) {
      let bucket = lastEdgeBefore(edges, fromMs)
      return Array.from({ length: BINS_A_DAY }, (_, bin) => {
        const atMs = fromMs + bin * BIN_MS
        while (bucket + 1 < edges.length && atMs >= (edges[bucket + 1] ?? outOfRange(edges, bucket + 1))) bucket++
        return bucket < edges.length - 1 ? bucket : -1
      })
    },
  }
}

/** All of a window in one. */
export function oneBucket({ fromMs, untilMs }: TimeWindow): Buckets {
  return bucketsBetween([fromMs, untilMs])
}

/** By the hour that the clock shows. */
export function bucketsByClock(zone: TimeZone, { fromMs, untilMs }: TimeWindow): Buckets {
  return {
    length: 24,
    of: (day) =>
      Array.from({ length: BINS_A_DAY }, (_, bin) => {
        const atMs = day.fromMs + bin * BIN_MS
        return atMs >= fromMs && atMs < untilMs ? Math.floor((zone.localMs(atMs) % DAY_MS) / HOUR_MS) : -1
      }),
  }
}

function lastEdgeBefore(edges: readonly number[], atMs: number): number {
  let [low, high] = [0, edges.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((edges[middle] ?? outOfRange(edges, middle)) <= atMs) low = middle + 1
    else high = middle
  }
  return low - 1
}

function addBins(
  buckets: readonly number[],
  { wattHours, minutes, row }: { wattHours: Float32Array; minutes: Uint8Array; row: number },
  { wattHours: sums, minutes: counts }: Sums,
): void {
  for (let bin = 0; bin < BINS_A_DAY;) {
    const bucket = buckets[bin] ?? outOfRange(buckets, bin)
    let [sum, count] = [0, 0]
    for (; bin < BINS_A_DAY && buckets[bin] === bucket; bin++) {
      const place = row * BINS_A_DAY + bin
      sum += wattHours[place] ?? outOfRange(wattHours, place)
      count += (minutes[place] ?? outOfRange(minutes, place)) & ~LEGACY_BIT
    }
    if (bucket < 0) continue
    sums[bucket] = (sums[bucket] ?? outOfRange(sums, bucket)) + sum
    counts[bucket] = (counts[bucket] ?? outOfRange(counts, bucket)) + count
  }
}

/** Null where no minute is known. */
export function toWattHours({ wattHours, minutes }: Sums): Values {
  return Array.from(wattHours, (sum, index) => (at(minutes, index) > 0 ? fine(sum) : null))
}

/** Of all channels together: null where nothing of any is known. */
export function sumOfAll({ channels, house }: BucketSums): Values {
  return Array.from(house.house.wattHours, (_, bucket) =>
    channels.some(({ minutes }) => at(minutes, bucket) > 0)
      ? fine(channels.reduce((sum, { wattHours }) => sum + at(wattHours, bucket), 0))
      : null,
  )
}

/** Of several columns, of what is known of them. */
export function sumKnown(columns: readonly Values[], length = columns[0]?.length ?? 0): Values {
  return Array.from({ length }, (_, index) => {
    const known = columns.flatMap((column) => at(column, index) ?? [])
    return known.length === 0 ? null : fine(known.reduce((sum, value) => sum + value, 0))
  })
}

/** The mean over the minutes that are known. */
export function toMeans({ wattHours, minutes }: Sums, round = fine): Values {
  return Array.from(wattHours, (sum, index) => {
    const count = at(minutes, index)
    return count > 0 ? round((sum * 60) / count) : null
  })
}

export function toRounded(values: Float32Array | Float64Array): Values {
  return Array.from(values, (value) => (Number.isNaN(value) ? null : roundWatts(value)))
}

/** The same of each column of the house. */
export function houseRecord<T>(of: (name: HouseColumn) => T): Readonly<Record<HouseColumn, T>> {
  return {
    house: of('house'),
    solar: of('solar'),
    used: of('used'),
    fromGrid: of('fromGrid'),
    toGrid: of('toGrid'),
    unmetered: of('unmetered'),
  }
}

/** Watt-hours of the first bucket. */
export function houseWattHours({ house }: BucketSums): HouseNumbers {
  return houseRecord((name) => at(toWattHours(house[name]), 0))
}

/** So fine that a figure of it is not rounded twice, as 1,234.6 would be to 1,235 and that to 1.24 thousand. */
export function fine(value: number): number {
  return Math.round(value * 1000) / 1000 + 0
}

/** Without a negative zero. */
export function roundWatts(value: number): number {
  return Math.round(value) + 0
}
