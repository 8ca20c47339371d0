import { MINUTE_MS, type TimeWindow } from '../../src/model/time-window.ts'
import type { SimulatedDevice } from '../../src/simulator/simulated-device.ts'
import { minutesOf } from '../small-house.ts'

/** What a device has ever said of each minute of a channel, by its location: its past may change. */
export interface Truth {
  /** Asks the device for all that it has of the window, as it is now; it must be well. What it said before is kept. */
  note(device: SimulatedDevice, names: ReadonlyMap<string, string>, window: TimeWindow): void
  /** Whether the device has ever said so. */
  wasSaid(location: string, atMs: number, value: number): boolean
  /** What it said last. */
  latest(location: string): ReadonlyMap<number, number>
}

export function createTruth(): Truth {
  const earlier = new Map<string, Map<number, Set<number>>>()
  const latest = new Map<string, Map<number, number>>()
  return {
    note(device, names, { fromMs, untilMs }) {
      for (const [location, minutes] of latest) {
        const known = earlier.get(location) ?? new Map<number, Set<number>>()
        earlier.set(location, known)
        for (const [atMs, value] of minutes) {
          if (atMs < fromMs) continue
          known.set(atMs, (known.get(atMs) ?? new Set()).add(value))
          minutes.delete(atMs)
        }
        if (!names.has(location)) minutes.clear()
      }
      const window = { fromMs, untilMs: untilMs - (untilMs % MINUTE_MS) }
      const said = minutesOf(device, [...names.values()], window)
      for (const [location, name] of names)
        latest.set(location, new Map([...(latest.get(location) ?? []), ...(said.get(name) ?? [])]))
    },
    wasSaid: (location, atMs, value) =>
      latest.get(location)?.get(atMs) === value || (earlier.get(location)?.get(atMs)?.has(value) ?? false),
    latest: (location) => latest.get(location) ?? new Map(),
  }
}
