import { at } from '../model/at.ts'
import { CoverState } from '../model/house-views.ts'
import { MINUTE_MS, intersection, minuteCount, type TimeWindow } from '../model/time-window.ts'
import { coverMinutes } from './cover-days.ts'
import { factsOf, placesOf, wantedOf, type HistoryBase } from './house-base.ts'
import type { DayMinutes } from './rollups.ts'

/** The state of each minute of a window, of the worst of a device's channels, or of one. */
export function coverDevice(
  base: HistoryBase,
  days: readonly DayMinutes[],
  {
    device,
    window,
    places = placesOf(base, device),
  }: { device: string; window: TimeWindow; places?: readonly number[] },
): Uint8Array {
  const facts = factsOf(base, device)
  const wanted = wantedOf(base, facts, places)
  const states = new Uint8Array(minuteCount(window)).fill(CoverState.unwanted)
  for (const day of days) {
    const part = intersection(day.window, window)
    const [from, until] = [part.fromMs, part.untilMs].map((atMs) => Math.round((atMs - day.window.fromMs) / MINUTE_MS))
    if (minuteCount(part) === 0) continue
    const covered = coverMinutes(
      {
        window: part,
        watts: places.map((place) => at(day.watts, place).subarray(from, until)),
        legacy: places.map((place) => at(day.legacy, place).subarray(from, until)),
        existing: places.map((place) => places.length === 1 || at(day.counts, place) > 0),
      },
      { facts, wanted },
    )
    states.set(covered, Math.round((part.fromMs - window.fromMs) / MINUTE_MS))
  }
  return states
}
