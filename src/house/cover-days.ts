import { at, outOfRange } from '../model/at.ts'
import { CoverState, type Runs } from '../model/house-views.ts'
import { intersection, MINUTE_MS, minuteCount, type TimeWindow } from '../model/time-window.ts'
import type { Covered } from './covered.ts'
import { BIN_MS, BINS_A_DAY, type DaySums, LEGACY_BIT } from './day-sums.ts'
import { type DeviceFacts, factsOf, type HouseBase, placesOf, expectedOf } from './house-base.ts'
import type { DayMinutes } from './rollups.ts'

/** Counts of minutes of some channel or device. */
export interface CoverCounts {
  expected: number
  stored: number
  missing: number
  notLoaded: number
  unmeasured: number
  isLegacy: boolean
}

function nothingCovered(): CoverCounts {
  return { expected: 0, stored: 0, missing: 0, notLoaded: 0, unmeasured: 0, isLegacy: false }
}

/** Counts the minutes of buckets, by half hours. */
export function coverBuckets(
  days: readonly DaySums[],
  edges: readonly number[],
  { expected, unmeasured, isLoaded, stored: storedOf }: Covered,
): CoverCounts[] {
  const counts = Array.from({ length: edges.length - 1 }, nothingCovered)
  const byStart = new Map(days.map((day) => [day.fromMs, day]))
  const phaseMs = days[0] ? days[0].fromMs % BIN_MS : 0
  let nextUnmeasured = 0
  counts.forEach((count, bucket) => {
    const window = intersection({ fromMs: at(edges, bucket), untilMs: at(edges, bucket + 1) }, expected)
    for (
      let binMs = Math.floor((window.fromMs - phaseMs) / BIN_MS) * BIN_MS + phaseMs;
      binMs < window.untilMs;
      binMs += BIN_MS
    ) {
      const part = intersection({ fromMs: binMs, untilMs: binMs + BIN_MS }, window)
      const want = minuteCount(part)
      const day = byStart.get(dayStartOf(binMs, days))
      const value = day ? storedOf(day, (binMs - day.fromMs) / BIN_MS) : 0
      const stored = value & ~LEGACY_BIT
      const missing = Math.max(0, want - stored)
      count.expected += want
      count.stored += Math.min(want, stored)
      if (value !== stored) count.isLegacy = true
      if (missing === 0) continue
      while ((unmeasured[nextUnmeasured]?.untilMs ?? Infinity) <= binMs) nextUnmeasured++
      const known = Math.min(missing, overlapMinutes(unmeasured, nextUnmeasured, part))
      count.unmeasured += known
      count[isLoaded(binMs) ? 'missing' : 'notLoaded'] += missing - known
    }
  })
  return counts
}

function dayStartOf(binMs: number, days: readonly DaySums[]): number {
  const first = days[0]?.fromMs ?? 0
  const dayMs = BIN_MS * BINS_A_DAY
  return first + Math.floor((binMs - first) / dayMs) * dayMs
}

function overlapMinutes(windows: readonly TimeWindow[], from: number, part: TimeWindow): number {
  let minutes = 0
  for (let index = from; index < windows.length; index++) {
    const window = windows[index] ?? outOfRange(windows, index)
    if (window.fromMs >= part.untilMs) break
    minutes += minuteCount(intersection(window, part))
  }
  return minutes
}

/** The worst minute decides, but a short outage of the device does not hide what is stored. */
export function stateOf({ expected, stored, missing, notLoaded, isLegacy }: CoverCounts): CoverState {
  if (expected === 0) return CoverState.unwanted
  if (missing > 0) return CoverState.missing
  if (notLoaded > 0) return CoverState.notLoaded
  if (stored === 0) return CoverState.unmeasured
  return isLegacy ? CoverState.legacy : CoverState.stored
}

export function toRuns(states: Iterable<number>): Runs {
  const runs: number[] = []
  for (const state of states) {
    if (runs.at(-2) === state) runs[runs.length - 1] = at(runs, runs.length - 1) + 1
    else runs.push(state, 1)
  }
  return runs
}

/** The state of each minute of a window, the worst of some channels; `watts` and `legacy` are theirs. */
export function coverMinutes(
  {
    window,
    watts,
    legacy,
    existing,
  }: {
    readonly window: TimeWindow
    readonly watts: readonly Float32Array[]
    readonly legacy: readonly Uint8Array[]
    /** Whether a channel counts at all on that day. */
    readonly existing: readonly boolean[]
  },
  { facts, expected }: { facts: DeviceFacts; expected: TimeWindow },
): Uint8Array {
  const states = new Uint8Array(minuteCount(window)).fill(CoverState.unwanted)
  const hasAny = existing.includes(true)
  const unmeasured = facts.unmeasured()
  let next = 0
  const last = Math.min(states.length, Math.floor((expected.untilMs - window.fromMs) / MINUTE_MS))
  for (let minute = Math.max(0, Math.ceil((expected.fromMs - window.fromMs) / MINUTE_MS)); minute < last; minute++) {
    const atMs = window.fromMs + minute * MINUTE_MS
    let isStored = hasAny
    let isLegacy = false
    for (let index = 0; index < watts.length; index++) {
      if (!(existing[index] ?? outOfRange(existing, index))) continue
      const own = watts[index] ?? outOfRange(watts, index)
      const ownLegacy = legacy[index] ?? outOfRange(legacy, index)
      if (Number.isNaN(own[minute] ?? outOfRange(own, minute))) isStored = false
      if ((ownLegacy[minute] ?? outOfRange(ownLegacy, minute)) === 1) isLegacy = true
    }
    while ((unmeasured[next]?.untilMs ?? Infinity) <= atMs) next++
    const isOff = (unmeasured[next]?.fromMs ?? Infinity) <= atMs
    if (isStored) states[minute] = isLegacy ? CoverState.legacy : CoverState.stored
    else if (isOff) states[minute] = CoverState.unmeasured
    else states[minute] = facts.isLoaded(atMs) ? CoverState.missing : CoverState.notLoaded
  }
  return states
}

/** The state of each minute of a window, of the worst of a device's channels, or of one. */
export function coverDevice(
  base: HouseBase,
  days: readonly DayMinutes[],
  {
    device,
    window,
    places = placesOf(base, device),
  }: { device: string; window: TimeWindow; places?: readonly number[] },
): Uint8Array {
  const facts = factsOf(base, device)
  const expected = expectedOf(base, facts, places)
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
      { facts, expected },
    )
    states.set(covered, Math.round((part.fromMs - window.fromMs) / MINUTE_MS))
  }
  return states
}
