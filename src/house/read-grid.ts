import { at } from '../model/at.ts'
import { MINUTE_MS, minuteCount, type TimeWindow } from '../model/time-window.ts'
import type { TimeZone } from '../model/time-zone.ts'
import type { Store } from '../model/store.ts'
import { binPhaseMs, numberDays } from './day-sums.ts'
import type { HousePlan } from './house-plan.ts'
import { houseMinutes, readMinutes } from './minute-block.ts'

/** What came from the grid and what went to it: mean watts by the minute, NaN where nothing is known. */
export interface GridBlock {
  readonly fromMs: number
  readonly fromGrid: Float64Array
  readonly toGrid: Float64Array
}

export interface GridOptions {
  readonly store: Pick<Store, 'readSamples' | 'totals'>
  readonly plan: HousePlan
  readonly zone: TimeZone
  readonly nowMs: number
  readonly window: TimeWindow
  /** Where the store begins to have something: before, it is not asked. */
  readonly firstMs: number
}

/** A window day by day, from the minutes and days that the Energy view is made from. */
export async function* readGrid(options: GridOptions, signal: AbortSignal): AsyncGenerator<GridBlock> {
  const { zone, nowMs, window, firstMs } = options
  const { dayOf, startOf } = numberDays(binPhaseMs(zone, nowMs))
  for (let day = dayOf(window.fromMs); startOf(day) < window.untilMs; day++) {
    const complete = { fromMs: startOf(day), untilMs: startOf(day + 1) }
    const { fromGrid, toGrid } =
      complete.untilMs <= firstMs ? nothingOf(complete) : await readDay(options, complete, signal)
    const minuteOf = (atMs: number) =>
      (Math.min(Math.max(atMs, complete.fromMs), complete.untilMs) - complete.fromMs) / MINUTE_MS
    const [first, end] = [minuteOf(window.fromMs), minuteOf(window.untilMs)]
    yield {
      fromMs: complete.fromMs + first * MINUTE_MS,
      fromGrid: fromGrid.subarray(first, end),
      toGrid: toGrid.subarray(first, end),
    }
  }
}

/** Minutes of which nothing is known. */
export function nothingOf(window: TimeWindow): Omit<GridBlock, 'fromMs'> {
  const nothing = new Float64Array(minuteCount(window)).fill(NaN)
  return { fromGrid: nothing, toGrid: nothing }
}

/** Of mains and solar alone: circuits tell only whether a device without solar of that day was on. */
async function readDay({ store, plan }: GridOptions, window: TimeWindow, signal: AbortSignal) {
  const places = [...plan.mains, ...plan.solar]
  const seriesOf = (of: readonly number[]) => of.map((place) => at(plan.channels, place).series)
  const block = await readMinutes(store, { series: seriesOf(places), window }, signal)
  const columns = new Map(places.map((place, index) => [place, block.watts[index]]))
  const counts = new Map(places.map((place, index) => [place, block.counts[index]]))
  const isEmpty = (of: readonly number[]) => of.every((place) => (counts.get(place) ?? 0) === 0)
  for (const own of plan.devices.values()) {
    const others = own.filter((place) => !counts.has(place))
    if (others.length === 0 || !own.some((place) => plan.solar.includes(place)) || !isEmpty(own)) continue
    const totals = await store.totals(seriesOf(others), window, signal)
    others.forEach((place, index) => counts.set(place, totals[index]?.count))
  }
  const nothing = nothingOf(window).fromGrid
  return houseMinutes(
    { ...plan, circuits: [] },
    {
      watts: plan.channels.map((_, place) => columns.get(place) ?? nothing),
      counts: plan.channels.map((_, place) => counts.get(place) ?? 0),
    },
  )
}
