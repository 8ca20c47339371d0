import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningServer } from '../scripts/victoria-metrics.mjs'
import { seriesKey } from '../src/model/series.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, floorToMinute, type TimeWindow } from '../src/model/time-window.ts'
import { silentLog, type Log } from '../src/runtime/log.ts'
import { TWO_UNITS } from '../src/simulator/two-unit-house.ts'
import { checkDevice } from '../src/sync/check/check-device.ts'
import { surveyDevice } from '../src/sync/check/survey-device.ts'
import { syncDevice } from '../src/sync/tail/sync-device.ts'
import type { SyncContext } from '../src/sync/session/session.ts'
import { firstLabels, firstVersion } from './first-version.ts'
import { serveHouse, type HouseOnSockets, type HouseOnSocketsOptions } from './house-on-sockets.ts'
import { exportAll, realBinary, startRealStore } from './real-store.ts'
import { SMALL_CHANNELS, smallUnit } from './small-house.ts'
import type { ProxyFault } from './store-proxy.ts'
import { loadAll } from './two-units.ts'

const NOW_MS = Date.UTC(2024, 5, 1, 12, 0, 37)
/** When the last minute ended. */
const ENDED_MS = floorToMinute(NOW_MS)
const { signal } = new AbortController()

const cycle = (context: SyncContext, stop = signal) =>
  syncDevice(context, { signal: stop, countMissing: false, durable: false })

