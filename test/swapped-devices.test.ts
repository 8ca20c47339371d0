import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDeviceWorker } from '../src/daemon/device-worker.ts'
import { DAY_MS } from '../src/model/time-window.ts'
import { silentLog } from '../src/runtime/log.ts'
import { createSimulatedDevice } from './doubles/simulated-device.ts'
import { checkDevice } from '../src/sync/check/check-device.ts'
import { loadWork } from '../src/sync/load/load-device.ts'
import { planWork } from '../src/sync/load/plan-load.ts'
import { isClaim } from '../src/sync/session/claim-device.ts'
import { createDeviceIdentities } from '../src/sync/session/device-identities.ts'
import { createDirectQueue } from '../src/sync/session/device-work.ts'
import { knownDevicesIn } from '../src/sync/session/known-devices.ts'
import type { SyncContext } from '../src/sync/session/session.ts'
import { createSyncMemory } from '../src/sync/session/sync-memory.ts'
import { syncDevice } from '../src/sync/tail/sync-device.ts'
import { verifyWork } from '../src/sync/verify/verify-device.ts'
import { createSimulatedClock } from './doubles/simulated-clock.ts'
import { createSimulatedStore } from './doubles/simulated-store.ts'
import { inProcess, settingsFor, smallUnit, sourceOf } from './small-house.ts'

const START_MS = Date.UTC(2026, 2, 27, 12, 0, 37)
const FROM_MS = START_MS - 37_000 - DAY_MS
const NAMES = ['garage', 'attic'] as const
const { signal } = new AbortController()

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swapped-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** Two devices, one store, and the processes that are started one after the other with one state folder. */
function setUp({ ownNames = NAMES }: { ownNames?: readonly [string, string] } = {}) {
  const clock = createSimulatedClock(START_MS)
  const store = createSimulatedStore({ clock })
  const devices = NAMES.map((_, index) =>
    createSimulatedDevice({
      source: sourceOf(smallUnit(ownNames[index]!), { fromMs: FROM_MS }),
      clock,
      mac: `5c:cf:7f:00:00:0${index + 1}`,
    }),
  )

  /** `answering`: for each name of the configuration, which of the devices answers at its address. */
  function start(answering: readonly [number, number]): SyncContext[] {
    const contexts = NAMES.map((name, index) =>
      inProcess(devices[answering[index]!]!, { clock, store, settings: settingsFor(name, { maxAgeMs: DAY_MS }) }),
    )
    const identities = createDeviceIdentities({
      devices: contexts.map(({ device }, index) => ({
        name: NAMES[index]!,
        url: `http://192.0.2.${index + 1}`,
        askStatus: (stop) => device.status(stop),
      })),
      known: knownDevicesIn(folder),
      clock,
      log: silentLog,
    })
    return contexts.map((context) => ({ ...context, identities }))
  }
  const stored = () => store.allSeries().filter((labels) => !isClaim(labels))
  return { clock, store, start, stored }
}

const scope = { signal, refuseBeyondRetention: true }
const COMMANDS: readonly (readonly [string, (context: SyncContext) => Promise<unknown>])[] = [
  ['sync', (context) => syncDevice(context, { signal, countMissing: false, durable: true })],
  ['load', (context) => createDirectQueue(context).run((fresh) => loadWork(fresh, scope), signal)],
  ['the plan of a load', (context) => createDirectQueue(context).run((fresh) => planWork(fresh, scope), signal)],
  [
    'verify --repair',
    (context) => createDirectQueue(context).run((fresh) => verifyWork(fresh, { signal, repair: true }), signal),
  ],
]

describe('two devices whose addresses were exchanged', () => {
  it.each(COMMANDS)('are refused by %s, and nothing is written', async (_, run) => {
    const { clock, start, stored } = setUp()
    for (const context of start([1, 0]))
      await expect(clock.runUntilDone(run(context))).rejects.toMatchObject({
        reason: 'identity',
        message: expect.stringMatching(/^(garage|attic): http:\/\/192\.0\.2\.\d answers as (garage|attic), /),
      })
    expect(stored()).toEqual([])
  })

  it('are BAD for check', async () => {
    const { clock, start } = setUp()
    for (const context of start([1, 0]))
      expect((await clock.runUntilDone(checkDevice(context, signal))).map(({ verdict }) => verdict)).toContain('BAD')
  })

  it.each([
    ['under their own names', NAMES],
    ['both under the name that they had when they were bought', ['IotaWatt', 'IotaWatt'] as const],
  ])('%s after they had been copied: a daemon that is restarted writes nothing more', async (_, ownNames) => {
    const { clock, store, start, stored } = setUp({ ownNames })
    for (const context of start([0, 1]))
      await clock.runUntilDone(syncDevice(context, { signal, countMissing: false, durable: false }))
    const count = () => stored().reduce((sum, labels) => sum + store.samplesOf(labels).length, 0)
    const before = count()
    expect(before).toBeGreaterThan(0)

    const stop = new AbortController()
    const workers = start([1, 0]).map((context) =>
      createDeviceWorker({ ...context, memory: createSyncMemory() }, { intervalMs: 300_000, backfill: true }),
    )
    const working = Promise.all(workers.map((worker) => worker.start(stop.signal)))
    // What is known of them is read from the disk, whatever the clock shows.
    const states = async () => {
      await clock.advance(1_000)
      return workers.map((worker) => worker.health().state)
    }
    await expect.poll(states).toEqual(['failing', 'failing'])
    await clock.advance(3 * 300_000)
    for (const worker of workers)
      expect(worker.health()).toMatchObject({ state: 'failing', failure: { of: 'identity' } })
    stop.abort()
    await clock.runUntilDone(working)
    expect(count()).toBe(before)

    for (const context of start([0, 1]))
      await clock.runUntilDone(syncDevice(context, { signal, countMissing: false, durable: false }))
    expect(count()).toBeGreaterThan(before)
  })
})
