import { at, outOfRange } from '../model/at.ts'
import type { Energy } from '../model/house-views.ts'
import { MINUTE_MS, type TimeWindow } from '../model/time-window.ts'
import { fine, roundWatts } from './bucket-sums.ts'
import { BAND_ROWS, BIN_MINUTES, BIN_MS, BINS_A_DAY, type DaySums, nightBins } from './day-sums.ts'
import { cutColumn, type HouseBase } from './house-base.ts'

const NAMED_CIRCUITS = 3

/** The greatest minute of the house, and what used most in it. Of all days it reads the minutes of one. */
export async function findPeak(
  base: HouseBase,
  days: readonly DaySums[],
  window: TimeWindow,
): Promise<Energy['peak'] | undefined> {
  const fromMs = highestHalfHour(days, window)
  if (fromMs === undefined) return undefined
  const half = { fromMs, untilMs: Math.min(fromMs + BIN_MS, window.untilMs) }
  const minutes = await base.days.minutes(half)
  const house = cutColumn(minutes, half, (day) => day.house.house)
  const minute = house.reduce((best, watts, index) => (watts > (house[best] ?? NaN) || best < 0 ? index : best), -1)
  const watts = house[minute]
  if (watts === undefined || Number.isNaN(watts)) return undefined
  const { channels, circuits } = base.days.plan()
  const all = circuits.map((place) => ({
    id: at(channels, place).id,
    watts: roundWatts(cutColumn(minutes, half, (day) => at(day.watts, place))[minute] ?? 0),
  }))
  return {
    atMs: half.fromMs + minute * MINUTE_MS,
    watts: roundWatts(watts),
    circuits: all
      .filter((circuit) => circuit.watts > 0)
      .toSorted((a, b) => b.watts - a.watts)
      .slice(0, NAMED_CIRCUITS),
  }
}

function highestHalfHour(days: readonly DaySums[], { fromMs, untilMs }: TimeWindow): number | undefined {
  let [highest, foundMs] = [-Infinity, NaN]
  for (const day of days)
    for (let bin = 0; bin < BINS_A_DAY; bin++) {
      const [atMs, watts] = [day.fromMs + bin * BIN_MS, at(day.bands, BAND_ROWS.houseMax * BINS_A_DAY + bin)]
      if (atMs >= fromMs && atMs < untilMs && watts > highest) [highest, foundMs] = [watts, atMs]
    }
  return Number.isNaN(foundMs) ? undefined : foundMs
}

const BASE_SHARE = 0.05

/** What a house draws when nobody does anything: the 5th percentile of its minutes from 00:00 to 05:00. */
export function findBaseLoad(
  { zone }: HouseBase,
  days: readonly DaySums[],
  { fromMs, untilMs }: TimeWindow,
): Energy['baseLoad'] | undefined {
  const nights = days.flatMap((day) =>
    nightBins(zone, day.fromMs).flatMap((bin, index) => {
      const atMs = day.fromMs + bin * BIN_MS
      const minutes = day.night.subarray(index * BIN_MINUTES, (index + 1) * BIN_MINUTES)
      return atMs >= fromMs && atMs < untilMs ? [minutes] : []
    }),
  )
  const known = new Float32Array(nights.length * BIN_MINUTES)
  nights.forEach((minutes, index) => known.set(minutes, index * BIN_MINUTES))
  const measured = known.filter((watts) => !Number.isNaN(watts))
  if (measured.length === 0) return undefined
  const rank = Math.ceil(BASE_SHARE * measured.length) - 1
  return { watts: fine(nthSmallest(measured, rank)), minutes: measured.length }
}

/** In the order that sorting would give, but only as far as `rank`: the nights of a year are a hundred thousand values. */
export function nthSmallest(values: Float32Array, rank: number): number {
  let [low, high] = [0, values.length - 1]
  while (low < high) {
    const pivot = at(values, (low + high) >> 1)
    let [left, right] = [low, high]
    while (left <= right) {
      while ((values[left] ?? outOfRange(values, left)) < pivot) left++
      while ((values[right] ?? outOfRange(values, right)) > pivot) right--
      if (left > right) break
      const swapped = values[left] ?? outOfRange(values, left)
      values[left++] = values[right] ?? outOfRange(values, right)
      values[right--] = swapped
    }
    if (rank <= right) high = right
    else if (rank >= left) low = left
    else break
  }
  return at(values, rank)
}
