import { HOUR_MS, MINUTE_MS, type TimeWindow } from '../../src/model/time-window.ts'
import type { SimulatedDevice } from '../doubles/simulated-device.ts'
import { minutesOf } from '../small-house.ts'

/** What a device has ever answered of each minute of a channel, by its location: its past may change. */
export interface Truth {
  /** Asks the device, which must be well, for all of the window that was not noted yet. What it answered before is kept. */
  note(device: SimulatedDevice, names: ReadonlyMap<string, string>, window: TimeWindow): void
  /** What was noted is no longer what the device says. */
  changePast(): void
  /** Whether the device has ever answered so. */
  wasSaid(location: string, atMs: number, value: number): boolean
  /** What it answered last. */
  latest(location: string): ReadonlyMap<number, number>
}

type Minutes = Map<number, number>

export function createTruth(): Truth {
  const earlier = new Map<string, Minutes[]>()
  let latest = new Map<string, Minutes>()
  let notedUntilMs = 0

  function keep(location: string, minutes: Minutes): void {
    earlier.set(location, [...(earlier.get(location) ?? []), minutes])
  }

  return {
    note(device, names, { fromMs: allFromMs, untilMs }) {
      const isComplete = [...names.keys()].some((location) => !latest.has(location))
      // Of the last hour, some may have been taken for closed too early.
      const fromMs = isComplete ? allFromMs : Math.max(allFromMs, notedUntilMs - HOUR_MS)
      const before = latest
      latest = new Map()
      const said = minutesOf(device, [...names.values()], { fromMs, untilMs: untilMs - (untilMs % MINUTE_MS) })
      for (const [location, minutes] of before) {
        keep(location, names.has(location) ? takeFrom(minutes, fromMs) : minutes)
        if (names.has(location)) latest.set(location, minutes)
      }
      for (const [location, name] of names) {
        const minutes = latest.get(location) ?? new Map<number, number>()
        for (const [atMs, value] of said.get(name) ?? []) minutes.set(atMs, value)
        latest.set(location, minutes)
      }
      notedUntilMs = untilMs - (untilMs % MINUTE_MS)
    },
    changePast() {
      for (const [location, minutes] of latest) keep(location, minutes)
      latest = new Map()
    },
    wasSaid: (location, atMs, value) =>
      latest.get(location)?.get(atMs) === value ||
      (earlier.get(location) ?? []).some((minutes) => minutes.get(atMs) === value),
    latest: (location) => latest.get(location) ?? new Map(),
  }
}

/** Takes out what is not older. */
function takeFrom(minutes: Minutes, fromMs: number): Minutes {
  const taken = new Map([...minutes].filter(([atMs]) => atMs >= fromMs))
  for (const atMs of taken.keys()) minutes.delete(atMs)
  return taken
}
