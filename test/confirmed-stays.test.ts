import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { seriesKey } from '../src/model/series.ts'
import { type Store, StoreError } from '../src/model/store.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../src/model/time-window.ts'
import { planMigrationWork } from '../src/sync/legacy/migrate/plan-migration.ts'
import { migrationWork } from '../src/sync/legacy/migrate/run-migration.ts'
import { reloadsIn } from '../src/sync/legacy/reload/finish-reloads.ts'
import { reloadWork } from '../src/sync/legacy/reload/reload-work.ts'
import { loadWork } from '../src/sync/load/load-device.ts'
import { createDirectQueue, type DeviceWork } from '../src/sync/session/device-work.ts'
import { syncDevice } from '../src/sync/tail/sync-device.ts'
import { verifyWork } from '../src/sync/verify/verify-device.ts'
import { generatePower } from './generated-power.ts'
import { channelsNamed, settingsFor, SMALL_CHANNELS } from './small-house.ts'
import { labelsOf, type Minutes, seriesOf, verifiedHouse } from './verified-house.ts'

const { signal } = new AbortController()
const DAYS = 2
const { fromMs, measured, setUp } = verifiedHouse({ days: DAYS })
const settings = settingsFor('garage', { channels: channelsNamed(...SMALL_CHANNELS), chunkMs: DAY_MS })

function openHouse(stored: Minutes = new Map()) {
  const house = setUp({ stored, context: { settings } })
  async function dieAndReturn() {
    await house.clock.advance(1_000)
    house.store.kill()
    await house.clock.advance(1_000)
    house.store.start()
  }
  return { ...house, dieAndReturn }
}
type House = ReturnType<typeof openHouse>

function expectComplete({ samplesOf }: House) {
  for (const name of SMALL_CHANNELS) expect(samplesOf(name)).toEqual([...(measured.get(name) ?? [])])
}

/** Everything was written, and then the question that reads it back is not answered. */
function failAfterWrite(store: Store, lastWrite: number) {
  const calls = { writes: 0, faults: 0 }
  const failing: Store = {
    ...store,
    async write(...asked) {
      calls.writes++
      await store.write(...asked)
    },
    async coverage(...asked) {
      if (calls.writes !== lastWrite || calls.faults > 0) return store.coverage(...asked)
      calls.faults++
      throw new StoreError('unavailable', '503 Service Unavailable')
    },
  }
  return { failing, calls }
}

it('a sync whose last attempt finds all that an earlier one wrote makes it stay all the same', async () => {
  async function sync(lastWrite: number) {
    const house = openHouse()
    const { failing, calls } = failAfterWrite(house.store, lastWrite)
    const context = { ...house.context, store: failing }
    await house.clock.runUntilDone(syncDevice(context, { signal, countMissing: false, durable: true }))
    return { house, calls }
  }
  const { writes } = (await sync(Infinity)).calls
  const { house, calls } = await sync(writes)
  expect(calls).toEqual({ writes, faults: 1 })
  await house.dieAndReturn()
  expectComplete(house)
})

/** The daemon's own cycle comes between two steps, and has seen the store restart. */
async function restartBeforeTheLastStep(house: House, work: DeviceWork<unknown>, isLast: (step: number) => boolean) {
  const { clock, context } = house
  for (let step = 1; ; step++) {
    if (isLast(step)) {
      await house.dieAndReturn()
      await clock.runUntilDone(syncDevice(context, { signal, countMissing: false, durable: false }))
    }
    if (await clock.runUntilDone(work.step(() => false))) return step
  }
}

it('what a repair has confirmed stays, though a cycle between its last steps has noticed that the store restarted', async () => {
  const old = fromMs + 6 * HOUR_MS
  const holed = new Map([...measured].map(([name, minutes]) => [name, new Map([...minutes].filter(([atMs]) => atMs < old || atMs >= old + 40 * MINUTE_MS))])) // prettier-ignore
  const count = openHouse(holed)
  const open = ({ context }: House) => verifyWork(context, { signal, repair: true })
  const steps = await restartBeforeTheLastStep(count, open(count), () => false)
  const house = openHouse(holed)
  await restartBeforeTheLastStep(house, open(house), (step) => step === steps)
  expectComplete(house)
})

it('what migrate has confirmed stays, though a cycle between its last steps has noticed that the store restarted', async () => {
  const window = { fromMs: fromMs - 3 * DAY_MS, untilMs: fromMs - DAY_MS }
  const source = generatePower({ __name__: 'Power_Dryer', host: 'garage' }, { window, stepMs: MINUTE_MS, seed: 3 })
  const open = async () => {
    const house = openHouse(measured)
    house.store.insert([source.samples])
    const template = { metric: 'Power_{location}', labels: { host: '{device}' } }
    const queue = createDirectQueue(house.context)
    const planning = queue.run((context) => planMigrationWork(context, { signal, template }), signal)
    const plan = await house.clock.runUntilDone(planning)
    return { house, work: migrationWork(house.context, plan, { signal, isDryRun: false }), chunks: plan.chunks.length }
  }
  const { house, work, chunks } = await open()
  await restartBeforeTheLastStep(house, work, (step) => step === chunks + 1)
  expect(house.samplesOf('Dryer').filter(([atMs]) => atMs < window.untilMs)).toEqual(source.minutes)
})

/** Dies before each snapshot but the first ones; every other time it is away for a moment, too. */
function forgetful({ store, clock }: House, spared: number) {
  let persists = 0
  const dying: Store = {
    ...store,
    async persist(given) {
      persists++
      await clock.sleep(1_000, given)
      if (persists > spared) {
        store.kill()
        store.start()
      }
      if (persists % 2 === 0) throw new StoreError('unreachable', 'connection refused')
      return store.persist(given)
    },
  }
  return { dying, persists: () => persists }
}

it('a store that goes on losing what it confirmed ends a load within minutes, whatever else goes wrong meanwhile', async () => {
  const house = openHouse()
  const { dying, persists } = forgetful(house, 1)
  const fromTimeMs = house.clock.nowMs()
  const load = createDirectQueue({ ...house.context, store: dying }).run(
    (given) => loadWork(given, { signal, refuseBeyondRetention: true }),
    signal,
  )
  await expect(house.clock.runUntilDone(load)).rejects.toThrow(/goes on losing samples that it had confirmed/)
  expect(persists()).toBeLessThanOrEqual(9)
  expect(house.clock.nowMs() - fromTimeMs).toBeLessThan(8 * MINUTE_MS)
})

it('a store that goes on losing a series that is reloaded ends that within minutes', async () => {
  const backupDir = await mkdtemp(join(tmpdir(), 'backup-'))
  const house = openHouse(measured)
  house.store.insert([seriesOf('Dryer', [...(measured.get('Dryer') ?? [])].slice(0, 10))])
  const { dying, persists } = forgetful(house, 0)
  const fromTimeMs = house.clock.nowMs()
  const keys = [seriesKey(labelsOf('Dryer'))]
  const reload = createDirectQueue({ ...house.context, store: dying, reloads: reloadsIn(backupDir) }).run(
    (given) => reloadWork(given, { signal, keys }),
    signal,
  )
  await expect(house.clock.runUntilDone(reload)).rejects.toThrow(/does not keep it/)
  expect(persists()).toBeLessThanOrEqual(12)
  expect(house.clock.nowMs() - fromTimeMs).toBeLessThan(12 * MINUTE_MS)
  await rm(backupDir, { recursive: true })
})
