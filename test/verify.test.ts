import { describe, expect, it } from 'vitest'
import { DEFAULT_LABEL_RULES } from '../src/labels/default-rules.ts'
import { labelsFor } from '../src/labels/labels-for.ts'
import { type SeriesSamples } from '../src/model/series.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, floorToMinute, type TimeWindow } from '../src/model/time-window.ts'
import { seededRandom } from '../src/runtime/random.ts'
import { createSimulatedClock } from '../src/simulator/simulated-clock.ts'
import { createSimulatedDevice } from '../src/simulator/simulated-device.ts'
import { createSimulatedStore } from '../src/simulator/store-simulated.ts'
import { createDirectQueue } from '../src/sync/device-work.ts'
import type { Finding } from '../src/sync/verify/findings.ts'
import { verifyWork, type VerifyOptions, type VerifyReport } from '../src/sync/verify/verify-device.ts'
import { channelsNamed, inProcess, minutesOf, settingsFor, SMALL_CHANNELS, smallUnit, sourceOf } from './small-house.ts'

const PATTERNS = process.env['LONG'] ? 100 : 10
const FIRST_SEED = Number(process.env['SEED'] ?? 1)
const DAYS = 75
const NOW_MS = Date.UTC(2024, 5, 1, 12, 0, 35)
const UNTIL_MS = floorToMinute(NOW_MS)
const FROM_MS = Date.UTC(2024, 5, 1) - DAYS * DAY_MS
const PAGE_ROWS = 1000
const OUTAGES: readonly TimeWindow[] = [
  span(20 * DAY_MS + 3 * HOUR_MS + 17_000, 5 * HOUR_MS),
  span(41 * DAY_MS, 40 * MINUTE_MS),
  span(50 * DAY_MS + 7 * HOUR_MS, 3 * DAY_MS),
]
const { signal } = new AbortController()

type Minutes = ReadonlyMap<string, ReadonlyMap<number, number>>
/** A hole that is cut out of the store. */
interface Hole {
  readonly window: TimeWindow
  readonly channels: readonly string[]
}

function span(afterMs: number, lengthMs: number): TimeWindow {
  return { fromMs: FROM_MS + afterMs, untilMs: FROM_MS + afterMs + lengthMs }
}

const source = () => sourceOf(smallUnit('garage'), { fromMs: FROM_MS, outages: { garage: OUTAGES } })
const measured = minutesOf(
  createSimulatedDevice({ source: source(), clock: { nowMs: () => NOW_MS } }),
  SMALL_CHANNELS,
  { fromMs: FROM_MS, untilMs: UNTIL_MS },
)

/** A device, and a store with what is given. */
function setUp(stored: Minutes) {
  const clock = createSimulatedClock(NOW_MS)
  const device = createSimulatedDevice({ source: source(), clock })
  const store = createSimulatedStore({ clock })
  store.insert([...stored].map(([name, minutes]) => seriesOf(name, [...minutes])))
  const settings = settingsFor('garage', { channels: channelsNamed(...SMALL_CHANNELS) })
  const context = inProcess(device, { clock, store, settings })
  const verify = (options: Partial<VerifyOptions> = {}) =>
    clock.runUntilDone(
      createDirectQueue(context).run((c) => verifyWork(c, { signal, repair: false, ...options }), signal),
    )
  const contents = () =>
    new Map(
      SMALL_CHANNELS.map((name) => [name, store.samplesOf(labelsOf(name)).map(({ atMs, value }) => [atMs, value])]),
    )
  return { clock, device, store, context, verify, contents }
}

function labelsOf(location: string) {
  return labelsFor({ metric: 'power', location }, { device: 'garage', rules: DEFAULT_LABEL_RULES })
}

function seriesOf(name: string, samples: readonly (readonly [number, number])[]): SeriesSamples {
  return { labels: labelsOf(name), timestampsMs: samples.map(([atMs]) => atMs), values: samples.map(([, w]) => w) }
}

function without(minutes: Minutes, holes: readonly Hole[]): Minutes {
  return new Map(
    [...minutes].map(([name, values]) => {
      const own = holes.filter(({ channels }) => channels.includes(name))
      return [name, new Map([...values].filter(([atMs]) => !own.some(({ window }) => isWithin(atMs, window))))]
    }),
  )
}

const isWithin = (atMs: number, { fromMs, untilMs }: TimeWindow) => atMs >= fromMs && atMs < untilMs

/** Minutes that a report names, by channel. */
function named(report: VerifyReport, finding: Finding): Map<string, number[]> {
  const found = new Map<string, number[]>(SMALL_CHANNELS.map((name) => [name, []]))
  for (const { key, spans } of report.days) {
    const minutes = found.get(report.channels.find((channel) => channel.key === key)!.location)!
    for (const s of spans.filter((each) => each.finding === finding))
      for (let atMs = s.fromMs; atMs < s.untilMs; atMs += MINUTE_MS) minutes.push(atMs)
  }
  return found
}

/** What was cut out of the measured minutes. */
function cutOut(stored: Minutes): Map<string, number[]> {
  return new Map(
    [...measured].map(([name, values]) => [name, [...values.keys()].filter((atMs) => !stored.get(name)?.has(atMs))]),
  )
}

const LENGTHS_MS = [MINUTE_MS, HOUR_MS, DAY_MS, 30 * DAY_MS]

/** 1 to 4 holes of all lengths: anywhere, at the start, at the end; in all channels, in some, in one. */
function cutHoles(seed: number): Hole[] {
  const random = seededRandom(seed)
  const pick = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)]!
  return Array.from({ length: 1 + Math.floor(random() * 4) }, () => {
    const lengthMs = pick(LENGTHS_MS)
    const anywhereMs = FROM_MS + Math.floor((random() * (UNTIL_MS - FROM_MS - lengthMs)) / MINUTE_MS) * MINUTE_MS
    const fromMs = pick([FROM_MS, UNTIL_MS - lengthMs, anywhereMs, anywhereMs])
    const one = pick(SMALL_CHANNELS)
    const channels = pick([SMALL_CHANNELS, SMALL_CHANNELS.filter((name) => name !== one), [one]])
    return { window: { fromMs, untilMs: fromMs + lengthMs }, channels }
  })
}

function mayRead(holes: readonly Hole[]): number {
  const minutes = new Set<number>()
  for (const { window } of holes) for (let t = window.fromMs; t < window.untilMs; t += MINUTE_MS) minutes.add(t)
  return minutes.size + holes.length * (10 + PAGE_ROWS)
}

describe('holes cut out of a loaded store', () => {
  const seeds = Array.from({ length: PATTERNS }, (_, index) => FIRST_SEED + index)
  it.each(seeds)('are named exactly, and filled exactly, with few reads of the device (seed %i)', async (seed) => {
    const holes = cutHoles(seed)
    const stored = without(measured, holes)
    const cut = cutOut(stored)
    const { device, verify, contents } = setUp(stored)

    const report = await verify()
    expect(named(report, 'missing')).toEqual(cut)
    const lookedReads = device.counters().recordReads
    device.resetCounters()

    const repair = await verify({ repair: true })
    expect(named(repair, 'filled')).toEqual(cut)
    expect(named(repair, 'missing')).toEqual(new Map(SMALL_CHANNELS.map((name) => [name, []])))
    expect(contents()).toEqual(new Map([...measured].map(([name, values]) => [name, [...values]])))
    const filledReads = device.counters().recordReads
    expect(Math.max(lookedReads, filledReads)).toBeLessThanOrEqual(mayRead(holes))
    console.log(seed, holes.length, lookedReads, filledReads, mayRead(holes))
  })
})
