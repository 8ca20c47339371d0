import { DAY_MS, MINUTE_MS, floorToMinute, type TimeWindow } from '../../model/time-window.ts'

/**
 * What can be found of a minute of a series.
 * `missing`: the device has it and the store does not. `filled`: it was missing, and has been copied.
 * `doubled`, `legacy`: `duplicate` and `offGrid` of `MinuteState`. `wrong`: the store has another value than the device.
 * `onlyStored`: the device has nothing there. `uncompared`: its value could not be compared.
 */
export const FINDINGS = ['missing', 'filled', 'doubled', 'wrong', 'legacy', 'onlyStored', 'uncompared'] as const
export type Finding = (typeof FINDINGS)[number]

/** Those that a person looks for in a list. */
const LISTED: ReadonlySet<Finding> = new Set(['missing', 'filled', 'doubled', 'wrong'])

/** Minutes of each kind, and the energy that is at stake with them. */
export type Tally = Record<Finding, number> & { wattHours: number }

/** What was found of one series on one day (UTC). */
export interface DayTally {
  readonly key: string
  readonly dayMs: number
  readonly tally: Readonly<Tally>
  /** Where it lies, oldest first. */
  readonly spans: readonly FoundSpan[]
}

export interface FoundSpan extends TimeWindow {
  readonly finding: Finding
}

export interface Found {
  readonly key: string
  /** From there on, within one day. */
  readonly atMs: number
  readonly finding: Finding
  readonly minutes: number
  readonly wattHours?: number
}

/** Counts what is found, by series and day; what is beyond a limit is only part of the totals. */
export interface Findings {
  add(found: Found): void
  merge(other: Findings): void
  /** Oldest first. */
  days(): readonly DayTally[]
  totals(): ReadonlyMap<string, Readonly<Tally>>
  /** Days of series that had to be left out of the list. */
  omitted(): number
}

const MAX_DAYS = 20_000
const MAX_SPANS = 50_000

interface Day extends DayTally {
  readonly tally: Tally
  readonly spans: FoundSpan[]
}

export function createFindings(): Findings {
  const days = new Map<string, Day>()
  const totals = new Map<string, Tally>()
  let spanCount = 0
  let omitted = 0

  function dayOf(key: string, atMs: number): Day | undefined {
    const dayMs = Math.floor(atMs / DAY_MS) * DAY_MS
    const id = `${dayMs} ${key}`
    const known = days.get(id)
    if (known) return known
    if (days.size >= MAX_DAYS) {
      omitted++
      return undefined
    }
    const day = { key, dayMs, tally: emptyTally(), spans: [] }
    days.set(id, day)
    return day
  }

  function totalOf(key: string): Tally {
    const tally = totals.get(key) ?? emptyTally()
    totals.set(key, tally)
    return tally
  }

  function addSpan(spans: FoundSpan[], span: FoundSpan): void {
    const last = spans.at(-1)
    if (last?.finding === span.finding && last.untilMs === span.fromMs)
      spans[spans.length - 1] = { ...last, untilMs: span.untilMs }
    else if (spanCount < MAX_SPANS) {
      spanCount++
      spans.push(span)
    }
  }

  return {
    add({ key, atMs, finding, minutes, wattHours = 0 }) {
      const day = dayOf(key, atMs)
      for (const tally of [totalOf(key), ...(day ? [day.tally] : [])]) {
        tally[finding] += minutes
        tally.wattHours += wattHours
      }
      if (!day || minutes === 0 || !LISTED.has(finding)) return
      const fromMs = floorToMinute(atMs)
      addSpan(day.spans, { finding, fromMs, untilMs: fromMs + minutes * MINUTE_MS })
    },
    merge(other) {
      for (const { key, dayMs, tally, spans } of other.days()) {
        const day = dayOf(key, dayMs)
        if (!day) continue
        addTally(day.tally, tally)
        for (const span of spans) addSpan(day.spans, span)
      }
      for (const [key, tally] of other.totals()) addTally(totalOf(key), tally)
      omitted += other.omitted()
    },
    days: () =>
      [...days.values()]
        .map((day) => ({ ...day, spans: [...day.spans].sort((a, b) => a.fromMs - b.fromMs) }))
        .sort((a, b) => a.dayMs - b.dayMs || (a.key < b.key ? -1 : 1)),
    totals: () => totals,
    omitted: () => omitted,
  }
}

export function emptyTally(): Tally {
  return { missing: 0, filled: 0, doubled: 0, wrong: 0, legacy: 0, onlyStored: 0, uncompared: 0, wattHours: 0 }
}

export function addTally(sum: Tally, { wattHours, ...minutes }: Readonly<Tally>): void {
  for (const finding of FINDINGS) sum[finding] += minutes[finding]
  sum.wattHours += wattHours
}
