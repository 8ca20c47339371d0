import { at, outOfRange } from '../model/at.ts'
import { CoverState, HOUSE_COLUMNS, type HouseColumn, type Runs } from '../model/house-views.ts'
import { mergeRuns } from '../model/minute-map.ts'
import { ceilToMinute, DAY_MS, intersection, MINUTE_MS, minuteCount, type TimeWindow } from '../model/time-window.ts'
import { BIN_MINUTES, BIN_MS, BINS_A_DAY, type DaySums, LEGACY_BIT } from './day-sums.ts'
import { type DeviceFacts, expectedOf, factsOf, type HouseBase, placesOf, storedUntilMs } from './house-base.ts'
import type { HousePlan } from './house-plan.ts'
import type { DayMinutes } from './rollups.ts'

const completes = new WeakMap<Uint8Array, Uint8Array>()

/** 1 for each row of a day that has all minutes, none of them off the minute; found once, as the sums of a day do not change. */
function completeRows(minutes: Uint8Array): Uint8Array {
  const known = completes.get(minutes)
  if (known) return known
  const rows = Uint8Array.from({ length: minutes.length / BINS_A_DAY }, (_, row) =>
    minutes.subarray(row * BINS_A_DAY, (row + 1) * BINS_A_DAY).every((count) => count === BIN_MINUTES) ? 1 : 0,
  )
  completes.set(minutes, rows)
  return rows
}

/** Something of which minutes are expected: a channel, a device, or what is computed of several. */
export interface Covered {
  readonly expected: TimeWindow
  /** What there is nowhere to be had, oldest first. */
  readonly unmeasured: readonly TimeWindow[]
  /** What is missing elsewhere is still to come. */
  isLoaded(atMs: number): boolean
  /** How many minutes of a half hour are stored, and `LEGACY_BIT`. */
  stored(day: DaySums, bin: number): number
  /** Whether that is all of each half hour of a day, and nothing else: then nobody looks at them one by one. */
  isComplete(day: DaySums): boolean
}

function binOf(minutes: Uint8Array, row: number, bin: number): number {
  const place = row * BINS_A_DAY + bin
  return minutes[place] ?? outOfRange(minutes, place)
}

export function coveredChannel(base: HouseBase, place: number): Covered {
  const facts = factsOf(base, at(base.days.plan().channels, place).device)
  return {
    ...knownOf(base, [facts]),
    expected: expectedOf(base, facts, [place]),
    stored: ({ minutes }, bin) => binOf(minutes, place, bin),
    isComplete: ({ minutes }) => completeRows(minutes)[place] === 1,
  }
}

/** Minutes that all channels of a device have. */
export function coveredDevice(base: HouseBase, facts: DeviceFacts): Covered {
  const places = placesOf(base, facts.name)
  const row = [...base.days.plan().devices.keys()].indexOf(facts.name)
  return {
    ...knownOf(base, [facts]),
    expected: expectedOf(base, facts, places),
    stored({ minutes, completeMinutes }, bin) {
      // A device that no channel is known of yet has no row.
      if (row < 0) return 0
      let legacy = 0
      for (const place of places) legacy |= binOf(minutes, place, bin) & LEGACY_BIT
      return binOf(completeMinutes, row, bin) | legacy
    },
    isComplete: ({ minutes }) =>
      row >= 0 && places.length > 0 && places.every((place) => completeRows(minutes)[place] === 1),
  }
}

/** Minutes that all devices have, of those that are expected of all. */
export function coveredTogether(base: HouseBase): Covered {
  const row = base.days.plan().devices.size
  return {
    ...knownOf(base, base.devices),
    expected: base.devices.map((facts) => expectedOf(base, facts, placesOf(base, facts.name))).reduce(intersection),
    stored: ({ completeMinutes }, bin) => binOf(completeMinutes, row, bin),
    isComplete: ({ completeMinutes }) => completeRows(completeMinutes)[row] === 1,
  }
}

/** Minutes in which a column of the house is known. */
export function coveredColumn(base: HouseBase, name: HouseColumn): Covered {
  const plan = base.days.plan()
  const needed = placesNeeded(plan, name)
  const own = base.devices.flatMap((facts) => {
    const places = placesOf(base, facts.name).filter((place) => needed.includes(place))
    return places.length > 0 ? [{ facts, places }] : []
  })
  const fromMs = Math.max(...own.map(({ facts, places }) => expectedOf(base, facts, places).fromMs))
  const row = HOUSE_COLUMNS.indexOf(name)
  return {
    ...knownOf(
      base,
      own.map(({ facts }) => facts),
    ),
    expected: own.length > 0 ? { fromMs, untilMs: commonEndMs(base) } : { fromMs: 0, untilMs: 0 },
    stored: ({ houseMinutes }, bin) => binOf(houseMinutes, row, bin),
    isComplete: ({ houseMinutes }) => completeRows(houseMinutes)[row] === 1,
  }
}

/** The columns that can be known of a house: none without mains, but for solar. */
export function columnsOf(base: HouseBase): readonly HouseColumn[] {
  const plan = base.days.plan()
  return HOUSE_COLUMNS.filter((name) => placesNeeded(plan, name).length > 0)
}

