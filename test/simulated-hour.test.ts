import { describe, expect, it } from 'vitest'
import { createDeviceWorker } from '../src/daemon/device-worker.ts'
import type { Device } from '../src/model/device.ts'
import { DAY_MS, floorToMinute, HOUR_MS, MINUTE_MS } from '../src/model/time-window.ts'
import { type Log, silentLog } from '../src/runtime/log.ts'
import { generateHouse } from '../src/simulator/generate-house.ts'
import { createSimulatedDevice } from './doubles/simulated-device.ts'
import { surveyDevice } from '../src/sync/check/survey-device.ts'
import { loadWork } from '../src/sync/load/load-device.ts'
import { createSimulatedClock } from './doubles/simulated-clock.ts'
import { createSimulatedStore } from './doubles/simulated-store.ts'
import { inProcess, minutesOf, settingsFor, SMALL_CHANNELS, smallUnit } from './small-house.ts'

const START_MS = Date.UTC(2024, 5, 3, 0, 0, 37)
const INTERVAL_MS = 5 * MINUTE_MS
const NAMES = ['cellar', 'attic'] as const

/** A daemon's two devices, their worker and a store, on one clock. */
function setUp({
  startMs = START_MS,
  historyDays = 2,
  readCostMs = 2,
  intervalMs = INTERVAL_MS,
  lookbackMs = 30 * DAY_MS,
} = {}) {
  const fromMs = startMs - 37_000 - historyDays * DAY_MS
  const clock = createSimulatedClock(startMs)
  const store = createSimulatedStore({ clock })
  const stop = new AbortController()
  const house = generateHouse({ fromMs, units: NAMES.map((name) => smallUnit(name)) })
  const units = NAMES.map((name) => {
    const source = house.get(name) ?? expect.unreachable()
    const device = createSimulatedDevice({ source, clock, readCostMs })
    const cycles: { fromMs: number; untilMs: number; lagMs: number }[] = []
    const said: string[] = []
    const base = inProcess(device, { clock, store, log: listening(said), settings: settingsFor(name, { lookbackMs }) })
    const watched = countCalls(base.device)
    const worker = createDeviceWorker(
      { ...base, device: watched.device },
      {
        intervalMs,
        backfill: true,
        onCycle: ({ durationMs, lagMs }) =>
          cycles.push({ fromMs: clock.nowMs() - durationMs, untilMs: clock.nowMs(), lagMs }),
      },
    )
    return { name, device, worker, cycles, said, mostCalls: watched.mostAtOnce }
  })
  const [cellar, attic] = units
  if (!cellar || !attic) return expect.unreachable()
  const storedMinutes = (device: string, location: string) =>
    store
      .allSeries()
      .filter((labels) => labels['device'] === device && labels['location'] === location)
      .flatMap((labels) => store.samplesOf(labels).map(({ atMs, value }) => [atMs, value]))
  return {
    clock,
    store,
    stop,
    units,
    cellar,
    attic,
    start: () => Promise.all(units.map(({ worker }) => worker.start(stop.signal))),
    expectComplete: ({ name, device }: { name: string; device: typeof cellar.device }, untilMs: number) => {
      for (const [channel, minutes] of minutesOf(device, SMALL_CHANNELS, { fromMs, untilMs }))
        expect(storedMinutes(name, channel)).toEqual([...minutes])
    },
  }
}

function listening(said: string[]): Log {
  const say = (message: string) => void said.push(message)
  return { ...silentLog, warn: say, error: say }
}

/** How many questions to a device were under way at once. */
function countCalls(device: Device): { device: Device; mostAtOnce(): number } {
  let now = 0
  let most = 0
  const counted = async <T>(call: () => Promise<T>): Promise<T> => {
    most = Math.max(most, ++now)
    return call().finally(() => now--)
  }
  return {
    mostAtOnce: () => most,
    device: {
      ...device,
      status: (signal) => counted(() => device.status(signal)),
      listChannels: (signal) => counted(() => device.listChannels(signal)),
      fetchRows: (request, signal) => counted(() => device.fetchRows(request, signal)),
    },
  }
}

