import { describe, expect, test } from 'vitest'
import { MinuteState, type SeriesSamples } from '../../src/model/series.ts'
import { HOUR_MS, MINUTE_MS } from '../../src/model/time-window.ts'
import { storeContract } from '../store-contract.ts'
import { createSimulatedClock } from './simulated-clock.ts'
import { createSimulatedStore } from './simulated-store.ts'
import type { SimulatedStoreSettings } from './store-settings.ts'

const T0 = Date.UTC(2024, 5, 1)
const window = { fromMs: T0, untilMs: T0 + 3 * MINUTE_MS }
const labels = { __name__: 'power', device: 'd', location: 'Dryer' }
const signal = new AbortController().signal

for (const deduplicates of [false, true])
  storeContract(`the simulated store${deduplicates ? ' that deduplicates' : ''}`, {
    keepsDoubles: !deduplicates,
    open: () =>
      Promise.resolve({
        store: createSimulatedStore({ clock: createSimulatedClock(T0), deduplicates }),
        stop: () => Promise.resolve(),
      }),
  })

describe('the simulated store', () => {
  const batch = (...minutes: readonly number[]): readonly SeriesSamples[] => [
    { labels, timestampsMs: minutes.map((minute) => T0 + minute * MINUTE_MS), values: minutes.map((minute) => minute) },
  ]

  function begin(settings: Partial<SimulatedStoreSettings> = {}) {
    const clock = createSimulatedClock(T0 + 3 * MINUTE_MS)
    const store = createSimulatedStore({ clock, ...settings })
    const seen = async () => [...((await store.coverage([labels], window, signal))[0]?.minutes ?? [])]
    return { clock, store, seen }
  }

  const { missing, there, duplicate } = MinuteState

  test('a question that was answered with nothing is answered so again for a while, whatever was written', async () => {
    const { clock, store, seen } = begin()
    expect(await seen()).toEqual([missing, missing, missing])
    await store.write(batch(0), signal)
    await clock.advance(9_999)
    expect(await seen()).toEqual([missing, missing, missing])
    await clock.advance(1)
    expect(await seen()).toEqual([there, missing, missing])
  })

  test('a write is seen after its delay, and at once after a flush', async () => {
    const { clock, store, seen } = begin({ cachesNothingMs: 0 })
    await store.write(batch(0), signal)
    expect(await seen()).toEqual([missing, missing, missing])
    await clock.advance(4_000)
    expect(await seen()).toEqual([there, missing, missing])
    await store.write(batch(1), signal)
    await store.flush(signal)
    expect(await seen()).toEqual([there, there, missing])
  })

  test('a flush takes its time where force_flush is not allowed', async () => {
    const { clock, store, seen } = begin({ mayFlush: false })
    await store.write(batch(0), signal)
    await clock.runUntilDone(store.flush(signal))
    expect(clock.nowMs()).toBe(T0 + 3 * MINUTE_MS + 5_000)
    expect(await seen()).toEqual([there, missing, missing])
  })

  test.each([
    ['visible is not durable', 10_000, false, missing],
    ['15 s are enough', 15_000, false, there],
    ['a snapshot is enough', 0, true, there],
  ])('killed: %s', async (_, waitMs, persists, state) => {
    const { clock, store, seen } = begin()
    await store.write(batch(0), signal)
    await store.flush(signal)
    await clock.advance(waitMs)
    if (persists) expect(await store.persist(signal)).toBe('durable')
    store.kill()
    await expect(seen()).rejects.toMatchObject({ reason: 'unreachable', ambiguous: false })
    store.start()
    expect(await seen()).toEqual([state, missing, missing])
    expect((await store.status(signal)).startedAtMs).toBe(clock.nowMs())
  })

  test('a clean stop loses nothing', async () => {
    const { store, seen } = begin()
    await store.write(batch(0), signal)
    store.stop()
    store.start()
    expect(await seen()).toEqual([there, missing, missing])
  })

  test.each([
    ['refused', { kind: 'refused' }, false, [missing, missing]],
    ['unavailable', { kind: 'unavailable' }, true, [missing, missing]],
    ['the answer lost', { kind: 'lost-answer' }, true, [there, there]],
    ['dropped', { kind: 'dropped' }, undefined, [missing, missing]],
  ] as const)('a write that fails: %s', async (_, fault, ambiguous, expected) => {
    const { store, seen } = begin()
    store.failWrites(fault)
    const writing = store.write(batch(0, 1), signal)
    if (ambiguous === undefined) await writing
    else await expect(writing).rejects.toMatchObject({ ambiguous, mayLandForMs: ambiguous ? 70_000 : 0 })
    await store.flush(signal)
    expect((await seen()).slice(0, 2)).toEqual(expected)
  })

  test('keeps the first series of an hour, as many as it has space for, and accepts the others', async () => {
    const { clock, store } = begin({ hourlySeries: 2, cachesNothingMs: 0 })
    const of = (location: string) => ({ ...labels, location })
    const write = async (...locations: readonly string[]) => {
      for (const location of locations)
        await store.write([{ labels: of(location), timestampsMs: [clock.nowMs()], values: [1] }], signal)
    }
    const kept = () => ['Dryer', 'Fridge', 'Heat'].map((location) => store.samplesOf(of(location)).length)
    await write('Dryer', 'Fridge', 'Heat', 'Dryer')
    expect(kept()).toEqual([2, 1, 0])
    await clock.advance(HOUR_MS)
    await write('Heat', 'Dryer', 'Fridge')
    expect(kept()).toEqual([3, 1, 1])
    store.settings.hourlySeries = Infinity
    await write('Fridge')
    expect(kept()).toEqual([3, 2, 1])
  })

  test('a write that is executed late duplicates what was written meanwhile', async () => {
    const { clock, store, seen } = begin()
    store.failWrites({ kind: 'late', delayMs: 30_000 })
    await expect(store.write(batch(0), signal)).rejects.toMatchObject({ reason: 'timeout', ambiguous: true })
    await store.flush(signal)
    expect(await seen()).toEqual([missing, missing, missing])
    await store.write(batch(0), signal)
    await clock.advance(40_000)
    expect(await seen()).toEqual([duplicate, missing, missing])
  })

  test('retention drops without a word', async () => {
    const { store, seen } = begin({ retentionMs: 2 * MINUTE_MS })
    await store.write(batch(0, 1, 2), signal)
    await store.flush(signal)
    expect(await seen()).toEqual([missing, there, there])
    expect((await store.status(signal)).retainsFromMs).toBe(T0 + MINUTE_MS)
  })

  test.each(['refused', 'unavailable', 'timeout', 'partial', 'unauthorized', 'bad-answer'] as const)(
    'a question that fails is not an empty answer: %s',
    async (kind) => {
      const { store, seen } = begin()
      store.failReads({ kind })
      await expect(seen()).rejects.toMatchObject({ name: 'StoreError' })
      expect(await seen()).toEqual([missing, missing, missing])
    },
  )

  test('read-only refuses, and is told', async () => {
    const { store } = begin({ readOnly: true })
    await expect(store.write(batch(0), signal)).rejects.toMatchObject({ reason: 'read-only', ambiguous: false })
    expect((await store.status(signal)).readOnly).toBe(true)
  })

  test('samples of another program are there at once, and can be looked at', async () => {
    const { store, seen } = begin()
    store.insert([{ labels, timestampsMs: [T0 + 5_000, T0], values: [2, 1] }])
    expect(await seen()).toEqual([MinuteState.offGrid, missing, missing])
    expect(store.samplesOf(labels)).toEqual([
      { atMs: T0, value: 1 },
      { atMs: T0 + 5_000, value: 2 },
    ])
    expect(store.allSeries()).toEqual([labels])
  })
})
