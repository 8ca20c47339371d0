import { at, outOfRange } from '../model/at.ts'
import { HOUSE_COLUMNS } from '../model/house-views.ts'
import type { SeriesTotal } from '../model/series.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, OLDEST_MS, type TimeWindow } from '../model/time-window.ts'
import type { TimeZone } from '../model/time-zone.ts'
import type { HousePlan } from './house-plan.ts'
import { existing, type HouseMinutes, houseMinutes, type MinuteBlock } from './minute-block.ts'

/** Every offset of a zone from another differs by a multiple of it, so that local hours are made of complete ones. */
export const BIN_MS = 30 * MINUTE_MS
export const BINS_A_DAY = DAY_MS / BIN_MS
export const BIN_MINUTES = BIN_MS / MINUTE_MS
/** Set in a count of minutes of which some lie off the minute. */
export const LEGACY_BIT = 0x80

/** Longer than there are IoTaWatts. */
const MAX_DAYS = 20 * 366

/** What local half hours begin with, after those of UTC. */
export function binPhaseMs(zone: TimeZone, atMs: number): number {
  return (((-zone.offsetMs(atMs) % BIN_MS) + BIN_MS) % BIN_MS) + 0
}

/** Days by number; `phaseMs` is when they begin. */
export function numberDays(phaseMs: number) {
  const dayOf = (atMs: number) => Math.floor((atMs - phaseMs) / DAY_MS)
  const startOf = (day: number) => day * DAY_MS + phaseMs
  return {
    dayOf,
    startOf,
    monthOf: (day: number) => new Date(startOf(day)).toISOString().slice(0, 7),
    daysOf({ fromMs, untilMs }: TimeWindow) {
      const first = Math.max(dayOf(fromMs), dayOf(OLDEST_MS))
      const length = Math.max(0, Math.min(MAX_DAYS, dayOf(untilMs - 1) - first + 1))
      return Array.from({ length }, (_, index) => first + index)
    },
  }
}

/** From 00:00 on a house is asleep for so long. */
const NIGHT_HOURS = 5
/** One more where the clock is put back. */
const MAX_NIGHT_BINS = ((NIGHT_HOURS + 1) * HOUR_MS) / BIN_MS

/** Which half hours of a day the clock shows as night: one night, or the end of one and the beginning of the next. */
export function nightBins(zone: TimeZone, dayMs: number): number[] {
  const isNight = (bin: number) => (zone.localMs(dayMs + bin * BIN_MS) % DAY_MS) / HOUR_MS < NIGHT_HOURS
  return Array.from({ length: BINS_A_DAY }, (_, bin) => bin).filter(isNight)
}

/** Prices change on quarters of an hour. */
export const QUARTER_MINUTES = 15
export const QUARTERS_A_DAY = DAY_MS / (QUARTER_MINUTES * MINUTE_MS)

export const BAND_ROWS = { houseMin: 0, houseMax: 1, solarMin: 2, solarMax: 3 } as const

/** Sums of 24 hours by half hour. Of channel (or of `HOUSE_COLUMNS`) `n`, half hour `h`, at `n * BINS_A_DAY + h`. */
export interface DaySums {
  readonly fromMs: number
  readonly wattHours: Float32Array
  /** How many minutes are stored, and `LEGACY_BIT`. */
  readonly minutes: Uint8Array
  readonly houseWattHours: Float32Array
  readonly houseMinutes: Uint8Array
  /** How many minutes all channels of a device have, by device; then those that all channels of all devices have. */
  readonly completeMinutes: Uint8Array
  /** Least and greatest minute, in the order of `BAND_ROWS`. */
  readonly bands: Float32Array
  /** The house in each minute of the half hours that are `nightBins`; NaN where it is not known. */
  readonly night: Float32Array
  /** What came from the grid less what went to it, in each minute; NaN where it is not known. Empty without tariffs. */
  readonly net: Float64Array
  /**
   * Of circuit `n` of the plan, quarter `q`, at `n * QUARTERS_A_DAY + q`, and of what is not metered as the last one: its
   * part, by its power in each minute, of the watt-hours from the grid, and of the solar that the house used. Empty
   * without tariffs.
   */
  readonly gridShares: Float32Array
  readonly solarShares: Float32Array
  /** By channel: how many samples, and their sum. */
  readonly counts: Float64Array
  readonly sums: Float64Array
}