describe('what vanishes from the store', () => {
  it.each([
    ['in the look-back is filled in the night after', { day: 10, daysAgo: 1, nights: 1 }],
    ['before them is filled in the night that begins a month', { day: 29, daysAgo: 4, nights: 2 }],
  ])('%s', async (_, { day, daysAgo, nights }) => {
    const { clock, store, stop, cellar, start, expectComplete } = setUp({
      startMs: Date.UTC(2024, 5, day, 12, 0, 37),
      historyDays: 5,
      readCostMs: 0,
      intervalMs: HOUR_MS,
      lookbackMs: 3 * DAY_MS,
    })
    const ended = start()
    await clock.advance(HOUR_MS)
    const fromMs = floorToMinute(clock.nowMs()) - daysAgo * DAY_MS
    store.cut({ fromMs, untilMs: fromMs + HOUR_MS })
    await clock.advance((nights - 1) * DAY_MS)
    expect(cellar.said).toEqual([])
    cellar.device.resetCounters()
    await clock.advance(DAY_MS)
    expect(cellar.device.counters().recordReads).toBeLessThan(24 * 60 + 60 + 200)
    expectComplete(cellar, cellar.worker.health().lastPass?.storedUntilMs ?? 0)
    expect(cellar.said).toEqual([expect.stringContaining('cellar: an audit found 180 samples missing')])
    stop.abort()
    await clock.runUntilDone(ended)
  })

  it('in a restart is filled by the cycles after, though the first one after it fails', async () => {
    const { clock, store, stop, cellar, start, expectComplete } = setUp({
      startMs: Date.UTC(2024, 5, 10, 12, 0, 37),
      historyDays: 2,
      readCostMs: 0,
    })
    const ended = start()
    await clock.advance(HOUR_MS)
    const fromMs = floorToMinute(clock.nowMs()) - DAY_MS
    store.stop()
    store.cut({ fromMs, untilMs: fromMs + HOUR_MS })
    store.start()
    store.setFaults({ write: () => ({ kind: 'rejected' }) })
    await clock.advance(INTERVAL_MS)
    expect(cellar.worker.health().failure?.of).toBe('store')
    store.setFaults({})
    await clock.advance(HOUR_MS)
    expectComplete(cellar, cellar.worker.health().lastPass?.storedUntilMs ?? 0)
    stop.abort()
    await clock.runUntilDone(ended)
  })
})

