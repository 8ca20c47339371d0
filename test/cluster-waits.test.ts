import { describe, expect, it } from 'vitest'
import type { Store } from '../src/model/store.ts'
import { DAY_MS, floorToMinute, HOUR_MS, MINUTE_MS } from '../src/model/time-window.ts'
import { claimDevices, isClaim } from '../src/sync/session/claim-device.ts'
import { createDirectQueue } from '../src/sync/session/device-work.ts'
import { syncDevice } from '../src/sync/tail/sync-device.ts'
import { verifyWork } from '../src/sync/verify/verify-device.ts'
import { createSimulatedClock } from './doubles/simulated-clock.ts'
import { createSimulatedDevice } from './doubles/simulated-device.ts'
import { createSimulatedStore } from './doubles/simulated-store.ts'
import type { SimulatedStoreSettings } from './doubles/store-settings.ts'
import { channelsNamed, inProcess, minutesOf, settingsFor, SMALL_CHANNELS, smallUnit, sourceOf } from './small-house.ts'

// In the last hour of a month, so that what is written belongs to two of them.
const START_MS = Date.UTC(2026, 2, 31, 23, 30, 37)
const FROM_MS = START_MS - 37_000 - 3 * DAY_MS
const INTERVAL_MS = 5 * MINUTE_MS
const CLUSTER = { buffers: true, deduplicates: true, nodeCount: 2 }
const { signal } = new AbortController()

function setUp(changes: Partial<SimulatedStoreSettings> = {}) {
  const clock = createSimulatedClock(START_MS)
  const store = createSimulatedStore({ clock, ...CLUSTER, ...changes })
  const device = createSimulatedDevice({ source: sourceOf(smallUnit('garage'), { fromMs: FROM_MS }), clock })
  const settings = settingsFor('garage', { channels: channelsNamed(...SMALL_CHANNELS), allowDuplicates: true })

  function startProcess(given: Store = store) {
    const writer = { id: 'a', host: 'nas', process: 812, stateDir: '/data' }
    const claim = claimDevices({
      intervalMs: INTERVAL_MS,
      store: given,
      clock,
      writer: () => Promise.resolve(writer),
      allowDuplicates: true,
    })('garage')
    return { ...inProcess(device, { clock, store: given, settings }), claim }
  }
  const sync = (context = startProcess(), durable = true) =>
    clock.runUntilDone(syncDevice(context, { signal, countMissing: true, durable }))

  return {
    clock,
    store,
    sync,
    startProcess,
    verify: () =>
      clock.runUntilDone(
        createDirectQueue(startProcess()).readOnly((context) =>
          createDirectQueue(context).run((given) => verifyWork(given, { signal, repair: false }), signal),
        ),
      ),
    expectExact(untilMs = clock.nowMs() - INTERVAL_MS) {
      const window = { fromMs: FROM_MS, untilMs: floorToMinute(untilMs) }
      for (const [channel, minutes] of minutesOf(device, SMALL_CHANNELS, window)) {
        const [labels] = store.allSeries().filter(({ location }) => location === channel)
        const samples = labels ? store.samplesOf(labels) : []
        const stored = samples.map(({ atMs, value }) => [atMs, value] as const)
        expect(stored.filter(([atMs]) => atMs < window.untilMs)).toEqual([...minutes])
      }
    },
  }
}

describe('a cluster that deduplicates', () => {
  it('is waited for until it shows what a sync has written, and no longer', async () => {
    const { clock, store, sync, expectExact } = setUp()
    await sync()
    await clock.advance(HOUR_MS)
    const { calls } = store
    const flushes = calls.flush
    const report = await sync()
    expect(report).toMatchObject({ holeMinutes: 0 })
    expect(report.durationMs).toBeGreaterThanOrEqual(4_000)
    expect(report.durationMs).toBeLessThan(5_000)
    expect(calls.flush).toBe(flushes)
    expectExact()
  })

  it('is waited for in a cycle as long', async () => {
    const { clock, sync, startProcess, expectExact } = setUp()
    const context = startProcess()
    for (let count = 0; count < 12; count++) {
      const { durationMs } = await sync(context, false)
      if (count > 1) expect(durationMs).toBeLessThan(5_000)
      await clock.advance(INTERVAL_MS)
    }
    expectExact()
  })

  it('that loses at once what a sync has read back is exact after the next one', async () => {
    const { clock, store, sync, expectExact } = setUp()
    await sync()
    await clock.advance(HOUR_MS)
    await sync()
    for (const node of [0, 1]) {
      store.kill(node)
      store.start(node)
    }
    await clock.advance(HOUR_MS)
    expect(await sync()).toMatchObject({ holeMinutes: 0 })
    expectExact()
  })

  it('is waited for until all is safe by a sync that has written more than a day', async () => {
    const { store, sync, expectExact } = setUp()
    await sync()
    for (const node of [0, 1]) {
      store.kill(node)
      store.start(node)
    }
    expectExact(START_MS)
  })

  it('is waited for by what only reads, as a killed process may have written', async () => {
    const { clock, store, sync, startProcess, verify } = setUp()
    await sync()
    await clock.advance(HOUR_MS)
    // Written and not read back: it was killed.
    const killed = new AbortController()
    const dying: Store = {
      ...store,
      async write(batch, ...given) {
        await store.write(batch, ...given)
        if (batch.some(({ labels }) => !isClaim(labels))) killed.abort()
      },
    }
    const dead = syncDevice(startProcess(dying), { signal: killed.signal, countMissing: false, durable: false })
    await expect(clock.runUntilDone(dead)).rejects.toThrow()
    const report = await verify()
    expect(report.channels.map(({ tally }) => tally.missing)).toEqual([0, 0, 0])
  })
})

it('a cluster that does not deduplicate is flushed before anything is taken for missing', async () => {
  const { clock, store, sync, expectExact } = setUp({ deduplicates: false })
  await sync()
  await clock.advance(HOUR_MS)
  const flushes = store.calls.flush
  await sync()
  expect(store.calls.flush).toBeGreaterThan(flushes)
  expectExact()
})
