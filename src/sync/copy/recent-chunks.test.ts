import { expect, it } from 'vitest'
import { DAY_MS } from '../../model/time-window.ts'
import { createSimulatedClock } from '../../../test/doubles/simulated-clock.ts'
import { createSimulatedStore } from '../../../test/doubles/simulated-store.ts'
import { trackRecentChunks } from './ensure-durable.ts'
import { beginStoreRun, createSyncMemory } from '../session/sync-memory.ts'

const CHUNK = { fromMs: 0, untilMs: 7 * DAY_MS }
const OLD_MS = 31_000
const { signal } = new AbortController()

/** A load some time after its start, and a store that dies and comes back after a second. */
async function setUp({ sinceStartMs = OLD_MS, hidesStart = false } = {}) {
  const clock = createSimulatedClock(0)
  const store = createSimulatedStore({ clock, hidesStart })
  const memory = createSyncMemory()
  beginStoreRun(memory, hidesStart ? undefined : 0)
  const recent = trackRecentChunks({ store, clock, memory })
  await clock.advance(sinceStartMs)
  return {
    clock,
    store,
    recent,
    restart: async () => {
      store.kill()
      await clock.advance(1_000)
      store.start()
    },
    forgotten: async () => (await recent.findForgotten(signal)).chunks,
  }
}

it('a chunk that was just written is counted again when the store dies, once', async () => {
  const { recent, restart, forgotten } = await setUp()
  recent.add(CHUNK, true)
  expect(await forgotten()).toEqual([])
  await restart()
  expect(await forgotten()).toEqual([CHUNK])
  expect(await forgotten()).toEqual([])
  expect(recent.unproven().windows).toEqual([CHUNK])
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
])('a chunk that was found complete %s', async (_, sinceStartMs, again) => {
  const { recent, restart, forgotten } = await setUp({ sinceStartMs })
  recent.add(CHUNK, false)
  expect(recent.unproven().windows).toEqual([])
  await restart()
  expect(await forgotten()).toEqual(again)
})

it('where the store hides its start, each chunk is counted once more when it must have become durable', async () => {
  const { clock, recent, restart, forgotten } = await setUp({ hidesStart: true })
  recent.add(CHUNK, true)
  await restart()
  expect(await forgotten()).toEqual([])
  await clock.advance(OLD_MS)
  expect(await forgotten()).toEqual([CHUNK])
  // Something was missing in it, which is as young again.
  recent.add(CHUNK, true)
  expect(await forgotten()).toEqual([])
  expect(recent.unproven().windows).toEqual([CHUNK])
  await clock.advance(OLD_MS)
  expect(await forgotten()).toEqual([CHUNK])
  recent.add(CHUNK, false)
  expect(recent.unproven().windows).toEqual([])
  expect(await forgotten()).toEqual([])
})

it('where the store hides its start, so is a chunk that a process before may have written', async () => {
  const { clock, recent, forgotten } = await setUp({ sinceStartMs: 1_000, hidesStart: true })
  recent.add(CHUNK, false)
  expect(recent.unproven().windows).toEqual([CHUNK])
  await clock.advance(OLD_MS)
  expect(await forgotten()).toEqual([CHUNK])
})

it('a store that hides its start for a while is seen to have restarted when it shows it again', async () => {
  const { store, recent, restart, forgotten } = await setUp()
  recent.add(CHUNK, true)
  store.settings.hidesStart = true
  expect(await forgotten()).toEqual([])
  await restart()
  store.settings.hidesStart = false
  expect(await forgotten()).toEqual([CHUNK])
})
