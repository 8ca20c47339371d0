import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seriesKey } from '../src/model/series.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../src/model/time-window.ts'
import { type ServedDevice, serveSimulatedDevice } from './doubles/serve-simulated-device.ts'
import type { SimulatedStoreSettings } from './doubles/store-settings.ts'
import { createSimulatedDevice } from './doubles/simulated-device.ts'
import { createDirectQueue } from '../src/sync/session/device-work.ts'
import { planMigrationWork } from '../src/sync/legacy/migrate/plan-migration.ts'
import { reloadsIn } from '../src/sync/legacy/reload/finish-reloads.ts'
import { reloadWork } from '../src/sync/legacy/reload/reload-work.ts'
import { migrationWork } from '../src/sync/legacy/migrate/run-migration.ts'
import type { SyncContext } from '../src/sync/session/session.ts'
import { createSyncMemory } from '../src/sync/session/sync-memory.ts'
import { generatePower } from './generated-power.ts'
import { KINDS_OF_STORES, type MortalSimulatedStore, mortalStore, runUntilWell } from './mortal-simulated.ts'
import { channelsNamed, minutesOf, settingsFor, SMALL_CHANNELS, smallUnit, sourceOf } from './small-house.ts'
import { contextFor } from './two-units.ts'
import { labelsOf, seriesOf } from './verified-house.ts'

const FROM_MS = Date.UTC(2024, 5, 1)
const DAYS = 1
const NOW_MS = FROM_MS + DAYS * DAY_MS + 35_000
const EVERY = process.env['LONG'] ? 1 : 40
const SEED = Number(process.env['SEED'] ?? 1)
const { signal } = new AbortController()
const folders: string[] = []
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))

const house = createSimulatedDevice({
  source: sourceOf(smallUnit('garage'), { fromMs: FROM_MS }),
  clock: { nowMs: () => NOW_MS },
})
let served: ServedDevice
beforeAll(async () => {
  served = await serveSimulatedDevice(house)
})
afterAll(() => served.close())

async function contextOf({ clock, watched }: MortalSimulatedStore): Promise<SyncContext> {
  const channels = channelsNamed(...SMALL_CHANNELS)
  const settings = settingsFor('garage', { channels, chunkMs: 6 * HOUR_MS, allowDuplicates: true })
  const backupDir = await mkdtemp(join(tmpdir(), 'backup-'))
  folders.push(backupDir)
  return contextFor('garage', served.url, watched, { clock, settings, reloads: reloadsIn(backupDir) })
}

const samplesOf = ({ store }: MortalSimulatedStore, name: string) =>
  store.samplesOf(labelsOf(name)).map(({ atMs, value }) => [atMs, value])

/** What is written last is the youngest at the end: there each call counts, and dies in some of the kinds. */
const LAST_CALLS = 24
const TURNS = process.env['LONG'] ? 1 : 6

/** Runs it once undisturbed, then so that the store dies after one of the calls, each of them in turn. */
async function dieInEach(
  kind: Partial<SimulatedStoreSettings>,
  act: (mortal: MortalSimulatedStore, context: SyncContext) => Promise<void>,
): Promise<void> {
  const open = (diesAt: number) =>
    mortalStore(kind, { startMs: NOW_MS, callMs: 200, diesAfter: (call) => (call === diesAt ? call % 2 : undefined) })
  const undisturbed = open(Infinity)
  await act(undisturbed, await contextOf(undisturbed))
  const count = undisturbed.calls()
  const turn = KINDS_OF_STORES.findIndex(([, each]) => each === kind)
  const isChosen = (call: number) =>
    (call > count - LAST_CALLS && (count - call + SEED + turn) % TURNS === 0) || (call + SEED) % EVERY === 0
  for (const call of Array.from({ length: count }, (_, index) => index + 1).filter(isChosen)) {
    const mortal = open(call)
    await act(mortal, await contextOf(mortal))
    expect(mortal.deaths()).toBe(1)
  }
}

describe('a store that is killed and back at once', () => {
  it.each(KINDS_OF_STORES)('%s, during migrate: nothing that was confirmed is lost', async (_, kind) => {
    const window = { fromMs: FROM_MS, untilMs: FROM_MS + DAYS * DAY_MS }
    const sources = SMALL_CHANNELS.map((name, index) =>
      generatePower({ __name__: `Power_${name}`, host: 'garage' }, { window, stepMs: MINUTE_MS, seed: index }),
    )
    const template = { metric: 'Power_{location}', labels: { host: '{device}' } }
    await dieInEach(kind, async (mortal, context) => {
      mortal.store.insert(sources.map(({ samples }) => samples))
      const migrate = async () => {
        const queue = createDirectQueue({ ...context, memory: createSyncMemory() })
        const plan = await queue.run((given) => planMigrationWork(given, { signal, template }), signal)
        await queue.run((given) => migrationWork(given, plan, { signal, isDryRun: false }), signal)
      }
      expect(await runUntilWell(migrate)).toBe(true)
      mortal.dieCompletely()
      SMALL_CHANNELS.forEach((name, index) => expect(samplesOf(mortal, name)).toEqual(sources[index]?.minutes))
    })
  })

  it.each(KINDS_OF_STORES)('%s, during --reload-series: nothing that was confirmed is lost', async (_, kind) => {
    const complete = { fromMs: FROM_MS, untilMs: FROM_MS + DAYS * DAY_MS }
    const measured = [...(minutesOf(house, ['Dryer'], complete).get('Dryer') ?? [])]
    const late = measured.slice(900, 920).map(([atMs, watts]) => [atMs + 5_000, watts] as const)
    const old = [FROM_MS - DAY_MS, 3] as const
    await dieInEach(kind, async (mortal, context) => {
      mortal.store.insert([seriesOf('Dryer', [old, ...measured, ...measured.slice(100, 160), ...late])])
      const reload = async () => {
        const given = { ...context, memory: createSyncMemory() }
        await given.reloads?.finish(given, signal)
        const keys = [seriesKey(labelsOf('Dryer'))]
        await createDirectQueue(given).run((c) => reloadWork(c, { signal, keys, untilMs: complete.untilMs }), signal)
      }
      expect(await runUntilWell(reload)).toBe(true)
      mortal.dieCompletely()
      expect(samplesOf(mortal, 'Dryer')).toEqual([old, ...measured])
    })
  })
})
