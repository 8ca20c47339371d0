import { at } from '../model/at.ts'
import { HouseError } from '../model/house-views.ts'
import { MINUTE_MS, minuteCount, type TimeWindow } from '../model/time-window.ts'
import { dayOf, type TimeZone } from '../model/time-zone.ts'
import type { Clock } from '../runtime/clock.ts'
import { BIN_MS, BINS_A_DAY, LEGACY_BIT } from './day-sums.ts'
import type { DayMinutes, Rollups } from './rollups.ts'

/** What every view is made from. */
export interface HouseBase {
  readonly days: Rollups
  readonly zone: TimeZone
  readonly clock: Clock
  readonly devices: readonly DeviceFacts[]
}

export function factsOf({ devices }: HouseBase, name: string): DeviceFacts {
  const facts = devices.find((device) => device.name === name)
  if (!facts)
    throw new HouseError(
      'unknown',
      `there is no device ${name}; there are ${devices.map((device) => device.name).join(', ')}`,
    )
  return facts
}

export function placesOf(base: HouseBase, device: string): readonly number[] {
  return base.days.plan().devices.get(device) ?? []
}

/** The place of a channel by its id. @throws HouseError */
export function placeById({ days }: HouseBase, id: string): number {
  const place = days.plan().channels.findIndex((channel) => channel.id === id)
  if (place < 0) throw new HouseError('unknown', `there is no channel ${id}`)
  return place
}

/** Those of a list that was cut at its commas, which names of channels may hold. @throws HouseError */
export function placesById(base: HouseBase, pieces: readonly string[]): number[] {
  const ids = base.days.plan().channels.map(({ id }) => id)
  const longest = Math.max(1, ...ids.map((id) => id.split(',').length))
  const places: number[] = []
  for (let from = 0; from < pieces.length;) {
    const complete = Array.from({ length: longest }, (_, index) => longest - index).find(
      (length) => from + length <= pieces.length && ids.includes(pieces.slice(from, from + length).join(',')),
    )
    places.push(placeById(base, pieces.slice(from, from + (complete ?? 1)).join(',')))
    from += complete ?? 1
  }
  return places
}

export function today({ zone, clock }: HouseBase): number {
  return dayOf(zone, clock.nowMs())
}

/** The end of the newest minute that is stored of a device; undefined where nothing is. */
export function storedUntilMs({ days, clock }: HouseBase, facts: DeviceFacts): number | undefined {
  const known = facts.storedUntilMs()
  if (known !== undefined) return known
  const firstMs = days.firstMs()
  const places = days.plan().devices.get(facts.name) ?? []
  for (const day of firstMs === undefined ? [] : days.kept({ fromMs: firstMs, untilMs: clock.nowMs() }).toReversed())
    for (let bin = BINS_A_DAY - 1; bin >= 0; bin--) {
      const stored = Math.max(...places.map((place) => at(day.minutes, place * BINS_A_DAY + bin) & ~LEGACY_BIT))
      if (stored > 0) return day.fromMs + bin * BIN_MS + stored * MINUTE_MS
    }
  return undefined
}

/** The end of the newest minute that any device has stored. */
export function newestMs(base: HouseBase): number | undefined {
  const ends = base.devices.flatMap((facts) => storedUntilMs(base, facts) ?? [])
  return ends.length > 0 ? Math.max(...ends) : undefined
}

/** What is expected of some channels of a device, up to what its last cycle has stored. */
export function expectedOf(base: HouseBase, facts: DeviceFacts, places: readonly number[]): TimeWindow {
  const { channels } = base.days.plan()
  // Of a device that has not answered yet, from where the store has it.
  const starts = places.flatMap((place) => {
    const key = at(channels, place).key
    return facts.expectedFromMs(key) ?? base.days.firstSampleMs(key) ?? []
  })
  const untilMs = storedUntilMs(base, facts) ?? 0
  const fromMs = starts.length > 0 ? Math.min(...starts) : (base.days.firstMs() ?? untilMs)
  return { fromMs: Math.min(fromMs, untilMs), untilMs }
}

/** A column of days, cut to a window. */
export function cutColumn(
  days: readonly DayMinutes[],
  window: TimeWindow,
  pick: (day: DayMinutes) => Float64Array | undefined,
): Float64Array {
  const column = new Float64Array(minuteCount(window)).fill(NaN)
  for (const day of days) {
    const values = pick(day)
    if (!values) continue
    const shift = Math.round((day.window.fromMs - window.fromMs) / MINUTE_MS)
    const from = Math.max(0, -shift)
    const until = Math.min(values.length, column.length - shift)
    if (until > from) column.set(values.subarray(from, until), from + shift)
  }
  return column
}

/** What is known of a device beside its samples. */
export interface DeviceFacts {
  readonly name: string
  /** From where a series is expected, by its key; undefined until the device has answered. */
  expectedFromMs(key: string): number | undefined
  /** The end of the newest minute that a cycle has stored; undefined before the first. */
  storedUntilMs(): number | undefined
  /** What the device was found not to have, oldest first. */
  unmeasured(): readonly TimeWindow[]
  /** Whether what is expected of it is loaded at that time. */
  isLoaded(atMs: number): boolean
}
