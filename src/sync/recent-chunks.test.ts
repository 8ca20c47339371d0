import { expect, it } from 'vitest'
import { DAY_MS } from '../model/time-window.ts'
import { createSimulatedClock } from '../simulator/simulated-clock.ts'
import { createSimulatedStore } from '../simulator/store-simulated.ts'
import { trackRecentChunks } from './recent-chunks.ts'
import { createSyncMemory } from './sync-memory.ts'

const CHUNK = { fromMs: 0, untilMs: 7 * DAY_MS }
const OLD_MS = 21_000
const { signal } = new AbortController()

/** A load some time after its start, and a store that dies and comes back after a second. */
async function setUp({ sinceStartMs = OLD_MS } = {}) {
  const clock = createSimulatedClock(0)
  const store = createSimulatedStore({ clock })
  const recent = trackRecentChunks({ store, clock, memory: { ...createSyncMemory(), storeStartedAtMs: 0 } })
  await clock.advance(sinceStartMs)
  return {
    clock,
    recent,
    restart: async () => {
      store.kill()
      await clock.advance(1_000)
      store.start()
    },
    forgotten: () => recent.findForgotten(signal),
  }
}

it('a chunk that was just written is counted again when the store dies, once', async () => {
  const { recent, restart, forgotten } = await setUp()
  recent.add(CHUNK, true)
  expect(await forgotten()).toEqual([])
  await restart()
  expect(await forgotten()).toEqual([CHUNK])
  expect(await forgotten()).toEqual([])
  expect(recent.written()).toEqual([CHUNK])
})

it('and again when it dies once more, though nothing of it was missing', async () => {
  const { recent, restart, forgotten } = await setUp()
  await restart()
  recent.add(CHUNK, true)
  expect(await forgotten()).toEqual([CHUNK])
  recent.add(CHUNK, false)
  await restart()
  expect(await forgotten()).toEqual([CHUNK])
})

it('a chunk that was written long ago is not', async () => {
  const { clock, recent, restart, forgotten } = await setUp()
  recent.add(CHUNK, true)
  await clock.advance(OLD_MS)
  expect(await forgotten()).toEqual([])
  await restart()
  expect(await forgotten()).toEqual([])
})

it.each([
  ['may be of a process that has just died', 1_000, [CHUNK]],
  ['is old when the load is', OLD_MS, []],
])('a chunk that was found whole %s', async (_, sinceStartMs, again) => {
  const { recent, restart, forgotten } = await setUp({ sinceStartMs })
  recent.add(CHUNK, false)
  expect(recent.written()).toEqual([])
  await restart()
  expect(await forgotten()).toEqual(again)
})
