import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../src/model/time-window.ts'
import type { Store } from '../src/model/store.ts'
import { syncDevice } from '../src/sync/tail/sync-device.ts'
import { createSimulatedClock } from './doubles/simulated-clock.ts'
import { createSimulatedDevice } from './doubles/simulated-device.ts'
import { createSimulatedStore } from './doubles/simulated-store.ts'
import { inProcess, minutesOf, SMALL_CHANNELS, smallUnit, sourceOf } from './small-house.ts'

const START_MS = Date.UTC(2026, 2, 27, 12, 0, 37)
const INTERVAL_MS = 5 * MINUTE_MS
const { signal } = new AbortController()

type Ask = (...given: never[]) => Promise<unknown>
const METHODS = ['status', 'flush', 'listSeries', 'listTimes', 'coverage', 'firstSamples', 'readSamples', 'write', 'persist'] as const // prettier-ignore

/** A device after its first cycles, with what its next cycles ask of both sides. */
async function setUp(wrap: (store: Store) => Partial<Store> = () => ({})) {
  const clock = createSimulatedClock(START_MS)
  const device = createSimulatedDevice({ source: sourceOf(smallUnit('garage'), { fromMs: START_MS - DAY_MS }), clock })
  const simulated = createSimulatedStore({ clock })
  const asked: string[] = []
  const store: Store = { ...simulated, ...wrap(simulated) }
  const counted: Store = { ...store }
  for (const name of METHODS)
    Object.assign(counted, { [name]: (...given: never[]) => (asked.push(name), (store[name] as Ask)(...given)) })
  const context = inProcess(device, { clock, store: counted })
  const cycle = async () => {
    await clock.advance(INTERVAL_MS)
    asked.length = 0
    device.resetCounters()
    const report = await clock.runUntilDone(syncDevice(context, { signal, countMissing: false, durable: false }))
    return {
      report,
      store: asked.join(' '),
      device: Object.fromEntries(device.counters().requestsByPath),
    }
  }
  // The second counts again all that the first has written.
  for (const _ of [1, 2]) await cycle()
  /** What the store has of the last hour, and the device. */
  const contents = () => {
    const untilMs = Math.floor(clock.nowMs() / MINUTE_MS) * MINUTE_MS - MINUTE_MS
    const window = { fromMs: untilMs - HOUR_MS, untilMs }
    const stored = simulated.allSeries().map((labels) => {
      const samples = simulated.samplesOf(labels).filter(({ atMs }) => atMs >= window.fromMs && atMs < untilMs)
      return [labels['location'] ?? '', samples.map(({ atMs, value }) => [atMs, value])] as const
    })
    const logged = [...minutesOf(device, SMALL_CHANNELS, window)].map(
      ([name, minutes]) => [name, [...minutes]] as const,
    )
    return { stored: new Map(stored), logged: new Map(logged) }
  }
  return { clock, device, simulated, cycle, contents, context }
}

const SHORT = { '/status': 2, '/query': 1 }

describe('a cycle after one that ended well', () => {
  it('asks the device three times, and the store for its last minutes', async () => {
    const { cycle, contents } = await setUp()
    for (const _ of [1, 2]) {
      const { report, ...asked } = await cycle()
      expect(report).toMatchObject({ rowCount: 5, sampleCount: 15 })
      expect(asked.device).toEqual(SHORT)
      expect(asked.store).toBe('status listTimes write flush listTimes')
    }
    const { stored, logged } = contents()
    expect(stored).toEqual(logged)
  })

  it('asks for everything an hour later', async () => {
    const { cycle } = await setUp()
    const asked = []
    for (let count = 0; count < 13; count++) asked.push((await cycle()).store.includes('listSeries'))
    expect(asked.filter(Boolean)).toHaveLength(1)
  })

  it('asks for everything when the device has restarted', async () => {
    const { device, cycle } = await setUp()
    device.reboot()
    expect((await cycle()).device).toMatchObject({ '/query': 2, '/config.txt': 1 })
    expect((await cycle()).device).toEqual(SHORT)
  })

  it('finds that a channel was renamed', async () => {
    const { device, simulated, cycle } = await setUp()
    device.renameChannel('Fridge', 'Freezer')
    await cycle()
    expect(simulated.allSeries().map(({ location }) => location)).toContain('Freezer')
  })

  it('writes again what the store has lost of the last minutes', async () => {
    const { clock, simulated, cycle, contents } = await setUp()
    await cycle()
    const nowMs = Math.floor(clock.nowMs() / MINUTE_MS) * MINUTE_MS
    simulated.cut({ fromMs: nowMs - 9 * MINUTE_MS, untilMs: nowMs - 7 * MINUTE_MS })
    const { report } = await cycle()
    expect(report.sampleCount).toBe(15 + 6)
    const { stored, logged } = contents()
    expect(stored).toEqual(logged)
  })

  it('takes an answer that broke off for none', async () => {
    let isCut = false
    const { cycle, contents } = await setUp((store) => ({
      listTimes: async (query, asking) => (await store.listTimes?.(query, asking))?.slice(isCut ? 1 : 0) ?? [],
    }))
    isCut = true
    expect((await cycle()).store).toContain('coverage')
    const { stored, logged } = contents()
    expect(stored).toEqual(logged)
  })
})
