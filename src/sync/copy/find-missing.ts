import { at, outOfRange } from '../../model/at.ts'
import { emptyMinuteMap, type MinuteMap, runsOf } from '../../model/minute-map.ts'
import { MinuteState, type SeriesCoverage } from '../../model/series.ts'
import { formatWindow, intersection, MINUTE_MS, type TimeWindow } from '../../model/time-window.ts'
import { flushAfterDoubt } from '../session/flush-store.ts'
import type { StoreSession } from '../session/session.ts'
import { addDropped } from '../session/sync-memory.ts'
import { labelsOf, type Target, type TargetSpan } from '../session/target.ts'
import { removeMinutes, removeUnusable } from './unusable-cells.ts'

/** Minutes that are expected and not stored, by target. Complete targets are left out. */
export type Missing = ReadonlyMap<Target, MinuteMap>

export interface MissingQuery extends TargetSpan {
  /** What is missing in the store, also of what it drops. */
  readonly onMissing?: ((missing: Counted) => void) | undefined
  /** Whether values that cannot be used count as missing as well: once they are found, they must not look copied. */
  readonly countsUnusable?: boolean
  /** What the store has of the targets, in their order, where that is known. */
  readonly coverages?: readonly SeriesCoverage[] | undefined
}

/** A minute with any sample at all, off the minute too, is not missing: what others wrote is never added to. */
export async function findMissing(
  session: StoreSession,
  { targets, window, onMissing, countsUnusable = false, coverages: known }: MissingQuery,
  signal: AbortSignal,
): Promise<Missing> {
  if (!known) await flushAfterDoubt(session, signal)
  const coverages = known ?? (await session.store.coverage(labelsOf(targets), window, signal))
  const missing = new Map<Target, MinuteMap>()
  const count = onMissing && countMissing(window)
  targets.forEach((target, index) => {
    const map = minutesIn(target, at(coverages, index), MinuteState.missing)
    if (countsUnusable) count?.add(map)
    removeUnusable(session.memory, target, map)
    if (!countsUnusable) count?.add(map)
    removeDropped(session, target, map)
    if (map.flags.includes(1)) missing.set(target, map)
  })
  if (count) onMissing?.(count.result())
  return missing
}

/** The expected minutes of a target that are in a state. */
export function minutesIn({ expected }: Target, coverage: SeriesCoverage, state: number): MinuteMap {
  const map = emptyMinuteMap(coverage.window)
  const { fromMs } = map.window
  const span = intersection(map.window, expected)
  const last = (span.untilMs - fromMs) / MINUTE_MS
  for (let minute = (span.fromMs - fromMs) / MINUTE_MS; minute < last; minute++)
    if ((coverage.minutes[minute] ?? outOfRange(coverage.minutes, minute)) === state) map.flags[minute] = 1
  return map
}

function countMissing(window: TimeWindow) {
  const union = emptyMinuteMap(window)
  let samples = 0
  return {
    add({ flags }: MinuteMap): void {
      for (let index = 0; index < flags.length; index++)
        if (flags[index] === 1) {
          samples++
          union.flags[index] = 1
        }
    },
    result: (): Counted => ({ samples, minutes: union.flags.reduce((sum, flag) => sum + flag, 0) }),
  }
}

/** Every expected minute of the window, stored or not. */
export function allExpected(targets: readonly Target[], window: TimeWindow): Missing {
  return new Map(
    targets.map((target) => {
      const map = emptyMinuteMap(window)
      const expected = intersection(window, target.expected)
      map.flags.fill(1, (expected.fromMs - window.fromMs) / MINUTE_MS, (expected.untilMs - window.fromMs) / MINUTE_MS)
      return [target, map]
    }),
  )
}

/** Less the series whose samples the store drops: to read them would be in vain, so they count as dropped. */
export function withoutRefused(missing: Missing, { memory }: StoreSession): Missing {
  for (const [{ key }, map] of missing)
    if (memory.drops.refused.has(key)) for (const window of runsOf(map)) addDropped(memory.drops.spans, { key, window })
  return new Map([...missing].filter(([{ key }]) => !memory.drops.refused.has(key)))
}

/** Takes the minutes of a series that the store is known to drop from a map. */
export function removeDropped({ memory }: StoreSession, { key }: Target, map: MinuteMap): void {
  for (const dropped of memory.drops.spans) if (dropped.key === key) removeMinutes(map, dropped.window)
}

/** Samples of all channels, and the minutes in which at least one of them lies. */
export interface Counted {
  readonly samples: number
  readonly minutes: number
}

interface Entry {
  /** When it was first looked at. */
  readonly missing: Counted
  readonly copied: Counted
}

const NOTHING: Counted = { samples: 0, minutes: 0 }

/** What a load has brought into the store, window by window: never more than what was missing there. */
export function createLoadLedger() {
  const entries = new Map<string, Entry>()
  return {
    /** What is missing of a window now: what was missing before and is not, has been copied. */
    begin(window: TimeWindow, left: Counted): void {
      const missing = entries.get(formatWindow(window))?.missing ?? left
      const copied = { samples: missing.samples - left.samples, minutes: missing.minutes - left.minutes }
      entries.set(formatWindow(window), { missing, copied: within(copied, missing) })
    },
    /** Some of the window was read back from the store. */
    confirm(window: TimeWindow, confirmed: Counted): void {
      const { missing, copied } = entries.get(formatWindow(window)) ?? { missing: NOTHING, copied: NOTHING }
      entries.set(formatWindow(window), { missing, copied: within(sumOf(copied, confirmed), missing) })
    },
    copied: () => [...entries.values()].reduce((sum, { copied }) => sumOf(sum, copied), NOTHING),
  }
}

function sumOf(a: Counted, b: Counted): Counted {
  return { samples: a.samples + b.samples, minutes: a.minutes + b.minutes }
}

function within({ samples, minutes }: Counted, most: Counted): Counted {
  return {
    samples: Math.min(most.samples, Math.max(0, samples)),
    minutes: Math.min(most.minutes, Math.max(0, minutes)),
  }
}

/** For `fillWindow`, which tells what it copies of a window. */
export function noteIn(ledger: ReturnType<typeof createLoadLedger>, window: TimeWindow) {
  return {
    onMissing: (missing: Counted) => ledger.begin(window, missing),
    onConfirmed: (copied: Counted) => ledger.confirm(window, copied),
  }
}