describe('two devices for an hour', () => {
  it('are copied completely and once, though one has no power for a while and a load is asked for beside', async () => {
    const { clock, stop, cellar, attic, units, start, expectComplete } = setUp()
    const ended = start()
    await clock.advance(2_000)
    const { signal } = new AbortController()
    const load = cellar.worker.run((c) => loadWork(c, { signal, refuseBeyondRetention: true }), signal)
    await clock.advance(15 * MINUTE_MS)
    attic.device.setPower('off')
    await clock.advance(20 * MINUTE_MS)
    expect(attic.worker.health()).toMatchObject({
      state: 'failing',
      failure: { message: expect.stringMatching(/attic: GET .*refused/) },
    })
    expect(cellar.worker.health()).toMatchObject({ state: 'ok' })
    attic.device.setPower('on')
    const backMs = clock.nowMs()
    await clock.advance(INTERVAL_MS + 5_000)
    const first = attic.cycles.find(({ untilMs }) => untilMs > backMs)
    expect(first?.lagMs).toBeLessThanOrEqual(INTERVAL_MS)
    expect(attic.worker.health()).toMatchObject({ state: 'ok', lastPass: { storedUntilMs: expect.any(Number) } })
    await clock.advance(20 * MINUTE_MS - 5_000)
    expect((await load).complete).toBe(true)

    for (const { device, worker, cycles, mostCalls } of units) {
      const { lastPass, history } = worker.health()
      expect(clock.nowMs() - (lastPass?.storedUntilMs ?? 0)).toBeLessThanOrEqual(INTERVAL_MS + 2 * MINUTE_MS)
      expect(history.state).toBe('done')
      expectComplete({ name: device.name, device }, lastPass?.storedUntilMs ?? 0)
      expect(device.counters().mostAtOnce).toBe(1)
      expect(mostCalls()).toBe(1)
      for (const [index, { fromMs }] of cycles.entries())
        expect(fromMs).toBeGreaterThanOrEqual(cycles[index - 1]?.untilMs ?? 0)
    }
    expect(cellar.cycles).toHaveLength(13)
    expect(cellar.cycles.every(({ lagMs }) => lagMs < 2 * MINUTE_MS)).toBe(true)
    expect(cellar.said).toEqual([])
    stop.abort()
    await clock.runUntilDone(ended)
  })

  it.each([
    ['in the middle of the first copy', 1_200, { cycles: 0, queries: 2 }],
    ['between two cycles', 4 * MINUTE_MS, { cycles: 1, queries: 9 }],
  ])('end at once when they are stopped %s, and what they left is completed later', async (_, runMs, done) => {
    const first = setUp()
    let isOver = false
    const ended = first.start().then(() => (isOver = true))
    await first.clock.advance(runMs)
    const { signal } = new AbortController()
    expect(first.cellar.cycles).toHaveLength(done.cycles)
    expect(first.cellar.device.counters().requestsByPath.get('/query')).toBe(done.queries)
    const job = first.cellar.worker.run(() => ({ step: () => Promise.resolve(true), result: () => 'done' }), signal)
    const refused = job.catch((error: unknown) => error)
    first.stop.abort(new Error('stopped'))
    await first.clock.advance(0)
    expect(isOver).toBe(true)
    expect(await refused).toMatchObject({ message: 'stopped' })
    await ended

    const restarted = createDeviceWorker(inProcess(first.cellar.device, { clock: first.clock, store: first.store }), {
      intervalMs: INTERVAL_MS,
      backfill: true,
    })
    const stop = new AbortController()
    const again = restarted.start(stop.signal)
    await first.clock.advance(MINUTE_MS)
    first.expectComplete(first.cellar, restarted.health().lastPass?.storedUntilMs ?? 0)
    stop.abort()
    await first.clock.runUntilDone(again)
  })

  it('are looked at while they are copied: nobody waits for a long cycle to end', async () => {
    const { clock, stop, cellar, start } = setUp()
    const ended = start()
    await clock.advance(1_200)
    const { signal } = new AbortController()
    const survey = cellar.worker.readOnly((context) => surveyDevice(context, signal))
    expect(await clock.runUntilDone(survey)).toMatchObject({ deviceName: 'cellar', channelCount: 3 })
    expect(cellar.cycles).toEqual([])
    await clock.advance(MINUTE_MS)
    expect(cellar.cycles).toHaveLength(1)
    expect(cellar.device.counters().mostAtOnce).toBe(1)
    stop.abort()
    await clock.runUntilDone(ended)
  })

  it('go on without each other: one that never answers, or answers nonsense, does not hold up its neighbour', async () => {
    const { clock, stop, cellar, attic, start, expectComplete } = setUp()
    let kind = 0
    const faults = [{ kind: 'refused' }, { kind: 'garbage' }, { kind: 'delay', delayMs: 120_000 }] as const
    attic.device.setFaults(() => faults[kind++ % faults.length])
    const ended = start()
    await clock.advance(30 * MINUTE_MS)
    expect(attic.worker.health()).toMatchObject({ state: 'failing' })
    expect(attic.cycles).toEqual([])
    expect(cellar.cycles).toHaveLength(7)
    expect(cellar.said).toEqual([])
    expectComplete(cellar, cellar.worker.health().lastPass?.storedUntilMs ?? 0)
    expect(cellar.worker.health().lastPass?.storedUntilMs).toBeGreaterThan(
      floorToMinute(clock.nowMs()) - INTERVAL_MS - MINUTE_MS,
    )
    stop.abort()
    await clock.runUntilDone(ended)
  })
})
