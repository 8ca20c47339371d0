import { at, outOfRange } from '../model/at.ts'
import type { HouseColumn } from '../model/house-views.ts'
import type { Labels, SeriesSamples } from '../model/series.ts'
import type { Store } from '../model/store.ts'
import { MINUTE_MS, minuteCount, type TimeWindow } from '../model/time-window.ts'
import type { HousePlan } from './house-plan.ts'

/** The minutes of a window as the store has them, one column per channel. */
export interface MinuteBlock {
  readonly window: TimeWindow
  /** The mean over the minute; NaN where the store has no sample of it. */
  readonly watts: readonly Float64Array[]
  /** 1 where a sample is off-grid or duplicate. */
  readonly legacy: readonly Uint8Array[]
  /** Of the samples as they are stored, to tell later whether they have changed. */
  readonly counts: readonly number[]
  readonly sums: readonly number[]
}

type Columns = Pick<MinuteBlock, 'watts' | 'counts'>

/** A channel without any sample of a day on which its device has some did not exist. */
export function existing(places: readonly number[], { watts, counts }: Columns): Float64Array[] {
  return places.flatMap((place) => (at(counts, place) > 0 ? [at(watts, place)] : []))
}

/** A sample holds until the next one of its series, and no longer than this. */
const MAX_HOLD_MS = MINUTE_MS

export async function readMinutes(
  store: Pick<Store, 'readSamples'>,
  { series, window }: { series: readonly Labels[]; window: TimeWindow },
  signal: AbortSignal,
): Promise<MinuteBlock> {
  // The first sample after it says how long the last one holds.
  const read = { fromMs: window.fromMs, untilMs: window.untilMs + MINUTE_MS }
  const columns = (await store.readSamples(series, read, signal)).map((samples) => toMinutes(samples, window))
  return {
    window,
    watts: columns.map(({ watts }) => watts),
    legacy: columns.map(({ legacy }) => legacy),
    counts: columns.map(({ count }) => count),
    sums: columns.map(({ sum }) => sum),
  }
}

/** Those of its minutes that are before a moment. */
export function cutBlock(block: MinuteBlock, untilMs: number): MinuteBlock {
  const length = Math.floor((untilMs - block.window.fromMs) / MINUTE_MS)
  return {
    ...block,
    window: { fromMs: block.window.fromMs, untilMs },
    watts: block.watts.map((watts) => watts.subarray(0, length)),
    legacy: block.legacy.map((flags) => flags.subarray(0, length)),
  }
}

/** The energy of a sample is that of its minute: 5 s of one and 55 s of the next make a full minute. */
function toMinutes({ timestampsMs, values }: Pick<SeriesSamples, 'timestampsMs' | 'values'>, window: TimeWindow) {
  const watts = new Float64Array(minuteCount(window)).fill(NaN)
  const legacy = new Uint8Array(watts.length)
  let [count, sum] = [0, 0]
  for (let index = 0; index < timestampsMs.length; index++) {
    const atMs = timestampsMs[index] ?? outOfRange(timestampsMs, index)
    if (atMs >= window.untilMs) break
    const value = values[index] ?? outOfRange(values, index)
    const nextMs = timestampsMs[index + 1] ?? Infinity
    const minute = Math.floor((atMs - window.fromMs) / MINUTE_MS)
    const before = watts[minute] ?? outOfRange(watts, minute)
    const isFirst = Number.isNaN(before)
    watts[minute] = (isFirst ? 0 : before) + (value * Math.min(MAX_HOLD_MS, nextMs - atMs)) / MINUTE_MS
    if (atMs % MINUTE_MS !== 0 || !isFirst) legacy[minute] = 1
    count++
    sum += value
  }
  return { watts, legacy, count, sum }
}

export type HouseMinutes = Readonly<Record<HouseColumn, Float64Array>>

/**
 * House and grid minute by minute: sums over hours are sums of these, as a minute of 3 kW from the grid and one of 3 kW
 * to it do not cancel out. NaN where nothing is known.
 */
export function houseMinutes(plan: HousePlan, block: Columns): HouseMinutes {
  const length = block.watts[0]?.length ?? 0
  const unknown = () => new Float64Array(length).fill(NaN)
  const [house, solar, used, fromGrid, toGrid, unmetered] = [
    unknown(),
    unknown(),
    unknown(),
    unknown(),
    unknown(),
    unknown(),
  ]
  const isAhead = plan.settings.wiring === 'ahead'
  const mains = plan.mains.map((place) => at(block.watts, place))
  const panels = existing(plan.solar, block)
  const circuits = existing(plan.circuits, block)
  const isSilent = hasSilentDevice(plan, block)
  const knowsSolar = panels.length > 0 || plan.solar.length === 0 || !hasSilentDevice(plan, block, plan.solar)

  for (let minute = 0; minute < length; minute++) {
    const sun = knowsSolar ? Math.max(0, sumAt(panels, minute)) : NaN
    const trunk = mains.length > 0 ? sumAt(mains, minute) : NaN
    const load = isAhead ? trunk : trunk + sun
    const net = isAhead ? trunk - sun : trunk
    if (plan.solar.length > 0) solar[minute] = sun
    else if (!Number.isNaN(trunk)) solar[minute] = 0
    house[minute] = load
    used[minute] = Math.max(0, Math.min(load, sun))
    fromGrid[minute] = Math.max(0, net)
    toGrid[minute] = Math.max(0, -net)
    if (!isSilent) unmetered[minute] = load - sumAt(circuits, minute)
  }
  return { house, solar, used, fromGrid, toGrid, unmetered }
}

/** Whether a device (of these channels) has nothing at all. */
function hasSilentDevice({ devices }: HousePlan, { counts }: Columns, places?: readonly number[]): boolean {
  return [...devices.values()].some(
    (own) => (!places || own.some((place) => places.includes(place))) && own.every((place) => at(counts, place) === 0),
  )
}

function sumAt(columns: readonly Float64Array[], minute: number): number {
  let sum = 0
  for (const column of columns) sum += column[minute] ?? outOfRange(column, minute)
  return sum
}