export function emptyDaySums(fromMs: number, { channels, circuits, devices, isPriced }: HousePlan): DaySums {
  const shares = isPriced ? (circuits.length + 1) * QUARTERS_A_DAY : 0
  return {
    fromMs,
    wattHours: new Float32Array(channels.length * BINS_A_DAY),
    minutes: new Uint8Array(channels.length * BINS_A_DAY),
    houseWattHours: new Float32Array(HOUSE_COLUMNS.length * BINS_A_DAY),
    houseMinutes: new Uint8Array(HOUSE_COLUMNS.length * BINS_A_DAY),
    completeMinutes: new Uint8Array((devices.size + 1) * BINS_A_DAY),
    bands: new Float32Array(4 * BINS_A_DAY).fill(NaN),
    night: new Float32Array(MAX_NIGHT_BINS * BIN_MINUTES).fill(NaN),
    net: new Float64Array(isPriced ? DAY_MS / MINUTE_MS : 0).fill(NaN),
    gridShares: new Float32Array(shares),
    solarShares: new Float32Array(shares),
    counts: new Float64Array(channels.length),
    sums: new Float64Array(channels.length),
  }
}

/** Whether these days were made of as many samples, with the same sum, as the store has of each channel. */
export function haveTotals(days: readonly DaySums[], totals: readonly SeriesTotal[]): boolean {
  const total = (of: 'counts' | 'sums', place: number) => days.reduce((sum, day) => sum + at(day[of], place), 0)
  return totals.every(
    ({ count, sum }, place) =>
      count === total('counts', place) && Math.abs(sum - total('sums', place)) <= 1e-6 * Math.max(1, Math.abs(sum)),
  )
}

/** Of the minutes of a day, or of a part of one that begins and ends with a half hour. */
export function sumDay(
  plan: HousePlan,
  block: MinuteBlock,
  { fromMs, zone }: { readonly fromMs: number; readonly zone: TimeZone },
): DaySums {
  const day = emptyDaySums(fromMs, plan)
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
  HOUSE_COLUMNS.forEach((name, row) =>
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
  addBand(house.house, { bands: day.bands, offset: BAND_ROWS.houseMin * BINS_A_DAY, firstMinute })
  addBand(house.solar, { bands: day.bands, offset: BAND_ROWS.solarMin * BINS_A_DAY, firstMinute })
  nightBins(zone, fromMs).forEach((bin, index) => {
    const minute = bin * BIN_MINUTES - firstMinute
    const part = house.house.subarray(Math.max(0, minute), Math.max(0, minute + BIN_MINUTES))
    day.night.set(part, index * BIN_MINUTES + Math.max(0, -minute))
  })
  if (plan.isPriced)
    addShares(day, { house, circuits: plan.circuits.map((place) => at(block.watts, place)), firstMinute })
  day.counts.set(block.counts)
  day.sums.set(block.sums)
  return day
}

/** In each minute everything bears in proportion to its power; what no circuit takes, nobody has metered. */
function addShares(
  { net, gridShares, solarShares }: DaySums,
  options: {
    readonly house: HouseMinutes
    readonly circuits: readonly Float64Array[]
    readonly firstMinute: number
  },
): void {
  const { house, circuits, firstMinute } = options
  const { fromGrid, toGrid, used } = house
  const powers = new Float64Array(circuits.length + 1)
  for (let minute = 0; minute < fromGrid.length; minute++) {
    const [bought, sold] = [at(fromGrid, minute), at(toGrid, minute)]
    net[firstMinute + minute] = bought - sold
    if (Number.isNaN(bought)) continue
    let [known, sum] = [0, 0]
    circuits.forEach((column, place) => {
      const watts = column[minute] ?? NaN
      if (!Number.isNaN(watts)) known += watts
      powers[place] = watts > 0 ? watts : 0
      sum += at(powers, place)
    })
    const rest = Math.max(0, at(house.house, minute) - known)
    powers[circuits.length] = sum + rest === 0 ? 1 : rest
    sum += at(powers, circuits.length)
    const quarter = Math.floor((firstMinute + minute) / QUARTER_MINUTES)
    const sun = at(used, minute)
    powers.forEach((power, row) => {
      const place = row * QUARTERS_A_DAY + quarter
      gridShares[place] = at(gridShares, place) + (bought * power) / sum / 60
      solarShares[place] = at(solarShares, place) + (sun * power) / sum / 60
    })
  }
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

function addMinutes(watts: Float64Array, { sums, counts, offset, firstMinute }: Target): void {
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
  watts: Float64Array,
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
