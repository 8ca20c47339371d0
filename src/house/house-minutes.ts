import { at, outOfRange } from '../model/at.ts'
import { HOUSE_COLUMNS, type HouseColumn } from '../model/house-views.ts'
import type { HousePlan } from './house-plan.ts'
import { existing, type MinuteBlock } from './minute-block.ts'

export type HouseMinutes = Readonly<Record<HouseColumn, Float32Array>>

/**
 * House and grid minute by minute: sums over hours are sums of these, as a minute of 3 kW from the grid and one of 3 kW
 * to it do not cancel out. NaN where nothing is known.
 */
export function houseMinutes(plan: HousePlan, block: MinuteBlock): HouseMinutes {
  const length = block.watts[0]?.length ?? 0
  const columns = Object.fromEntries(HOUSE_COLUMNS.map((name) => [name, new Float32Array(length).fill(NaN)]))
  const { house, solar, used, fromGrid, toGrid, unmetered } = columns
  if (!house || !solar || !used || !fromGrid || !toGrid || !unmetered) throw new RangeError('a column is missing')
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
function hasSilentDevice({ devices }: HousePlan, { counts }: MinuteBlock, places?: readonly number[]): boolean {
  return [...devices.values()].some(
    (own) => (!places || own.some((place) => places.includes(place))) && own.every((place) => at(counts, place) === 0),
  )
}

function sumAt(columns: readonly Float32Array[], minute: number): number {
  let sum = 0
  for (const column of columns) sum += column[minute] ?? outOfRange(column, minute)
  return sum
}
