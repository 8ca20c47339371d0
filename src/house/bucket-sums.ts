import { at, outOfRange } from '../model/at.ts'
import type { HouseColumn, HouseNumbers, HouseValues, Values } from '../model/house-views.ts'
import { DAY_MS, HOUR_MS, type TimeWindow } from '../model/time-window.ts'
import type { TimeZone } from '../model/time-zone.ts'
import { BINS_A_DAY, BIN_MS, ROLLUP_COLUMNS, LEGACY_BIT, type DaySums } from './day-sums.ts'

/** Sums between neighbouring edges: one column per channel that was asked for, and those of the house. */
export interface BucketSums {
  readonly wattHours: readonly Float64Array[]
  readonly minutes: readonly Float64Array[]
  readonly house: Readonly<Record<HouseColumn, Float64Array>>
  readonly houseMinutes: Readonly<Record<HouseColumn, Float64Array>>
  readonly bands: Readonly<Record<'houseMin' | 'houseMax' | 'solarMin' | 'solarMax', Float64Array>>
}

const BANDS = ['houseMin', 'houseMax', 'solarMin', 'solarMax'] as const

/** Into which bucket each half hour of a day falls; -1: into none. */
export interface Buckets {
  readonly length: number
  of(day: DaySums): readonly number[]
}

export function sumBuckets(days: readonly DaySums[], buckets: Buckets, places: readonly number[]): BucketSums {
  const { length } = buckets
  const column = () => new Float64Array(length)
  const all: BucketSums = {
    wattHours: places.map(column),
    minutes: places.map(column),
    house: houseRecord(column),
    houseMinutes: houseRecord(column),
    bands: {
      houseMin: column().fill(NaN),
      houseMax: column().fill(NaN),
      solarMin: column().fill(NaN),
      solarMax: column().fill(NaN),
    },
  }
  for (const day of days) {
    const bucketOf = buckets.of(day)
    places.forEach((place, index) =>
      addBins(bucketOf, { wattHours: day.wattHours, minutes: day.minutes, offset: place * BINS_A_DAY }, [
        at(all.wattHours, index),
        at(all.minutes, index),
      ]),
    )
    ROLLUP_COLUMNS.forEach((name, row) =>
      addBins(bucketOf, { wattHours: day.houseWattHours, minutes: day.houseMinutes, offset: row * BINS_A_DAY }, [
        all.house[name],
        all.houseMinutes[name],
      ]),
    )
    BANDS.forEach((name, row) => {
      const into = all.bands[name]
      const isLeast = name.endsWith('Min')
      bucketOf.forEach((bucket, bin) => {
        if (bucket < 0) return
        const value = at(day.bands, row * BINS_A_DAY + bin)
        const before = at(into, bucket)
        if (!(isLeast ? before <= value : before >= value)) into[bucket] = Number.isNaN(value) ? before : value
      })
    })
  }
  return all
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
  { wattHours, minutes, offset }: { wattHours: Float32Array; minutes: Uint8Array; offset: number },
  [sums, counts]: readonly [Float64Array, Float64Array],
): void {
  for (let bin = 0; bin < BINS_A_DAY; bin++) {
    const bucket = buckets[bin] ?? outOfRange(buckets, bin)
    if (bucket < 0) continue
    const place = offset + bin
    const sum = sums[bucket] ?? outOfRange(sums, bucket)
    const count = counts[bucket] ?? outOfRange(counts, bucket)
    sums[bucket] = sum + (wattHours[place] ?? outOfRange(wattHours, place))
    counts[bucket] = count + ((minutes[place] ?? outOfRange(minutes, place)) & ~LEGACY_BIT)
  }
}

/** Null where no minute is known. */
export function toWattHours(sums: Float64Array, minutes: Float64Array): Values {
  return Array.from(sums, (sum, index) => (at(minutes, index) > 0 ? fine(sum) : null))
}

/** Of several columns together: null where nothing of any is known. */
export function sumOfAll(sums: readonly Float64Array[], minutes: readonly Float64Array[], length: number): Values {
  return Array.from({ length }, (_, index) =>
    minutes.some((column) => at(column, index) > 0)
      ? fine(sums.reduce((sum, column) => sum + at(column, index), 0))
      : null,
  )
}

/** The mean over the minutes that are known. */
export function toMeans(sums: Float64Array, minutes: Float64Array, round = fine): Values {
  return Array.from(sums, (sum, index) => {
    const count = at(minutes, index)
    return count > 0 ? round((sum * 60) / count) : null
  })
}

/** The same, rounded to a watt. */
export function toWatts(sums: Float64Array, minutes: Float64Array): Values {
  return toMeans(sums, minutes, roundWatts)
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

/** The first of each column. */
export function houseNumbers(values: HouseValues, index = 0): HouseNumbers {
  return houseRecord((name) => at(values[name], index))
}

/** So fine that a figure of it is not rounded twice, as 1,234.6 would be to 1,235 and that to 1.24 thousand. */
export function fine(value: number): number {
  return Math.round(value * 1000) / 1000 + 0
}

/** Without a negative zero. */
export function roundWatts(value: number): number {
  return Math.round(value) + 0
}