describe.skipIf(!realBinary)('what the first version did wrong', { concurrent: true }, () => {
  let server: RunningServer
  const houses: HouseOnSockets[] = []
  beforeAll(async () => {
    server = await startRealStore()
  })
  afterAll(async () => {
    for (const served of houses) await served.close()
    await server.stop()
  })

  /** A house of its own for each case, known by its name. */
  async function house(name: string, changes: Partial<HouseOnSocketsOptions> = {}): Promise<HouseOnSockets> {
    const given = {
      unit: smallUnit(name),
      fromMs: ENDED_MS - 6 * HOUR_MS,
      nowMs: NOW_MS,
      storeUrl: server.url,
      ...changes,
    }
    const served = await serveHouse(given)
    houses.push(served)
    return served
  }

  /** As `house`, everything up to now stored, and an hour gone by since. */
  async function knownHouse(name: string) {
    const served = await house(name)
    await first(served, name).load({ fromMs: ENDED_MS - 6 * HOUR_MS, untilMs: ENDED_MS })
    served.clock.move(HOUR_MS)
    served.device.resetCounters()
    return served
  }

  const first = (served: HouseOnSockets, device: string) =>
    firstVersion({
      deviceUrl: served.deviceUrl,
      storeUrl: server.url,
      device,
      channels: SMALL_CHANNELS,
      nowMs: served.clock.nowMs,
    })

  const isLookUp = (path: string) => /\/api\/v1\/(query|query_range|export|series)$/.test(path)
  const isWrite = (path: string) => path === '/api/v1/import'

  describe('1: asked everything again when it could not ask what is stored', () => {
    it.each<[string, ProxyFault, string]>([
      ['a time-out', 'hang', 'timeout'],
      ['an error', { status: 503 }, 'unavailable'],
      ['a lost connection', 'reset', 'unreachable'],
      ['a part of an answer', 'partial', 'partial'],
      ['a page of somebody else', 'web-page', 'rejected|bad-answer'],
    ])('%s while asking for the last point reads and writes nothing', async (kind, fault, reason) => {
      const served = await knownHouse(`1 ${kind}`)
      const before = await served.stored()
      // Only what is never answered is given up soon: a busy store may take its time.
      const impatient = fault === 'hang' && { store: { url: served.proxy.url, answerTimeoutMs: 500 } }
      const context = served.start({ ...impatient })
      served.proxy.setFaults((path) => (isLookUp(path) ? fault : undefined))
      const failure = { name: 'StoreError', reason: expect.stringMatching(`^(${reason})$`) }
      await expect(cycle(context)).rejects.toMatchObject(failure)
      expect(served.device.counters().recordReads).toBe(0)
      expect(served.proxy.asked.filter(isWrite)).toEqual([])
      expect(await served.stored()).toEqual(before)

      served.proxy.setFaults(() => undefined)
      await cycle(served.start({ context: { memory: context.memory } }))
      expect(await served.stored()).toEqual(served.measured(SMALL_CHANNELS))
    })

    it('goes on from the last point when that is more than 30 days old, and reads nothing twice', async () => {
      const lastMs = ENDED_MS - 33 * DAY_MS
      const outage = { fromMs: lastMs + 12 * HOUR_MS, untilMs: NOW_MS - 6 * HOUR_MS }
      const served = await house('1 silent', { fromMs: lastMs - DAY_MS, outages: [outage] })
      await loadAll(served.start(), { untilMs: lastMs })
      served.device.resetCounters()
      expect(await cycle(served.start())).toMatchObject({ warnings: [] })
      expect(served.device.counters().recordReads).toBeLessThan(1.03 * 33 * 1440)
      expect(await served.stored()).toEqual(served.measured(SMALL_CHANNELS))
    })
  })

  describe('2: went on after a batch that it failed to write', () => {
    it.each<[string, ProxyFault]>([
      ['refused', { status: 503 }],
      ['lost on its way', 'reset'],
      ['written, but not acknowledged', 'lost-answer'],
    ])('a batch that is %s leaves neither a gap nor a duplicate', async (kind, fault) => {
      const served = await house(`2 once ${kind}`, { fromMs: ENDED_MS - 2 * DAY_MS })
      let writes = 0
      served.proxy.setFaults((path) => (isWrite(path) && ++writes === 3 ? fault : undefined))
      await cycle(served.start())
      expect(writes).toBeGreaterThan(4)
      expect(await served.stored()).toEqual(served.measured(SMALL_CHANNELS))
    })

    it('a cycle that cannot write fails, goes no further, and the next process goes on where it stopped', async () => {
      const served = await house('2 for long', { fromMs: ENDED_MS - 2 * DAY_MS })
      let writes = 0
      served.proxy.setFaults((path) => (isWrite(path) && ++writes >= 3 ? { status: 503 } : undefined))
      await expect(cycle(served.start())).rejects.toMatchObject({ name: 'StoreError', reason: 'unavailable' })
      const complete = served.measured(SMALL_CHANNELS)
      for (const [name, samples] of await served.stored()) {
        expect(samples.length).toBeGreaterThan(200)
        expect(samples).toEqual(complete.get(name)?.slice(0, samples.length))
      }
      served.proxy.setFaults(() => undefined)
      await cycle(served.start())
      expect(await served.stored()).toEqual(served.measured(SMALL_CHANNELS))
    })
  })

  it('3: stores no minute before it is over: an hour of cycles at odd seconds is 60 samples on 60 minutes', async () => {
    const served = await knownHouse('3')
    const context = served.start()
    await cycle(context)
    const from = floorToMinute(served.clock.nowMs())
    for (let cycles = 0; cycles < 12; cycles++) {
      served.clock.move(5 * MINUTE_MS + 7_000)
      await cycle(context)
      expect(await served.stored()).toEqual(served.measured(SMALL_CHANNELS))
    }
    const hour = { fromMs: from, untilMs: from + HOUR_MS }
    for (const samples of (await served.stored()).values())
      expect(samples.flatMap(([atMs]) => (isWithin(atMs, hour) ? [atMs] : []))).toEqual(
        Array.from({ length: 60 }, (_, minute) => from + minute * MINUTE_MS),
      )
  })

  describe('4 and 8: asked for each channel on its own, from a list and rules of each program', () => {
    it.each((process.env['LONG'] ? TWO_UNITS : TWO_UNITS.slice(0, 1)).map((unit) => [unit.name, unit] as const))(
      'reads each record of %s once for all its channels, in a load and in a sync, into one series each',
      async (name, unit) => {
        const served = await house(name, { unit, fromMs: ENDED_MS - 3 * DAY_MS })
        const names = unit.channels.filter(({ type }) => type === 'CT').map((channel) => channel.name)
        expect(names).toHaveLength(14)
        const pages = () => (served.device.counters().requestsByPath.get('/query') ?? 0) - 1
        const report = await loadAll(served.start())
        const minutes = (report.window.untilMs - report.window.fromMs) / MINUTE_MS
        expect(served.device.counters().recordReads).toBeLessThanOrEqual(1.02 * minutes)
        expect(pages()).toBeLessThanOrEqual(minutes / 500)
        served.clock.move(5 * MINUTE_MS)
        served.device.resetCounters()
        expect(await cycle(served.start())).toMatchObject({ rowCount: 5, sampleCount: 70 })
        expect(pages()).toBe(1)
        expect(served.device.counters().recordReads).toBeLessThanOrEqual(2 * 5)
        expect(await served.stored()).toEqual(served.measured(names))
        const keys = (await exportAll(server.url, name)).keys()
        expect([...keys].sort()).toEqual(names.map((channel) => seriesKey(firstLabels(name, channel))).sort())
      },
    )
  })

  it('5: does not take the last point of another device with the same channels for its own', async () => {
    const [first, second] = [await house('5 first'), await house('5 second')]
    await cycle(first.start())
    await cycle(second.start())
    expect(await second.stored()).toEqual(second.measured(SMALL_CHANNELS))
    second.clock.move(2 * HOUR_MS)
    await cycle(second.start())
    first.clock.move(HOUR_MS)
    await cycle(first.start())
    for (const served of [first, second]) expect(await served.stored()).toEqual(served.measured(SMALL_CHANNELS))
  })

  describe('6: had no time-outs, retries, login or clean stop, and called it an error when nothing was new', () => {
    it('gives up on a device that never answers, and says whom it asked what', async () => {
      const served = await knownHouse('6 silent')
      served.device.setFaults(({ url }) =>
        url.startsWith('/query?select') ? { kind: 'delay', delayMs: 9e6 } : undefined,
      )
      const context = served.start({ device: { batchTimeoutMs: 300, timeoutMs: 300 } })
      const message = expect.stringMatching(/6 silent: GET http:.*\/(query|status).* within 0\.3 s/)
      await expect(cycle(context)).rejects.toMatchObject({ name: 'DeviceError', reason: 'timeout', message })
      expect(served.proxy.asked.filter(isWrite)).toEqual([])
    })

    it('asks again when a batch of the device is cut, lost or nonsense', async () => {
      const served = await knownHouse('6 cut')
      const faults = [{ kind: 'cut', sentBytes: 300 }, { kind: 'reset-after' }] as const
      let questions = 0
      served.device.setFaults(({ url }) => (url.startsWith('/query?select') ? faults[questions++] : undefined))
      expect(await cycle(served.start())).toMatchObject({ warnings: [] })
      expect(questions).toBe(3)
      expect(await served.stored()).toEqual(served.measured(SMALL_CHANNELS))
    })

    it('logs in to a device and to a store, and reports it when it may not', async () => {
      const passwords = { admin: 'secret', user: 'reader' }
      const served = await house('6 login', { passwords, fromMs: ENDED_MS - HOUR_MS })
      await expect(cycle(served.start())).rejects.toMatchObject({ reason: 'unauthorized' })
      expect(await served.stored()).toEqual(new Map())
      const auth = { username: 'user', password: 'reader' }
      expect(await cycle(served.start({ device: { auth } }))).toMatchObject({ warnings: [] })
      expect((await served.stored()).size).toBeGreaterThan(0)
      served.proxy.setFaults(() => ({ status: 401 }))
      await expect(cycle(served.start({ device: { auth } }))).rejects.toMatchObject({
        name: 'StoreError',
        reason: 'unauthorized',
      })
    })

    it('stops at once when it is told to, and the next cycle completes what it left', async () => {
      const served = await house('6 stop', { fromMs: ENDED_MS - 2 * DAY_MS })
      const stop = new AbortController()
      let writes = 0
      let stoppedMs = Infinity
      served.proxy.setFaults((path) => {
        if (isWrite(path) && ++writes === 3) {
          stoppedMs = served.clock.nowMs()
          stop.abort(new Error('stopped'))
        }
        return undefined
      })
      await expect(cycle(served.start(), stop.signal)).rejects.toThrow('stopped')
      expect(served.clock.nowMs()).toBe(stoppedMs)
      expect(writes).toBe(3)
      await cycle(served.start())
      expect(await served.stored()).toEqual(served.measured(SMALL_CHANNELS))
    })

    it('is silent when there is nothing new', async () => {
      const served = await house('6 nothing')
      const said: string[] = []
      await cycle(served.start())
      const again = served.start({ context: { log: listening(said) } })
      served.device.resetCounters()
      expect(await cycle(again)).toMatchObject({ sampleCount: 0, warnings: [], failedChannels: [] })
      expect(await cycle(again)).toMatchObject({ sampleCount: 0, warnings: [], failedChannels: [] })
      expect(said).toEqual([])
      expect(served.device.counters().recordReads).toBe(0)
    })
  })

  describe('7: filled short gaps with points that it made up', () => {
    const gaps = [1, 3, 5, 12].map((minutes, index) => {
      const fromMs = ENDED_MS - (index + 1) * HOUR_MS
      return { fromMs, untilMs: fromMs + minutes * MINUTE_MS }
    })

    it('leaves minutes empty in which the device was off', async () => {
      const served = await house('7 off', { outages: gaps })
      expect(await loadAll(served.start())).toMatchObject({ sampleCount: 3 * (360 - 21), absentMinutes: 21 })
      const stored = await served.stored()
      expect(stored).toEqual(served.measured(SMALL_CHANNELS))
      for (const gap of gaps) for (const samples of onlyWithin(stored, gap).values()) expect(samples).toEqual([])
    })

    it('copies minutes that are missing in the store', async () => {
      const served = await house('7 lost')
      const before = first(served, '7 lost')
      const starts = [ENDED_MS - 6 * HOUR_MS, ...gaps.map(({ untilMs }) => untilMs)].sort((a, b) => a - b)
      const ends = [...gaps.map(({ fromMs }) => fromMs), ENDED_MS].sort((a, b) => a - b)
      for (const [index, fromMs] of starts.entries()) await before.load({ fromMs, untilMs: ends[index] ?? fromMs })
      expect(await loadAll(served.start())).toMatchObject({ sampleCount: 3 * 21, absentMinutes: 0 })
      for (const gap of gaps)
        expect(onlyWithin(await served.stored(), gap)).toEqual(served.measured(SMALL_CHANNELS, gap))
    })
  })

  it('goes on with a store that it filled, and changes nothing that it wrote', async () => {
    const name = 'left behind'
    const fromMs = ENDED_MS - 8 * DAY_MS
    const served = await house(name, { fromMs })
    const before = first(served, name)
    await before.load({ fromMs, untilMs: ENDED_MS }, { losesPage: (page) => page === 1 })
    await before.load({ fromMs: ENDED_MS - 3 * HOUR_MS, untilMs: ENDED_MS - HOUR_MS })
    for (let cycles = 0; cycles < 24; cycles++) {
      served.clock.move(5 * MINUTE_MS)
      await before.cycle()
    }
    const left = await served.stored()
    expectItsTraces(left, { fromMs: ENDED_MS + HOUR_MS, untilMs: ENDED_MS + 2 * HOUR_MS })
    const newestMs = Math.max(...[...left.values()].map((samples) => samples.at(-1)?.[0] ?? 0))
    expect(newestMs).toBe(floorToMinute(served.clock.nowMs()))

    const process = served.start()
    await expectContent(process)
    for (let cycles = 0; cycles < 6; cycles++) {
      served.clock.move(5 * MINUTE_MS + 11_000)
      await cycle(process)
    }
    const continued = await served.stored()
    const newSpan = { fromMs: newestMs + MINUTE_MS, untilMs: floorToMinute(served.clock.nowMs()) }
    expect(added(left, continued)).toEqual(served.measured(SMALL_CHANNELS, newSpan))

    const survey = await surveyDevice(process, signal)
    expect(survey).toMatchObject({ channelCount: 3, seriesCount: 3, holeMinutes: 5_000 })
    const report = await loadAll(process)
    expect(report).toMatchObject({ sampleCount: 3 * 5_000, absentMinutes: 0, warnings: [], failedChannels: [] })
    const loaded = await served.stored()
    expect(added(continued, loaded)).toEqual(lacking(continued, served.measured(SMALL_CHANNELS)))
    await expectContent(process)
    expect(await surveyDevice(process, signal)).toMatchObject({
      holeMinutes: 0,
      lagMs: expect.toSatisfy(isSmall),
    })
    expect((await loadAll(process)).sampleCount).toBe(0)
  })
})

