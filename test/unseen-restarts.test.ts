import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ServedDevice } from './doubles/serve-simulated-device.ts'
import { createDirectQueue } from '../src/sync/session/device-work.ts'
import type { SyncContext } from '../src/sync/session/session.ts'
import { syncDevice } from '../src/sync/tail/sync-device.ts'
import { createSyncMemory } from '../src/sync/session/sync-memory.ts'
import { verifyWork } from '../src/sync/verify/verify-device.ts'
import { diesAtRandom, KINDS_OF_STORES, mortalStore, runUntilWell } from './mortal-simulated.ts'
import { contextFor, loadAll, recordedMinutes, serveCard } from './two-units.ts'

const { signal } = new AbortController()
const CHUNK_MS = 6 * 3_600_000
const SEEDS = process.env['LONG'] ? 20 : 1

const COMMANDS: readonly (readonly [string, (context: SyncContext) => Promise<unknown>])[] = [
  ['load', (context) => loadAll(context)],
  ['sync', (context) => syncDevice(context, { signal, countMissing: false, durable: true })],
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

  const seeds = Array.from({ length: SEEDS }, (_, index) => index + 1)
  const cases = KINDS_OF_STORES.flatMap(([name, kind]) =>
    COMMANDS.flatMap(([command, run]) => seeds.map((seed) => [name, command, seed, kind, run] as const)),
  )

  it.each(cases)('%s, during %s (seed %d): nothing that was confirmed is lost', async (_, __, seed, kind, run) => {
    const { clock, store, dieCompletely, deaths, watched } = mortalStore(kind, {
      startMs: Date.now(),
      diesAfter: diesAtRandom(seed),
      callMs: 500,
    })
    const context = contextFor('iwatt5', served.url, watched, { clock })
    const settings = { ...context.settings, chunkMs: CHUNK_MS, allowDuplicates: true }
    expect(await runUntilWell(() => run({ ...context, settings, memory: createSyncMemory() }))).toBe(true)
    expect(deaths()).toBeGreaterThan(0)
    dieCompletely()
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