/** The channels without which a column is not known; none where it never is. */
function placesNeeded({ settings, mains, solar, circuits }: HousePlan, name: HouseColumn): readonly number[] {
  if (name === 'solar') return solar.length > 0 ? solar : mains
  if (mains.length === 0) return []
  const isAhead = settings.wiring === 'ahead'
  if (name === 'house') return isAhead ? mains : [...mains, ...solar]
  if (name === 'used') return [...mains, ...solar]
  if (name === 'unmetered') return [...mains, ...(isAhead ? [] : solar), ...circuits]
  return isAhead ? [...mains, ...solar] : mains
}

/** A device that is further behind the others is not waited for. */
const LATE_MS = 15 * MINUTE_MS

/** The end of the newest minute that every device has stored, but those that are late; 0 where nothing is stored. */
export function commonEndMs(base: HouseBase): number {
  const ends = base.devices.flatMap((facts) => storedUntilMs(base, facts) ?? [])
  const newestMs = Math.max(0, ...ends)
  return Math.min(newestMs, ...ends.filter((end) => end > newestMs - LATE_MS))
}

function knownOf({ days }: HouseBase, devices: readonly DeviceFacts[]): Pick<Covered, 'unmeasured' | 'isLoaded'> {
  const [first, ...others] = devices.map((facts) => facts.unmeasured())
  const all = [...(first ?? []), ...others.flat()].sort((a, b) => a.fromMs - b.fromMs)
  return {
    unmeasured: others.length === 0 ? (first ?? []) : mergeRuns(all, 0),
    isLoaded: (atMs) => days.isCurrent(atMs) && devices.every((facts) => facts.isLoaded(atMs)),
  }
}

/** Counts of minutes of some channel or device. */
export type CoverCounts = Readonly<ReturnType<typeof nothingCovered>>

function nothingCovered() {
  return { expected: 0, stored: 0, missing: 0, notLoaded: 0, unmeasured: 0, isLegacy: false }
}

/** Counts the minutes of a window. */
export function coverWindow(days: readonly DaySums[], { fromMs, untilMs }: TimeWindow, covered: Covered): CoverCounts {
  return at(coverBuckets(days, [fromMs, untilMs], covered), 0)
}

/** Counts the minutes of buckets, by half hours. */
export function coverBuckets(
  days: readonly DaySums[],
  edges: readonly number[],
  { expected, unmeasured, isLoaded, stored: storedOf, isComplete }: Covered,
): CoverCounts[] {
  const counts = Array.from({ length: edges.length - 1 }, nothingCovered)
  const phaseMs = days[0] ? days[0].fromMs % BIN_MS : 0
  let [nextDay, nextUnmeasured] = [-1, 0]
  let day: DaySums | undefined
  let dayUntilMs = -Infinity
  counts.forEach((count, bucket) => {
    const window = intersection({ fromMs: at(edges, bucket), untilMs: at(edges, bucket + 1) }, expected)
    for (
      let binMs = Math.floor((window.fromMs - phaseMs) / BIN_MS) * BIN_MS + phaseMs;
      binMs < window.untilMs;
      binMs += BIN_MS
    ) {
      while (dayUntilMs <= binMs) {
        day = days[++nextDay]
        dayUntilMs = day ? day.fromMs + DAY_MS : Infinity
      }
      if (day && day.fromMs === binMs && dayUntilMs <= window.untilMs && binMs >= window.fromMs && isComplete(day)) {
        count.expected += DAY_MS / MINUTE_MS
        count.stored += DAY_MS / MINUTE_MS
        binMs += DAY_MS - BIN_MS
        continue
      }
      const value = day && day.fromMs <= binMs ? storedOf(day, (binMs - day.fromMs) / BIN_MS) : 0
      const part = intersection({ fromMs: binMs, untilMs: binMs + BIN_MS }, window)
      const want = minuteCount(part)
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

/** The state of each minute of a window, of the worst of a device's channels, or of one. */
export function minuteStates(
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
  const unmeasured = facts.unmeasured()
  let next = 0
  for (const day of days) {
    const part = intersection(intersection(day.window, window), expected)
    const columns = places
      .filter((place) => places.length === 1 || at(day.counts, place) > 0)
      .map((place) => ({ watts: at(day.watts, place), legacy: at(day.legacy, place) }))
    for (let atMs = ceilToMinute(part.fromMs); atMs + MINUTE_MS <= part.untilMs; atMs += MINUTE_MS) {
      const minute = (atMs - day.window.fromMs) / MINUTE_MS
      let isStored = columns.length > 0
      let isLegacy = false
      for (const { watts, legacy } of columns) {
        if (Number.isNaN(watts[minute] ?? outOfRange(watts, minute))) isStored = false
        if ((legacy[minute] ?? outOfRange(legacy, minute)) === 1) isLegacy = true
      }
      while ((unmeasured[next]?.untilMs ?? Infinity) <= atMs) next++
      const isOff = (unmeasured[next]?.fromMs ?? Infinity) <= atMs
      const index = (atMs - window.fromMs) / MINUTE_MS
      if (isStored) states[index] = isLegacy ? CoverState.legacy : CoverState.stored
      else if (isOff) states[index] = CoverState.unmeasured
      else states[index] = facts.isLoaded(atMs) ? CoverState.missing : CoverState.notLoaded
    }
  }
  return states
}
