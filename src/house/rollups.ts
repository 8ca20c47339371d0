import { setMaxListeners } from 'node:events'
import { at } from '../model/at.ts'
import type { RollupState } from '../model/house-views.ts'
import type { Labels } from '../model/series.ts'
import type { Store } from '../model/store.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, OLDEST_MS, type TimeWindow } from '../model/time-window.ts'
import type { TimeZone } from '../model/time-zone.ts'
import type { Clock } from '../runtime/clock.ts'
import { explain } from '../runtime/errors.ts'
import type { Log } from '../runtime/log.ts'
import { BIN_MS, type DaySums, haveTotals, numberDays, sumDay } from './day-sums.ts'
import type { HousePlan } from './house-plan.ts'
import { cutBlock, houseMinutes, type HouseMinutes, type MinuteBlock, readMinutes } from './minute-block.ts'
import { loadSums, saveSums } from './rollup-file.ts'
import { createUpkeep } from './upkeep.ts'

/** A day as it is in the store: its minutes, and the house in them. */
export interface DayMinutes extends MinuteBlock {
  readonly house: HouseMinutes
}

/** Days of 24 hours whose sums are kept, and the minutes of those that were asked for last. */
export interface Rollups {
  plan(): HousePlan
  /** Resolves when it is known which channels there are, since when, and what was kept of them. */
  opened(signal: AbortSignal): Promise<void>
  /** The days that a window touches, oldest first; days of which nothing is kept yet are left out. */
  sums(window: TimeWindow): Promise<readonly DaySums[]>
  /** How many days of a window have not been read yet. */
  unknownDays(window: TimeWindow): number
  /** What is kept at this moment, read again by nobody. */
  kept(window: TimeWindow): readonly DaySums[]
  /** Whether what is kept at that time is as the store has it, or was not yet read after the last write. */
  isCurrent(atMs: number): boolean
  /** The minutes of all days that a window touches. */
  minutes(window: TimeWindow): Promise<readonly DayMinutes[]>
  /** Somebody writes into the store: what is kept of it is to be read again. */
  noteWritten(window: TimeWindow): void
  /** All that is kept is held against the store. */
  verifyAll(): void
  /** The start of the first day of which the store has something; undefined until that is known. */
  firstMs(): number | undefined
  /** The time of the first sample of a series, by its key. */
  firstSampleMs(key: string): number | undefined
  state(): RollupState
  /** Builds and verifies until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>
}

export interface RollupsOptions {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly planNow: () => HousePlan
  /** Makes sure that the plan knows all channels. */
  readonly learn: (signal: AbortSignal) => Promise<void>
  /** Left out: kept in memory alone. */
  readonly folder?: string
  /** What local hours begin with, modulo a half hour. */
  readonly phaseMs: number
  readonly zone: TimeZone
}

/** A store may show a write so much later. */
const STABLE_AFTER_MS = 10_000
/** While recent writes become visible, a day is read at most so often. */
const REREAD_MS = 3_000
/** So many days are read for a question; the rest is left to the background. */
const MAX_AT_ONCE = 3
const MAX_MINUTE_DAYS = 24
const SAVE_MS = 10 * MINUTE_MS
/** What others write is found by then: the last days, and all. */
const [VERIFY_RECENT_MS, VERIFY_ALL_MS] = [HOUR_MS, DAY_MS]
const RECENT_MS = 3 * DAY_MS

