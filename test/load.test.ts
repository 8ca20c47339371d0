import { describe, expect, it } from 'vitest'
import type { Store } from '../src/model/store.ts'
import { DAY_MS, MINUTE_MS } from '../src/model/time-window.ts'
import { createSimulatedDevice } from './doubles/simulated-device.ts'
import { TWO_UNITS } from '../src/simulator/two-unit-house.ts'
import { type DeviceLoad, loadWork } from '../src/sync/load/load-device.ts'
import { planWork } from '../src/sync/load/plan-load.ts'
import type { LoadPace } from '../src/sync/load/track-pace.ts'
import { createDirectQueue } from '../src/sync/session/device-work.ts'
import type { SyncContext } from '../src/sync/session/session.ts'
import { createSimulatedClock } from './doubles/simulated-clock.ts'
import { createSimulatedStore } from './doubles/simulated-store.ts'
import { inProcess, sourceOf } from './small-house.ts'

const UNTIL_MS = Date.UTC(2024, 5, 1)
const DAYS = process.env['LONG'] ? 365 : 5
const UNIT = TWO_UNITS.find(({ name }) => name === 'iwatt6')!
/** The device rests after each question but the last, which reads two records. */
const LAST_READS = 2
const { signal } = new AbortController()
const scope = { signal, refuseBeyondRetention: true }

/** A device of 14 channels that has logged for so long, but for an outage of a twentieth, and an empty store. */
function setUp({ readCostMs, days = DAYS }: { readCostMs: number; days?: number }) {
  const clock = createSimulatedClock(UNTIL_MS + 3_000)
  const fromMs = UNTIL_MS - days * DAY_MS
  const outage = { fromMs: fromMs + 10 * (days / 20) * DAY_MS, untilMs: fromMs + 11 * (days / 20) * DAY_MS }
  const source = sourceOf(UNIT, { fromMs, outages: { [UNIT.name]: [outage] } })
  const device = createSimulatedDevice({ source, clock, readCostMs })
  const store = createSimulatedStore({ clock })
  return { clock, device, store, context: inProcess(device, { clock, store }) }
}

/** Planned first, and watched: what was reported at each batch, and when. */
async function loadWatched(context: SyncContext, options: { untilMs?: number; maxDeviceLoad?: number } = {}) {
  const queue = createDirectQueue(context)
  const plan = await queue.run((c) => planWork(c, { ...scope, ...options }), signal)
  const paces: (LoadPace & { readonly seenMs: number })[] = []
  const watch = { plan, onPace: (pace: LoadPace) => void paces.push({ ...pace, seenMs: context.clock.nowMs() }) }
  const work = { ...scope, ...options, watch, countEnergy: true }
  const report = await queue.run((c) => loadWork(c, work), signal)
  return { plan, report, paces }
}

describe(`a load of ${DAYS} days from a device that is blocked while it answers`, () => {
  it.each([0.5, 4])('at %d ms a record is gentle, and says how long it will take', async (readCostMs) => {
    const { clock, device, context } = setUp({ readCostMs })
    const startedMs = clock.nowMs()
    const { plan, report, paces } = await clock.runUntilDone(loadWatched(context))
    const minutes = DAYS * 1440
    const logged = (minutes * 19) / 20
    expect(report.rowCount).toBeLessThanOrEqual(minutes)
    expect(report).toMatchObject({
      sampleCount: 14 * logged,
      absentMinutes: minutes - logged,
      copiedMinutes: logged,
    })

    const { recordReads, blockedMs, longestMs } = device.counters()
    expect(recordReads).toBeLessThanOrEqual(1.02 * minutes)
    expect(blockedMs - LAST_READS * readCostMs).toBeLessThanOrEqual(0.25 * (clock.nowMs() - startedMs))
    expect(longestMs).toBeLessThanOrEqual(1_500)

    const endedMs = paces.at(-1)?.seenMs ?? NaN
    const tookMs = endedMs - startedMs
    expect(plan).toMatchObject({ missingMinutes: minutes, thereMinutes: 0, channelCount: 14, maxLoad: 0.25 })
    expect(Math.abs(plan.durationMs / tookMs - 1)).toBeLessThanOrEqual(0.2)
    expect(Math.abs(plan.requestCount / paces.length - 1)).toBeLessThanOrEqual(0.2)
    const late = paces.filter(({ doneMinutes, totalMinutes }) => doneMinutes >= totalMinutes / 10)
    // One batch and its rest, more or less, are not to be known.
    for (const { remainingMs = 0, seenMs } of late)
      expect(Math.abs(remainingMs - (endedMs - seenMs))).toBeLessThanOrEqual(Math.max(0.2 * (endedMs - seenMs), 4_000))
    for (const { busyShare } of late) expect(busyShare).toBeLessThanOrEqual(0.25)
    expect(paces.at(-1)).toMatchObject({ doneMinutes: minutes, totalMinutes: minutes, atMs: UNTIL_MS })
  })
})