type Stored = ReadonlyMap<string, readonly (readonly [number, number])[]>

const isSmall = (lagMs: number) => lagMs < 2 * MINUTE_MS

const isWithin = (atMs: number, { fromMs, untilMs }: TimeWindow) => atMs >= fromMs && atMs < untilMs

function onlyWithin(stored: Stored, window: TimeWindow): Stored {
  return new Map([...stored].map(([name, samples]) => [name, samples.filter(([atMs]) => isWithin(atMs, window))]))
}

/** What there is more of afterwards; fails when anything that was there is not. */
function added(before: Stored, after: Stored): Stored {
  expect([...after.keys()].sort()).toEqual([...before.keys()].sort())
  return new Map(
    [...after].map(([name, samples]) => {
      const rest = samples.map((sample) => sample.join(' '))
      for (const sample of before.get(name) ?? []) {
        const index = rest.indexOf(sample.join(' '))
        if (index < 0) expect.fail(`${name}: ${sample.join(' ')} is gone`)
        rest.splice(index, 1)
      }
      return [name, rest.map((text) => text.split(' ').map(Number) as [number, number])]
    }),
  )
}

/** What the device has of minutes in which there is no sample at all. */
function lacking(stored: Stored, measured: Stored): Stored {
  return new Map(
    [...measured].map(([name, samples]) => {
      const minutes = new Set((stored.get(name) ?? []).map(([atMs]) => floorToMinute(atMs)))
      return [name, samples.filter(([atMs]) => !minutes.has(atMs))]
    }),
  )
}

/** 72 points an hour, of which 12 are off-grid; duplicates; a gap. */
function expectItsTraces(stored: Stored, hour: TimeWindow): void {
  for (const samples of onlyWithin(stored, hour).values()) {
    expect(samples).toHaveLength(72)
    expect(samples.filter(([atMs]) => atMs % MINUTE_MS === 5_000)).toHaveLength(12)
  }
  for (const samples of stored.values()) {
    const times = samples.map(([atMs]) => atMs)
    expect(times.length - new Set(times).size).toBe(120)
    const gaps = times.map((atMs, index) => atMs - (times[index - 1] ?? atMs))
    expect(Math.max(...gaps)).toBe(5_001 * MINUTE_MS)
  }
}

async function expectContent(process: SyncContext): Promise<void> {
  const findings = await checkDevice(process, signal)
  expect(findings.filter(({ verdict }) => verdict !== 'GOOD')).toEqual([])
}

function listening(said: string[]): Log {
  const say = (message: string) => void said.push(message)
  return { ...silentLog, info: say, warn: say, error: say }
}
