import { expect, it } from 'vitest'
import type { SeriesSamples } from '../model/series.ts'
import { StoreError, type Store } from '../model/store.ts'
import { MINUTE_MS } from '../model/time-window.ts'
import { watchStore } from './watch-store.ts'

const { signal } = new AbortController()
const NOW_MS = Date.UTC(2026, 2, 27, 12)
const batch: SeriesSamples[] = [
  { labels: { location: 'Dryer' }, timestampsMs: [NOW_MS + 5_000, NOW_MS + 60_000], values: [1, 2] },
  { labels: { location: 'Fridge' }, timestampsMs: [NOW_MS - 60_000], values: [3] },
  { labels: { location: 'Spare' }, timestampsMs: [], values: [] },
]

/** A store of which a test says what comes of its next question. */
function watched() {
  let nowMs = NOW_MS
  let next: { readonly tookMs?: number; readonly error?: Error; readonly isSilent?: boolean } = {}
  const act = async <T>(value: T): Promise<T> => {
    nowMs += next.tookMs ?? 0
    if (next.isSilent === true) await new Promise(() => {})
    if (next.error) throw next.error
    return value
  }
  const inner = {
    name: 'a store',
    write: () => act(undefined),
    totals: () => act([]),
    flush: () => act(undefined),
    status: () => act({ startedAtMs: 7, clockMs: nowMs + 300, retainsFromMs: 5, buffers: false }),
  } as unknown as Store
  const seen = { changes: 0, errors: [] as string[], written: [] as unknown[] }
  let late = () => {}
  const slept = new Promise<void>((resolve) => (late = resolve))
  const { store, health, probe } = watchStore(inner, {
    clock: { nowMs: () => nowMs, sleep: () => slept },
    onChange: () => void seen.changes++,
    onError: ({ reason }) => void seen.errors.push(reason),
    onWritten: (window, samples) => void seen.written.push([window, samples.length]),
  })
  return {
    store,
    health,
    probe,
    late: () => late(),
    seen,
    comes: (outcome: typeof next) => void (next = outcome),
    elapse: (ms: number) => void (nowMs += ms),
  }
}

const unreachable = new StoreError('unreachable', 'nobody answers')

it('its state changes with the first answer, the first failure and the first answer after it', async () => {
  const { store, health, seen, comes, elapse } = watched()
  expect(health()).toEqual({ name: 'a store', state: 'starting' })
  await store.flush(signal)
  await store.flush(signal)
  expect([health().state, seen.changes]).toEqual(['ok', 1])
  comes({ error: unreachable })
  for (let index = 0; index < 3; index++) {
    await expect(store.totals([], { fromMs: 0, untilMs: 1 }, signal)).rejects.toBe(unreachable)
    elapse(1000)
  }
  const failure = { message: 'nobody answers', sinceMs: NOW_MS }
  expect(health()).toMatchObject({ state: 'failing', failure })
  expect([seen.changes, seen.errors]).toEqual([2, ['unreachable', 'unreachable', 'unreachable']])
  comes({})
  await store.flush(signal)
  expect(health()).toMatchObject({ state: 'ok', lastFailure: failure })
  expect(health()).not.toHaveProperty('failure')
  expect(seen.changes).toBe(3)
})

it('who asks and goes away is no failure of the store', async () => {
  const { store, health, seen, comes } = watched()
  comes({ error: new Error('gone') })
  await expect(store.flush(signal)).rejects.toThrow('gone')
  expect([health().state, seen.changes, seen.errors]).toEqual(['starting', 0, []])
})

it.each([
  ['that was executed', {}],
  ['of which nobody knows what is there', { error: unreachable }],
])('a write %s is told with its minutes', async (_, outcome) => {
  const { store, seen, comes } = watched()
  comes(outcome)
  await store.write(batch, signal).catch(() => undefined)
  expect(seen.written).toEqual([[{ fromMs: NOW_MS - MINUTE_MS, untilMs: NOW_MS + 2 * MINUTE_MS }, 3]])
  await store.write([], signal).catch(() => undefined)
  expect(seen.written.length).toBe(1)
})

it('how long it takes is the median of the last answers, its own facts are those of its status', async () => {
  const { store, health, comes } = watched()
  for (const tookMs of [5, 900, 20]) {
    comes({ tookMs })
    await store.write(batch, signal)
  }
  comes({ tookMs: 3 })
  await store.totals([], { fromMs: 0, untilMs: 1 }, signal)
  comes({})
  await store.status(signal)
  expect(health()).toMatchObject({ writeMs: 20, readMs: 3, startedAtMs: 7, clockAheadMs: 300, retainsFromMs: 5 })
  comes({ tookMs: 1 })
  for (let index = 0; index < 31; index++) await store.write(batch, signal)
  expect(health().writeMs).toBe(1)
})

it('between two cycles it is asked whether it is there, and back', async () => {
  const { probe, health, comes, elapse, seen } = watched()
  await probe(signal)
  expect([health().state, seen.changes]).toEqual(['ok', 1])
  comes({ error: unreachable })
  await probe(signal)
  expect(health().state).toBe('ok')
  elapse(5_000)
  await probe(signal)
  expect(health()).toMatchObject({ state: 'failing', failure: { message: 'nobody answers' } })
  comes({})
  await probe(signal)
  expect([health().state, seen.changes]).toEqual(['ok', 3])
})

it('an answer that does not come in time is none', async () => {
  const { probe, health, comes, late } = watched()
  comes({ isSilent: true })
  const asked = probe(signal)
  late()
  await asked
  expect(health()).toMatchObject({ state: 'failing', failure: { message: 'a store: no complete answer within 10 s' } })
})
