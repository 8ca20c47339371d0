import { at } from '../model/at.ts'
import type { LiveReadings } from '../model/daemon.ts'
import type { Live } from '../model/house-views.ts'
import { houseRecord, toRounded } from './bucket-sums.ts'
import type { HouseBase } from './house-base.ts'
import { houseMinutes } from './minute-block.ts'

/** The house as the devices read at this moment, by the same plan as its minutes. */
export function showLive({ days, devices }: HouseBase, { intervalMs, devices: readings }: LiveReadings): Live {
  const plan = days.plan()
  const wattsOf = (device: string) => readings.get(device)?.watts
  const columns = plan.channels.map(({ device, location }) => Float64Array.of(wattsOf(device)?.get(location) ?? NaN))
  const counts = plan.channels.map(({ device, location }) => (wattsOf(device)?.has(location) === true ? 1 : 0))
  const house = houseMinutes(plan, { watts: columns, counts })
  const first = (column: Float64Array) => toRounded(column)[0] ?? null
  const times = [...readings.values()].map(({ atMs }) => atMs)
  return {
    intervalMs,
    ...(times.length > 0 && { atMs: Math.min(...times) }),
    watts: houseRecord((name) => first(house[name])),
    devices: devices.map(({ name }) => {
      const atMs = readings.get(name)?.atMs
      const places = plan.devices.get(name) ?? []
      return {
        name,
        ...(atMs !== undefined && { atMs }),
        channels: Object.fromEntries(places.map((place) => [at(plan.channels, place).id, first(at(columns, place))])),
      }
    }),
  }
}
