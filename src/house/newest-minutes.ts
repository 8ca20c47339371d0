import { at } from '../model/at.ts'
import { HouseError } from '../model/house-views.ts'
import { MINUTE_MS } from '../model/time-window.ts'
import { cutColumn, type HouseBase, factsOf, storedUntilMs } from './house-base.ts'
import type { HousePlan } from './house-plan.ts'

export interface NewestMinutes {
  /** The end of the last minute. */
  readonly untilMs: number
  /** NaN where it is not stored. */
  readonly watts: Float32Array
}

/**
 * The newest minutes of a channel, or the sums of a group of circuits, up to the last that all their devices have stored;
 * undefined where one of these has nothing.
 * @throws HouseError where there is none of that name
 */
export async function newestMinutes(
  base: HouseBase,
  name: string,
  minuteCount: number,
): Promise<NewestMinutes | undefined> {
  const plan = base.days.plan()
  const places = placesNamed(plan, name)
  if (places.length === 0) throw new HouseError('unknown', `there is no circuit and no group ${name}`)
  const devices = new Set(places.map((place) => at(plan.channels, place).device))
  const untilMs = Math.min(...[...devices].map((device) => storedUntilMs(base, factsOf(base, device)) ?? 0))
  if (untilMs === 0) return undefined
  const window = { fromMs: untilMs - minuteCount * MINUTE_MS, untilMs }
  const days = await base.days.minutes(window)
  const columns = places.map((place) => cutColumn(days, window, ({ watts }) => watts[place]))
  const sums = new Float32Array(minuteCount).map((_, minute) =>
    columns.reduce((sum, column) => sum + at(column, minute), 0),
  )
  return { untilMs, watts: sums }
}

function placesNamed({ channels, circuits }: HousePlan, name: string): readonly number[] {
  const own = [...channels.keys()].filter((place) => {
    const { id, location } = at(channels, place)
    return id === name || location === name
  })
  return own.length > 0 ? own : circuits.filter((place) => at(channels, place).group === name)
}
