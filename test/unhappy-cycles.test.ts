import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DeviceError } from '../src/model/device.ts'
import { StoreError } from '../src/model/store.ts'
import { DAY_MS } from '../src/model/time-window.ts'
import type { Clock } from '../src/runtime/clock.ts'
import type { ServedDevice } from './doubles/serve-simulated-device.ts'
import type { SeriesSamples } from '../src/model/series.ts'
import { createSimulatedStore } from './doubles/simulated-store.ts'
import type { SimulatedStoreSettings } from './doubles/store-settings.ts'
import { loadWork } from '../src/sync/load/load-device.ts'
import { syncDevice } from '../src/sync/tail/sync-device.ts'
import { createSyncMemory } from '../src/sync/session/sync-memory.ts'
import { contextFor, loadAll, recordedMinutes, serveCard } from './two-units.ts'

const NEWEST_MS = 1_717_200_000_000
const { signal } = new AbortController()
const plainCycle = { signal, countMissing: false, durable: false }

describe('a cycle that does not end well', () => {
  let served: ServedDevice
  beforeAll(async () => {
    served = await serveCard('iwatt5')
  })
  afterAll(() => served.close())

  /** Time goes by only while somebody sleeps. */
  function hurriedClock(): Clock {
    let timeMs = Date.now()
    return {
      nowMs: () => timeMs,
      sleep: async (durationMs, sleeping) => {
        sleeping.throwIfAborted()
        timeMs += durationMs
      },
    }
  }

  function setUp(kind: Partial<SimulatedStoreSettings> = {}) {
    const clock = hurriedClock()
    const store = createSimulatedStore({ clock, ...kind })
    served.device.resetCounters()
    const context = contextFor('iwatt5', served.url, store, { clock })
    return { store, context: { ...context, settings: { ...context.settings, allowDuplicates: true } } }
  }

  const storedMinutes = (store: ReturnType<typeof setUp>['store']) =>
    new Map(
      store
        .allSeries()
        .map((labels) => [
          labels['location'],
          new Map(store.samplesOf(labels).map(({ atMs, value }) => [atMs, value])),
        ]),
    )

  it('leaves no gap behind the position: what was lost is counted again from where the cycle began', async () => {
    const { store, context } = setUp()
    await loadAll(context, { untilMs: NEWEST_MS - 2 * DAY_MS })
    store.failWrites({ kind: 'dropped' }, { kind: 'slow', delayMs: 0 }, { kind: 'unauthorized' })
    await expect(syncDevice(context, plainCycle)).rejects.toThrow(StoreError)
    await syncDevice(context, plainCycle)
    expect(storedMinutes(store)).toEqual(recordedMinutes('iwatt5'))
  })

  it('asks the device for one batch of what a store drops and a few minutes more, and leaves it out from then on', async () => {
    const { store, context } = setUp()
    const errors: string[] = []
    const log = { ...context.log, error: (message: string) => void errors.push(message) }
    served.device.resetCounters()
    store.failWrites(...Array.from({ length: 200 }, () => ({ kind: 'dropped' }) as const))
    const report = await loadAll({ ...context, log })
    expect(report).toMatchObject({ sampleCount: 0, copiedMinutes: 0, droppedMinutes: 14 * 4320 })
    expect(errors).toEqual([expect.stringMatching(/accepts samples from .* and drops them/)])
    expect(served.device.counters().recordReads).toBeLessThan(1_100)
    served.device.resetCounters()
    expect(await loadAll({ ...context, log })).toMatchObject({ sampleCount: 0 })
    expect(served.device.counters().recordReads).toBeLessThan(20)
  })

  it.each([
    ['tells when it started', {}],
    ['does not tell when it started', { isSilent: true, deduplicates: true }],
  ])(
    'of a store that drops everything and %s costs the device one page, and then a few minutes each',
    async (_, kind) => {
      const { store, context } = setUp(kind)
      store.setFaults({ write: () => ({ kind: 'dropped' }) })
      const report = await syncDevice(context, plainCycle)
      expect(report.droppedMinutes).toBe(14 * 4320)
      const { recordReads } = served.device.counters()
      expect(recordReads).toBeLessThanOrEqual(1_100)
      for (let cycle = 1; cycle <= 5; cycle++) {
        context.memory.drops.spans = []
        served.device.resetCounters()
        await syncDevice(context, plainCycle)
        expect(served.device.counters().recordReads).toBeLessThanOrEqual(30)
      }
      store.setFaults({})
      context.memory.drops.spans = []
      await syncDevice(context, plainCycle)
      expect(storedMinutes(store)).toEqual(recordedMinutes('iwatt5'))
    },
  )

  it('leaves out the series that a store drops, and copies the others', async () => {
    const { store, context } = setUp()
    const isKept = ({ labels }: SeriesSamples) => labels['location'] === 'Mains_1' || labels['location'] === 'Dryer'
    const limited = {
      ...store,
      write: (batch: readonly SeriesSamples[], stop: AbortSignal) => store.write(batch.filter(isKept), stop),
    }
    const report = await loadAll({ ...context, store: limited })
    expect(report.droppedMinutes).toBe(12 * 4320)
    const kept = [...recordedMinutes('iwatt5')].filter(([name]) => name === 'Mains_1' || name === 'Dryer')
    expect(storedMinutes(store)).toEqual(new Map(kept))
  })

  it.each([
    ['says that it is read-only', { readOnly: true }, /read-only/, 0],
    ['refuses every write', {}, /503/, 300],
  ])('of a store that %s costs the device next to nothing', async (_, settings, message, mostReads) => {
    const { store, context } = setUp()
    Object.assign(store.settings, settings)
    store.setFaults({ write: () => ({ kind: 'unavailable' }) })
    // What a first attempt may cost is known of later ones only.
    if (mostReads > 0) await expect(loadAll(context, { maxAttempts: 1 })).rejects.toThrow(message)
    served.device.resetCounters()
    for (let cycle = 0; cycle < 5; cycle++) await expect(syncDevice(context, plainCycle)).rejects.toThrow(message)
    expect(served.device.counters().recordReads).toBeLessThanOrEqual(mostReads)
    store.setFaults({})
    store.settings.readOnly = false
    await loadAll(context)
    expect(storedMinutes(store)).toEqual(recordedMinutes('iwatt5'))
  })

  describe('that leaves a write waiting in the store', () => {
    async function leaveWriteWaiting({ store, context }: ReturnType<typeof setUp>): Promise<void> {
      const stop = new AbortController()
      store.setFaults({
        write() {
          stop.abort(new Error('stopped'))
          return { kind: 'late', delayMs: 60_000 }
        },
      })
      await expect(syncDevice(context, { ...plainCycle, signal: stop.signal })).rejects.toThrow('stopped')
      store.setFaults({})
    }

    async function expectOnce({ store, context }: ReturnType<typeof setUp>): Promise<void> {
      await context.clock.sleep(60_000, signal)
      const stored = store.allSeries().flatMap((labels) => store.samplesOf(labels))
      expect(stored).toHaveLength([...recordedMinutes('iwatt5').values()].reduce((sum, { size }) => sum + size, 0))
    }

    it('a load that goes on then waits for it: nothing is stored twice', async () => {
      const all = setUp()
      await loadAll(all.context, { untilMs: NEWEST_MS - DAY_MS })
      const load = loadWork(all.context, { signal, refuseBeyondRetention: true })
      await load.step(() => false)
      await leaveWriteWaiting(all)
      while (!(await load.step(() => false))) continue
      await expectOnce(all)
    })

    it('a process that then begins waits for it: nothing is stored twice', async () => {
      const all = setUp()
      await leaveWriteWaiting(all)
      await loadAll({ ...all.context, memory: createSyncMemory() })
      await expectOnce(all)
    })
  })

  it('plans nothing again while a write is under way, though the next batch cannot be read', async () => {
    const { store, context } = setUp()
    const events: string[] = []
    const { device } = context
    const slow = {
      ...store,
      async write(...asked: Parameters<typeof store.write>) {
        events.push('write begins')
        await new Promise((resolve) => setTimeout(resolve, 20))
        await store.write(...asked)
        events.push('write ends')
      },
      flush(...asked: Parameters<typeof store.flush>) {
        events.push('flush')
        return store.flush(...asked)
      },
    }
    let pages = 0
    const failing = {
      ...device,
      async fetchRows(...asked: Parameters<typeof device.fetchRows>) {
        if (++pages === 4) throw new DeviceError('unreachable', 'out of luck')
        return device.fetchRows(...asked)
      },
    }
    await loadAll({ ...context, store: slow, device: failing })
    expect(pages).toBeGreaterThan(4)
    const underWay = events.filter((event, index) => events[index - 1] === 'write begins' && event !== 'write ends')
    expect(underWay).toEqual([])
    expect(storedMinutes(store)).toEqual(recordedMinutes('iwatt5'))
  })
})