export function createRollups(options: RollupsOptions): Rollups {
  const { store, clock, log, planNow, learn, folder, phaseMs, zone } = options
  const upkeep = createUpkeep(step, { clock, log, idleMs: STABLE_AFTER_MS })
  const sums = new Map<number, DaySums>()
  const minutes = new Map<number, { readonly readAtMs: number; readonly day: DayMinutes }>()
  const reading = new Map<number, Promise<DayMinutes>>()
  const writtenAtMs = new Map<number, number>()
  /** When days were read, those without anything too. */
  const known = new Map<number, number>()
  /** Days whose sums are to be made again. */
  const due = new Set<number>()
  const unsaved = new Set<string>()
  const firstSamples = new Map<string, number>()
  const stop = new AbortController()
  setMaxListeners(0, stop.signal)
  let current = planNow()
  let isOpen = false
  let opening: Promise<void> | undefined
  let firstMs: number | undefined
  let verifyRecentMs = 0
  let verifyAllMs = 0
  let saveMs = 0

  const { dayOf, startOf, monthOf, daysOf } = numberDays(phaseMs)

  function plan(): HousePlan {
    const next = planNow()
    if (next.fingerprint !== current.fingerprint) {
      for (const map of [sums, minutes, reading, known, due, unsaved, firstSamples]) map.clear()
      isOpen = false
      firstMs = undefined
      upkeep.wake()
    }
    current = next
    return next
  }

  function isFresh(day: number, readAtMs: number): boolean {
    const wroteMs = writtenAtMs.get(day) ?? -Infinity
    return readAtMs > wroteMs + STABLE_AFTER_MS || (readAtMs > wroteMs && clock.nowMs() - readAtMs < REREAD_MS)
  }

  async function readDay(day: number): Promise<DayMinutes> {
    const last = minutes.get(day)
    if (last && isFresh(day, last.readAtMs)) {
      minutes.delete(day)
      minutes.set(day, last)
      return last.day
    }
    const under = reading.get(day) ?? read(day)
    reading.set(day, under)
    try {
      return await under
    } finally {
      if (reading.get(day) === under) reading.delete(day)
    }
  }

  async function read(day: number): Promise<DayMinutes> {
    const house = plan()
    const readAtMs = clock.nowMs()
    const window = { fromMs: startOf(day), untilMs: startOf(day + 1) }
    const block = await readMinutes(store, { series: seriesOf(house), window }, stop.signal)
    const complete = { ...block, house: houseMinutes(house, block) }
    if (house.fingerprint !== current.fingerprint) return complete
    minutes.delete(day)
    minutes.set(day, { readAtMs, day: complete })
    for (const oldest of minutes.keys()) if (minutes.size > MAX_MINUTE_DAYS) minutes.delete(oldest)
    const made = sumDay(house, block, { ...window, zone })
    if (sums.has(day) || made.counts.some((count) => count > 0)) {
      sums.set(day, made)
      unsaved.add(monthOf(day))
    }
    known.set(day, readAtMs)
    // What may have been too early is read again in the background.
    if (readAtMs > (writtenAtMs.get(day) ?? 0) + STABLE_AFTER_MS) {
      due.delete(day)
      writtenAtMs.delete(day)
    }
    return complete
  }

  const isStale = (day: number) => due.has(day) || (!isOpen && !known.has(day))
  const kept = (window: TimeWindow) => daysOf(window).flatMap((day) => sums.get(day) ?? [])

  /** Again where the plan has changed meanwhile. */
  async function openOnce(): Promise<void> {
    await learn(stop.signal)
    while (!isOpen && plan().channels.length > 0) await open()
  }

  function opened(): Promise<void> {
    plan()
    opening ??= openOnce().finally(() => (opening = undefined))
    return opening
  }

  /** The first days, then what was kept, then what the store has beside it. */
  async function open(): Promise<void> {
    const house = plan()
    const loaded = folder === undefined ? [] : await loadSums(folder, house, { clock, log })
    const window = { fromMs: OLDEST_MS, untilMs: Math.ceil(clock.nowMs() / DAY_MS + 1) * DAY_MS }
    const firsts = await store.firstSamples(seriesOf(house), window, stop.signal)
    if (house.fingerprint !== current.fingerprint) return
    house.channels.forEach(({ key }, place) => {
      const sample = at(firsts, place)
      if (sample) firstSamples.set(key, sample.atMs)
    })
    const oldestMs = Math.min(...firsts.flatMap((sample) => sample?.atMs ?? []))
    for (const made of loaded)
      if (!known.has(dayOf(made.fromMs))) {
        sums.set(dayOf(made.fromMs), made)
        known.set(dayOf(made.fromMs), clock.nowMs())
      }
    firstMs = Number.isFinite(oldestMs) ? startOf(dayOf(oldestMs)) : undefined
    if (firstMs !== undefined)
      for (const day of daysOf({ fromMs: firstMs, untilMs: clock.nowMs() })) if (!known.has(day)) due.add(day)
    isOpen = true
    verifyAllMs = 0
  }

  /** Days that hold other samples than those they were made of are due again. */
  async function verify(fromMs: number): Promise<void> {
    const house = plan()
    const months = new Map<string, number[]>()
    for (const day of sums.keys())
      if (startOf(day) >= fromMs && !due.has(day)) months.set(monthOf(day), [...(months.get(monthOf(day)) ?? []), day])
    for (const days of months.values())
      if (!(await areTrue(house, days))) for (const day of days) if (!(await areTrue(house, [day]))) due.add(day)
  }

  async function areTrue(house: HousePlan, days: readonly number[]): Promise<boolean> {
    const window = { fromMs: startOf(Math.min(...days)), untilMs: startOf(Math.max(...days) + 1) }
    const totals = await store.totals(seriesOf(house), window, stop.signal)
    // It has nothing to hold against them any more.
    return house.fingerprint !== current.fingerprint || haveTotals(kept(window), totals)
  }

  async function save(): Promise<void> {
    saveMs = clock.nowMs() + SAVE_MS
    if (folder === undefined) return
    const house = current
    for (const month of unsaved) {
      const days = [...sums].filter(([day]) => monthOf(day) === month && !due.has(day)).map(([, made]) => made)
      unsaved.delete(month)
      try {
        await saveSums(folder, { month, days }, house)
      } catch (error) {
        unsaved.add(month)
        throw error
      }
    }
  }

  /** True when there is nothing to do. */
  async function step(): Promise<boolean> {
    await opened()
    if (!isOpen) return true
    const nowMs = clock.nowMs()
    if (nowMs >= verifyRecentMs) {
      const isAll = nowMs >= verifyAllMs
      verifyRecentMs = nowMs + VERIFY_RECENT_MS
      if (isAll) verifyAllMs = nowMs + VERIFY_ALL_MS
      await verify(isAll ? 0 : nowMs - RECENT_MS)
    }
    // The newest first: it is looked at most.
    const next = [...due].filter((day) => nowMs > (writtenAtMs.get(day) ?? 0) + STABLE_AFTER_MS)
    if (next.length > 0) await readDay(Math.max(...next))
    if (unsaved.size > 0 && (nowMs >= saveMs || due.size === 0)) await save()
    return next.length === 0
  }

  return {
    plan,
    async opened(signal) {
      signal.throwIfAborted()
      await opened()
      signal.throwIfAborted()
    },
    kept,
    unknownDays: (window) => daysOf(window).filter((day) => due.has(day) && !known.has(day)).length,
    isCurrent(atMs) {
      if (isOpen && atMs < (firstMs ?? Infinity)) return true
      return (known.get(dayOf(atMs)) ?? -1) > (writtenAtMs.get(dayOf(atMs)) ?? -1)
    },
    async sums(window) {
      plan()
      const stale = daysOf(window).filter(isStale)
      for (const day of stale.slice(-MAX_AT_ONCE)) await readDay(day)
      const days = kept(window)
      const last = days.at(-1)
      if (!last || (window.untilMs - phaseMs) % BIN_MS === 0 || last.fromMs + DAY_MS <= window.untilMs) return days
      const part = cutBlock(await readDay(dayOf(last.fromMs)), window.untilMs)
      return [...days.slice(0, -1), sumDay(current, part, { fromMs: last.fromMs, zone })]
    },
    async minutes(window) {
      const found: DayMinutes[] = []
      for (const day of daysOf(window)) found.push(await readDay(day))
      return found
    },
    noteWritten(window) {
      for (const day of daysOf(window)) {
        due.add(day)
        writtenAtMs.set(day, clock.nowMs())
        firstMs = Math.min(firstMs ?? Infinity, startOf(day))
      }
      upkeep.wake()
    },
    verifyAll() {
      verifyRecentMs = verifyAllMs = 0
      upkeep.wake()
    },
    firstMs: () => firstMs,
    firstSampleMs: (key) => firstSamples.get(key),
    state() {
      const totalDays = firstMs === undefined ? 0 : daysOf({ fromMs: firstMs, untilMs: clock.nowMs() }).length
      // Today is always about to change.
      const openDays = [...due].filter((day) => !known.has(day)).length
      const failure = upkeep.failure()
      return {
        state: failure ? 'failing' : isOpen && openDays === 0 ? 'ready' : 'building',
        doneDays: Math.max(0, totalDays - openDays),
        totalDays,
        ...(failure && { failure }),
      }
    },
    async run(signal) {
      signal.addEventListener('abort', () => stop.abort(signal.reason), { once: true })
      await upkeep.run(signal)
      await save().catch((error: unknown) => log.warn(`sums of hours and days were not kept: ${explain(error)}`))
    },
  }
}

function seriesOf({ channels }: HousePlan): Labels[] {
  return channels.map(({ series }) => series)
}
