import { describe, expect, it } from 'vitest'
import { sampleCount } from '../src/model/series.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../src/model/time-window.ts'
import { createSimulatedDevice } from './doubles/simulated-device.ts'
import { type LoadOptions, loadWork } from '../src/sync/load/load-device.ts'
import { createDirectQueue } from '../src/sync/session/device-work.ts'
import { createSyncMemory } from '../src/sync/session/sync-memory.ts'
import { syncDevice } from '../src/sync/tail/sync-device.ts'
import { createSimulatedClock } from './doubles/simulated-clock.ts'
import { createSimulatedStore } from './doubles/simulated-store.ts'
import { channelsNamed, inProcess, minutesOf, settingsFor, SMALL_CHANNELS, smallUnit, sourceOf } from './small-house.ts'

const FROM_MS = Date.UTC(2024, 4, 28)
const UNTIL_MS = FROM_MS + 3 * DAY_MS
const OUTAGE = { fromMs: FROM_MS + 26 * HOUR_MS, untilMs: FROM_MS + 31 * HOUR_MS }
const SPARE_SINCE_MS = FROM_MS + 2 * DAY_MS + 5 * HOUR_MS
const { signal } = new AbortController()

/** A device, one of whose channels is in use since the third day and one now and then, and a store in memory. */
function setUp() {
  const clock = createSimulatedClock(UNTIL_MS + 5_000)
  const small = smallUnit('garage', { spareSinceMs: SPARE_SINCE_MS })
  const heat = { name: 'Heat', type: 'CT', parts: [{ load: 'BathroomHeat', share: 1 }] } as const
  const unit = { ...small, channels: [...small.channels, heat] }
  const source = sourceOf(unit, { fromMs: FROM_MS, outages: { garage: [OUTAGE] } })
  const device = createSimulatedDevice({ source, clock })
  const store = createSimulatedStore({ clock })
  const settings = (names: readonly string[]) =>
    settingsFor('garage', { channels: channelsNamed(...names), chunkMs: 12 * HOUR_MS, lookbackMs: 6 * HOUR_MS })
  const start = (names: readonly string[]) =>
    inProcess(device, { clock, store, memory: createSyncMemory(), settings: settings(names) })
  const load = (names: readonly string[], options: Partial<LoadOptions> = {}) =>
    clock.runUntilDone(
      createDirectQueue(start(names)).run(
        (c) => loadWork(c, { signal, refuseBeyondRetention: true, ...options }),
        signal,
      ),
    )
  return {
    store,
    load,
    sync: (names: readonly string[]) =>
      clock.runUntilDone(syncDevice(start(names), { signal, countMissing: false, durable: true })),
    /**
     * In a process that dies over its write of this number, of which the store has then half the series; a minute is
     * too short to be cut. Whether there were so many.
     */
    async loadUntilWrite(write: number, names: readonly string[], options: Partial<LoadOptions>) {
      let left = write
      const context = start(names)
      const dying: typeof context.store = {
        ...context.store,
        write: async (batch, stop) => {
          if (--left === 0) store.failWrites({ kind: sampleCount(batch) > ALL.length ? 'half' : 'refused' })
          return context.store.write(batch, stop)
        },
      }
      const work = { signal, refuseBeyondRetention: true, maxAttempts: 1, ...options }
      const queue = createDirectQueue({ ...context, store: dying })
      await clock.runUntilDone(queue.run((c) => loadWork(c, work), signal)).catch(() => undefined)
      return left <= 0
    },
    stored: (name: string) =>
      store
        .allSeries()
        .filter(({ location }) => location === name)
        .flatMap((labels) => store.samplesOf(labels).map(({ atMs, value }) => [atMs, value])),
    measured: (name: string, fromMs = FROM_MS) => [
      ...(minutesOf(device, [name], { fromMs, untilMs: UNTIL_MS }).get(name) ?? []),
    ],
  }
}

const NEW = ['Spare', 'Heat']
const ALL = [...SMALL_CHANNELS, ...NEW]
const WRITES = process.env['LONG'] ? [1, 2, 3, 4, 5, 6, 7, 8] : [1, 4]

describe('newest first', () => {
  it('brings the last chunk before all others, but for the one minute with which the series begin', async () => {
    const { load, stored } = setUp()
    const ends: number[] = []
    const onProgress = ({ chunk }: { chunk: { untilMs: number } }) => {
      ends.push(chunk.untilMs)
      if (ends.length === 1) expect(stored('Fridge').map(([atMs]) => atMs)).toEqual(firstAndLast())
    }
    await load(ALL, { order: 'newest-first', onProgress })
    expect(ends).toEqual(ends.toSorted((a, b) => b - a))
    expect(ends).toHaveLength(6)
  })

  const firstAndLast = () => [
    FROM_MS,
    ...Array.from({ length: 720 }, (_, minute) => UNTIL_MS - 12 * HOUR_MS + minute * MINUTE_MS),
  ]
})

describe.each(['newest-first', 'oldest-first'] as const)('a load, %s,', (order) => {
  it.each(WRITES)('that dies over its write %i, half done, is completed by the next', async (write) => {
    const { loadUntilWrite, load, stored, measured } = setUp()
    expect(await loadUntilWrite(write, ALL, { order })).toBe(true)
    await load(ALL, { order })
    for (const name of ALL) expect(stored(name)).toEqual(measured(name))
  })

  it.each(WRITES)('after a sync, that dies over its write %i, is completed by the next', async (write) => {
    const { sync, loadUntilWrite, load, stored, measured } = setUp()
    await sync(ALL)
    await loadUntilWrite(write, ALL, { order })
    await load(ALL)
    for (const name of ALL) expect(stored(name)).toEqual(measured(name))
  })

  it.each(WRITES)('that dies over its write %i invents no zeros before a channel that is new', async (write) => {
    const { loadUntilWrite, load, stored, measured } = setUp()
    await load(SMALL_CHANNELS)
    await loadUntilWrite(write, ALL, { order })
    await load(ALL)
    for (const name of NEW) {
      const used = measured(name).filter(([, value]) => value !== 0)
      expect(stored(name)).toEqual(measured(name, used[0]?.[0]))
    }
    for (const name of SMALL_CHANNELS) expect(stored(name)).toEqual(measured(name))
  })
})

it('is continued by a sync at its newest end', async () => {
  const { loadUntilWrite, load, sync, stored, measured } = setUp()
  await loadUntilWrite(6, ALL, { order: 'newest-first' })
  await sync(ALL)
  expect(stored('Fridge').at(-1)).toEqual(measured('Fridge').at(-1))
  await load(ALL)
  for (const name of ALL) expect(stored(name)).toEqual(measured(name))
})
