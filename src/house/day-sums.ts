import { at, outOfRange } from '../model/at.ts'
import type { HouseColumn } from '../model/house-views.ts'
import { DAY_MS, MINUTE_MS, type TimeWindow } from '../model/time-window.ts'
import type { HousePlan } from './house-plan.ts'
import { existing, houseMinutes, type MinuteBlock } from './minute-block.ts'

/** Every offset of a zone from another differs by a multiple of it, so that local hours are made of complete ones. */
export const BIN_MS = 30 * MINUTE_MS
export const BINS_A_DAY = DAY_MS / BIN_MS
const BIN_MINUTES = BIN_MS / MINUTE_MS
/** Set in a count of minutes of which some lie off the minute. */
export const LEGACY_BIT = 0x80

/** Columns of the house in the order in which they are kept. */
export const ROLLUP_COLUMNS = [
  'house',
  'solar',
  'used',
  'fromGrid',
  'toGrid',
  'unmetered',
] as const satisfies HouseColumn[]

/** Sums of 24 hours by half hour. Of channel (or column) `n`, half hour `h`, at `n * BINS_A_DAY + h`. */
export interface DaySums {
  readonly fromMs: number
  readonly wattHours: Float32Array
  /** How many minutes are stored, and `LEGACY_BIT`. */
  readonly minutes: Uint8Array
  readonly houseWattHours: Float32Array
  readonly houseMinutes: Uint8Array
  /** How many minutes all channels of a device have, by device; then those that all channels of all devices have. */
  readonly completeMinutes: Uint8Array
  /** Least and greatest minute: of house, then of solar. */
  readonly bands: Float32Array
  /** By channel: how many samples, and their sum. */
  readonly counts: Float64Array
  readonly sums: Float64Array
}

/** How many there are of what the sums are made of. */
export interface SumsShape {
  readonly channelCount: number
  readonly deviceCount: number
}

export function shapeOf({ channels, devices }: HousePlan): SumsShape {
  return { channelCount: channels.length, deviceCount: devices.size }
}

export function emptyDaySums(fromMs: number, { channelCount, deviceCount }: SumsShape): DaySums {
  return {
    fromMs,
    wattHours: new Float32Array(channelCount * BINS_A_DAY),
    minutes: new Uint8Array(channelCount * BINS_A_DAY),
    houseWattHours: new Float32Array(ROLLUP_COLUMNS.length * BINS_A_DAY),
    houseMinutes: new Uint8Array(ROLLUP_COLUMNS.length * BINS_A_DAY),
    completeMinutes: new Uint8Array((deviceCount + 1) * BINS_A_DAY),
    bands: new Float32Array(4 * BINS_A_DAY).fill(NaN),
    counts: new Float64Array(channelCount),
    sums: new Float64Array(channelCount),
  }
}

/** Of the minutes of a day, or of a part of one that begins and ends with a half hour. */
export function sumDay(plan: HousePlan, block: MinuteBlock, { fromMs }: Pick<TimeWindow, 'fromMs'>): DaySums {
  const day = emptyDaySums(fromMs, shapeOf(plan))
  const firstMinute = (block.window.fromMs - fromMs) / MINUTE_MS
  block.watts.forEach((watts, place) => {
    const target = { sums: day.wattHours, counts: day.minutes, offset: place * BINS_A_DAY, firstMinute }
    addMinutes(watts, target)
    at(block.legacy, place).forEach((isLegacy, minute) => {
      const bin = target.offset + Math.floor((firstMinute + minute) / BIN_MINUTES)
      if (isLegacy === 1) day.minutes[bin] = at(day.minutes, bin) | LEGACY_BIT
    })
  })
  const house = houseMinutes(plan, block)
  ROLLUP_COLUMNS.forEach((name, row) =>
    addMinutes(house[name], {
      sums: day.houseWattHours,
      counts: day.houseMinutes,
      offset: row * BINS_A_DAY,
      firstMinute,
    }),
  )
  completeColumns(plan, block).forEach((isComplete, row) => {
    isComplete.forEach((is, minute) => {
      const bin = row * BINS_A_DAY + Math.floor((firstMinute + minute) / BIN_MINUTES)
      if (is === 1) day.completeMinutes[bin] = (day.completeMinutes[bin] ?? outOfRange(day.completeMinutes, bin)) + 1
    })
  })
  addBand(house.house, { bands: day.bands, offset: 0, firstMinute })
  addBand(house.solar, { bands: day.bands, offset: 2 * BINS_A_DAY, firstMinute })
  day.counts.set(block.counts)
  day.sums.set(block.sums)
  return day
}

/** 1 in minutes that all channels of a device have, by device, then in those that all have. */
function completeColumns({ devices }: HousePlan, block: MinuteBlock): Uint8Array[] {
  const length = block.watts[0]?.length ?? 0
  const own = [...devices.values()].map((places) => {
    const columns = existing(places, block)
    return Uint8Array.from({ length }, (_, minute) =>
      columns.length > 0 && columns.every((column) => !Number.isNaN(column[minute] ?? outOfRange(column, minute)))
        ? 1
        : 0,
    )
  })
  return [
    ...own,
    Uint8Array.from({ length }, (_, minute) =>
      own.every((column) => (column[minute] ?? outOfRange(column, minute)) === 1) ? 1 : 0,
    ),
  ]
}

interface Target {
  readonly sums: Float32Array
  readonly counts: Uint8Array
  readonly offset: number
  readonly firstMinute: number
}

function addMinutes(watts: Float32Array, { sums, counts, offset, firstMinute }: Target): void {
  for (let start = 0; start < watts.length;) {
    const bin = Math.floor((firstMinute + start) / BIN_MINUTES)
    const end = Math.min(watts.length, (bin + 1) * BIN_MINUTES - firstMinute)
    let [sum, count] = [0, 0]
    for (; start < end; start++) {
      const value = watts[start] ?? outOfRange(watts, start)
      if (Number.isNaN(value)) continue
      sum += value
      count++
    }
    sums[offset + bin] = sum / 60
    counts[offset + bin] = count
  }
}

function addBand(
  watts: Float32Array,
  { bands, offset, firstMinute }: Omit<Target, 'sums' | 'counts'> & { bands: Float32Array },
): void {
  for (let minute = 0; minute < watts.length; minute++) {
    const value = watts[minute] ?? outOfRange(watts, minute)
    if (Number.isNaN(value)) continue
    const bin = offset + Math.floor((firstMinute + minute) / BIN_MINUTES)
    const least = bands[bin] ?? outOfRange(bands, bin)
    const most = bands[bin + BINS_A_DAY] ?? outOfRange(bands, bin + BINS_A_DAY)
    if (!(least <= value)) bands[bin] = value
    if (!(most >= value)) bands[bin + BINS_A_DAY] = value
  }
}
