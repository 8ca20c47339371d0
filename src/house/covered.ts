import { at, outOfRange } from '../model/at.ts'
import type { HouseColumn } from '../model/house-views.ts'
import { mergeRuns } from '../model/minute-map.ts'
import { intersection, MINUTE_MS, type TimeWindow } from '../model/time-window.ts'
import { BINS_A_DAY, type DaySums, ROLLUP_COLUMNS, LEGACY_BIT } from './day-sums.ts'
import { type DeviceFacts, factsOf, type HouseBase, placesOf, storedUntilMs, expectedOf } from './house-base.ts'
import type { HousePlan } from './house-plan.ts'

/** Something of which minutes are expected: a channel, a device, or what is computed of several. */
export interface Covered {
  readonly expected: TimeWindow
  /** What there is nowhere to be had, oldest first. */
  readonly unmeasured: readonly TimeWindow[]
  /** What is missing elsewhere is still to come. */
  isLoaded(atMs: number): boolean
  /** How many minutes of a half hour are stored, and `LEGACY_BIT`. */
  stored(day: DaySums, bin: number): number
}

export function coveredChannel(base: HouseBase, place: number): Covered {
  const facts = factsOf(base, at(base.days.plan().channels, place).device)
  return {
    ...knownOf(base, [facts]),
    expected: expectedOf(base, facts, [place]),
    stored: ({ minutes }, bin) => minutes[place * BINS_A_DAY + bin] ?? outOfRange(minutes, place * BINS_A_DAY + bin),
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
      const isLegacy = places.some((place) => (at(minutes, place * BINS_A_DAY + bin) & LEGACY_BIT) !== 0)
      return at(completeMinutes, row * BINS_A_DAY + bin) | (isLegacy ? LEGACY_BIT : 0)
    },
  }
}

/** Minutes that all devices have, of those that are expected of all. */
export function coveredTogether(base: HouseBase): Covered {
  const row = base.days.plan().devices.size
  return {
    ...knownOf(base, base.devices),
    expected: base.devices.map((facts) => expectedOf(base, facts, placesOf(base, facts.name))).reduce(intersection),
    stored: ({ completeMinutes }, bin) => at(completeMinutes, row * BINS_A_DAY + bin),
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
  const row = ROLLUP_COLUMNS.indexOf(name)
  return {
    ...knownOf(
      base,
      own.map(({ facts }) => facts),
    ),
    expected: own.length > 0 ? { fromMs, untilMs: commonEndMs(base) } : { fromMs: 0, untilMs: 0 },
    stored: ({ houseMinutes }, bin) => at(houseMinutes, row * BINS_A_DAY + bin),
  }
}

/** The columns that can be known of a house: none without mains, but for solar. */
export function columnsOf(base: HouseBase): readonly HouseColumn[] {
  const plan = base.days.plan()
  return ROLLUP_COLUMNS.filter((name) => placesNeeded(plan, name).length > 0)
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