it.each([0.1, 0.5])(
  'may keep the device busy for %d of the time, and no longer than it lasts',
  async (maxDeviceLoad) => {
    const { clock, device, context } = setUp({ readCostMs: 1, days: 2 })
    const startedMs = clock.nowMs()
    const { plan } = await clock.runUntilDone(loadWatched(context, { maxDeviceLoad }))
    expect(plan.maxLoad).toBe(maxDeviceLoad)
    const share = (device.counters().blockedMs - LAST_READS) / (clock.nowMs() - startedMs)
    expect(share).toBeGreaterThan(0.9 * maxDeviceLoad)
    expect(share).toBeLessThanOrEqual(maxDeviceLoad)
    expect(context.device.cost?.maxLoad()).toBe(0.25)
  },
)

it('says what both sides have counted, which is the same but for the rounding of each minute', async () => {
  const { clock, context } = setUp({ readCostMs: 0, days: 3 })
  const { report } = await clock.runUntilDone(loadWatched(context))
  const { deviceKwh = NaN, storeKwh = NaN, channelCount } = report.energy ?? {}
  expect(channelCount).toBe(14)
  expect(deviceKwh).toBeGreaterThan(1)
  expect(Math.abs(deviceKwh - storeKwh)).toBeLessThan((14 * 3 * 1440 * 0.005) / 60 / 1000)
})

it.each([
  ['half of what the device has', 0.5, true],
  ['what the device has, to a thousandth', 0.999, false],
])('is in doubt where the store has %s, though nothing is absent or refused', async (_, share, isDoubtful) => {
  const { clock, context } = setUp({ readCostMs: 0, days: 3 })
  const totals: Store['totals'] = async (...asked) =>
    (await context.store.totals(...asked)).map((total) => ({ ...total, sum: share * total.sum }))
  const errors: string[] = []
  const log = { ...context.log, error: (message: string) => void errors.push(message) }
  // Before the outage.
  const watched = loadWatched(
    { ...context, log, store: { ...context.store, totals } },
    { untilMs: UNTIL_MS - 2 * DAY_MS },
  )
  const { report } = await clock.runUntilDone(watched)
  expect(report.isDoubtful).toBe(isDoubtful)
  expect(errors.length).toBe(isDoubtful ? 1 : 0)
})

it('has copied nothing where a store that has the series keeps no more samples of them', async () => {
  const { clock, context } = setUp({ readCostMs: 0, days: 3 })
  await clock.runUntilDone(loadWatched(context, { untilMs: UNTIL_MS - 334 * MINUTE_MS }))
  const store = { ...context.store, write: () => Promise.resolve() }
  const { report } = await clock.runUntilDone(loadWatched({ ...context, store }))
  expect(report).toMatchObject({ copiedMinutes: 0, sampleCount: 0 })
  expect(report.droppedMinutes).toBeGreaterThanOrEqual(14 * 334)
})

it('has copied no more than the store has, whenever that is asked', async () => {
  const { clock, context, store } = setUp({ readCostMs: 0.5, days: 3 })
  const { signal: never } = new AbortController()
  const plan = await clock.runUntilDone(createDirectQueue(context).run((c) => planWork(c, scope), signal))
  let load: Pick<DeviceLoad, 'report'> | undefined
  const claims: number[] = []
  const watch = {
    plan,
    onOpen: (opened: Pick<DeviceLoad, 'report'>) => void (load = opened),
    onPace() {
      const { sampleCount } = load?.report() ?? { sampleCount: 0 }
      const stored = store.allSeries().reduce((sum, labels) => sum + store.samplesOf(labels).length, 0)
      expect(sampleCount).toBeLessThanOrEqual(stored)
      claims.push(sampleCount)
    },
  }
  let writes = 0
  const failing = {
    ...store,
    // One that the store drops in between is taken back.
    write: async (batch: Parameters<Store['write']>[0], stop: AbortSignal) =>
      writes++ % 3 === 2 ? undefined : store.write(batch, stop),
  }
  const work = loadWork({ ...context, store: failing }, { ...scope, watch })
  while (!(await clock.runUntilDone(work.step(() => never.aborted)))) continue
  expect(work.result()).toMatchObject({ sampleCount: (14 * 3 * 1440 * 19) / 20, droppedMinutes: 0 })
  expect(claims.length).toBeGreaterThan(3)
})

it('plans for what is missing only, and writes nothing', async () => {
  const { clock, context } = setUp({ readCostMs: 0, days: 3 })
  const untilMs = UNTIL_MS - DAY_MS - 7 * MINUTE_MS
  await clock.runUntilDone(loadWatched(context, { untilMs }))
  const queue = createDirectQueue(context)
  const plan = await clock.runUntilDone(queue.run((c) => planWork(c, scope), signal))
  expect(plan.window).toEqual({ fromMs: UNTIL_MS - 3 * DAY_MS, untilMs: UNTIL_MS })
  const outageMinutes = 3 * 72
  expect(plan.missingMinutes).toBe(1440 + 7 + outageMinutes)
  expect(plan.thereMinutes).toBe(2 * 1440 - 7 - outageMinutes)
})
