import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../src/model/store.ts'
import type { Clock } from '../src/runtime/clock.ts'
import { seededRandom } from '../src/runtime/random.ts'
import type { ServedDevice } from '../src/simulator/serve-device.ts'
import type { SimulatedStoreSettings } from '../src/simulator/store-settings.ts'
import { createSimulatedStore } from '../src/simulator/store-simulated.ts'
import { createDirectQueue } from '../src/sync/device-work.ts'
import type { SyncContext } from '../src/sync/session.ts'
import { syncDevice } from '../src/sync/sync-device.ts'
import { createSyncMemory } from '../src/sync/sync-memory.ts'
import { verifyWork } from '../src/sync/verify/verify-device.ts'
import { contextFor, loadAll, recordedMinutes, serveCard } from './two-units.ts'

const { signal } = new AbortController()
const CHUNK_MS = 6 * 3_600_000
const SEEDS = process.env['LONG'] ? 20 : 2

const KINDS: readonly (readonly [string, Partial<SimulatedStoreSettings>])[] = [
  ['that hides when it started', { hidesStart: true }],
  ['of which nothing but data is seen', { isSilent: true, deduplicates: true, mayFlush: false, maySnapshot: false }],
  ['of two nodes that forget on their own', { buffers: true, deduplicates: true, mayFlush: false, nodeCount: 2 }],
  ['that is seen to restart', {}],
]

const COMMANDS: readonly (readonly [string, (context: SyncContext) => Promise<unknown>])[] = [
  ['load', (context) => loadAll(context)],
  ['sync', (context) => syncDevice(context, { signal, countHoles: false, durable: true })],
  [
    'verify --repair',
    (context) => createDirectQueue(context).run((given) => verifyWork(given, { signal, repair: true }), signal),
  ],
]

describe('a store that is killed and back at once, again and again', () => {
  let served: ServedDevice
  beforeAll(async () => {
    served = await serveCard('iwatt5')
  })
  afterAll(() => served.close())

  /** Time goes by only while somebody sleeps, and a little with each question. */
  function hurriedClock(): Clock & { tick(ms: number): void } {
    let timeMs = Date.now()
    return {
      nowMs: () => timeMs,
      tick: (ms) => (timeMs += ms),
      sleep: async (durationMs, sleeping) => {
        sleeping.throwIfAborted()
        timeMs += durationMs
      },
    }
  }

  /** It dies after some of the questions about what it has: what was confirmed a moment ago is gone. */
  function mortal(kind: Partial<SimulatedStoreSettings>, seed: number) {
    const clock = hurriedClock()
    const random = seededRandom(seed)
    const store = createSimulatedStore({ clock, ...kind })
    let livesLeft = 6
    function die() {
      const node = store.settings.nodeCount > 1 ? Math.floor(random() * store.settings.nodeCount) : undefined
      store.kill(node)
      clock.tick(1_000)
      store.start(node)
    }
    const coverage: Store['coverage'] = async (...asked) => {
      const answer = await store.coverage(...asked)
      clock.tick(2_000)
      if (random() < 0.3 && livesLeft-- > 0) die()
      return answer
    }
    return { clock, store, die, lives: () => livesLeft, watched: { ...store, coverage } }
  }

  const seeds = Array.from({ length: SEEDS }, (_, index) => index + 1)
  const cases = KINDS.flatMap(([name, kind]) =>
    COMMANDS.flatMap(([command, run]) => seeds.map((seed) => [name, command, seed, kind, run] as const)),
  )

  it.each(cases)('%s, during %s (seed %d): nothing that was confirmed is lost', async (_, __, seed, kind, run) => {
    const { clock, store, die, lives, watched } = mortal(kind, seed)
    const context = contextFor('iwatt5', served.url, watched, { clock })
    const settings = { ...context.settings, chunkMs: CHUNK_MS, allowDuplicates: true }
    const begin = () => run({ ...context, settings, memory: createSyncMemory() })
    let isDone = false
    for (let attempt = 0; attempt < 8 && !isDone; attempt++)
      isDone = await begin().then(
        () => true,
        () => false,
      )
    expect(isDone).toBe(true)
    expect(lives()).toBeLessThan(6)
    for (let node = 0; node < store.settings.nodeCount; node++) die()
    const stored = store
      .allSeries()
      .map(
        (labels) =>
          [labels['location'], new Map(store.samplesOf(labels).map(({ atMs, value }) => [atMs, value]))] as const,
      )
      .filter(([, minutes]) => minutes.size > 0)
    const probe = new Map(stored)
    probe.delete(undefined)
    expect(probe).toEqual(recordedMinutes('iwatt5'))
  })
})
