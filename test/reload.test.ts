import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { reloadsIn } from '../src/sync/legacy/reload/finish-reloads.ts'
import { seriesKey } from '../src/model/series.ts'
import { DeviceError } from '../src/model/device.ts'
import { StoreError, type Store } from '../src/model/store.ts'
import { DAY_MS, MINUTE_MS } from '../src/model/time-window.ts'
import { silentLog } from '../src/runtime/log.ts'
import { createDirectQueue } from '../src/sync/session/device-work.ts'
import { reloadWork } from '../src/sync/legacy/reload/reload-work.ts'
import type { SyncContext } from '../src/sync/session/session.ts'
import { createSyncMemory } from '../src/sync/session/sync-memory.ts'
import { syncDevice } from '../src/sync/tail/sync-device.ts'
import { channelsNamed, minutesOf, settingsFor, SMALL_CHANNELS } from './small-house.ts'
import { labelsOf, seriesOf, UNTIL_MS, verifiedHouse } from './verified-house.ts'

const DAYS = 2
const EVERY = process.env['LONG'] ? 1 : 8
const START_MS = Date.UTC(2024, 5, 1) - DAYS * DAY_MS
const OUTAGE = { fromMs: START_MS + DAY_MS, untilMs: START_MS + DAY_MS + 100 * MINUTE_MS }
const { signal } = new AbortController()
const { measured, setUp } = verifiedHouse({ days: DAYS, outages: [OUTAGE] })
const dryer = [...measured.get('Dryer')!]

/** What earlier programs left: duplicates, samples off the minute, a wrong value, and minutes that the device does not have. */
const OLD = [
  [START_MS - DAY_MS, 3],
  [START_MS - DAY_MS + 5_000, 4],
] as const
const IN_OUTAGE = [
  [OUTAGE.fromMs + 10 * MINUTE_MS, 5],
  [OUTAGE.fromMs + 10 * MINUTE_MS + 5_000, 6],
] as const
const DUPLICATE = dryer.slice(100, 160)
const OFF_GRID = dryer.slice(2_000, 2_100).map(([atMs, watts]) => [atMs + 5_000, watts] as const)
const GAP = new Set(dryer.slice(2_500, 2_550).map(([atMs]) => atMs))
const WRONG_MS = dryer[3_000]![0]

/** The device's minutes, and of the others what was stored. */
const EXPECTED = [...dryer, ...OLD, ...IN_OUTAGE].sort(([a], [b]) => a - b)

const folders: string[] = []
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))

async function badHouse(settings = {}) {
  const backupDir = await mkdtemp(join(tmpdir(), 'backup-'))
  folders.push(backupDir)
  const kept = dryer
    .filter(([atMs]) => !GAP.has(atMs))
    .map(([atMs, w]) => [atMs, atMs === WRONG_MS ? w + 9 : w] as const)
  const stored = new Map([...measured, ['Dryer', new Map(kept)]])
  const house = setUp({
    stored,
    more: [seriesOf('Dryer', [...OLD, ...IN_OUTAGE, ...DUPLICATE, ...OFF_GRID])],
    settings,
    context: {
      reloads: reloadsIn(backupDir),
      settings: settingsFor('garage', { channels: channelsNamed(...SMALL_CHANNELS), chunkMs: DAY_MS }),
    },
  })
  const before = house.samplesOf('Dryer')
  const start = (changes: Partial<SyncContext> = {}): SyncContext => ({
    ...house.context,
    memory: createSyncMemory(),
    ...changes,
  })
  return {
    ...house,
    backupDir,
    before,
    start,
    reload: (context = start()) =>
      house.clock.runUntilDone(
        createDirectQueue(context).run((c) => reloadWork(c, { signal, keys: [seriesKey(labelsOf('Dryer'))] }), signal),
      ),
    sync: (context = start()) =>
      house.clock.runUntilDone(syncDevice(context, { signal, countMissing: false, durable: true })),
  }
}

/** All samples of the backup files. */
async function backedUp(folder: string): Promise<(readonly [number, number])[]> {
  const [name] = (await readdir(folder)).filter((each) => each.endsWith('Z.ndjson.gz'))
  const lines = gunzipSync(await readFile(join(folder, name!)))
    .toString()
    .trim()
    .split('\n')
  return lines.flatMap((line) => {
    const { timestamps, values }: { timestamps: number[]; values: number[] } = JSON.parse(line)
    return timestamps.map((atMs, index) => [atMs, values[index]!] as const)
  })
}

describe('a series with duplicate, wrong and old samples', () => {
  it('is rewritten from the device, keeps what only the store had, and is backed up completely', async () => {
    const { reload, samplesOf, backupDir, before, verify, store } = await badHouse()
    expect(await reload()).toMatchObject([
      { location: 'Dryer', samplesBefore: before.length, samplesAfter: EXPECTED.length },
    ])
    expect(samplesOf('Dryer')).toEqual(EXPECTED)
    expect(await backedUp(backupDir)).toEqual(before)
    expect((await readdir(backupDir)).map((name) => name.replace(/^garage-Dryer-\w+Z/, ''))).toEqual([
      '.done.json',
      '.ndjson.gz',
    ])
    for (const name of SMALL_CHANNELS) if (name !== 'Dryer') expect(samplesOf(name)).toEqual([...measured.get(name)!])
    expect(store.calls.delete).toBe(1)
    const report = await verify({ values: 'minutes' })
    expect(report.channels.map(({ tally }) => [tally.missing, tally.doubled, tally.wrong])).toEqual(
      SMALL_CHANNELS.map(() => [0, 0, 0]),
    )
  })

  it('keeps what a cycle adds while the rows of the device are read', async () => {
    const { start, sync, clock, samplesOf, device } = await badHouse()
    const context = start()
    const work = reloadWork(context, { signal, keys: [seriesKey(labelsOf('Dryer'))] })
    let steps = 0
    while (!(await clock.runUntilDone(work.step(() => false)))) {
      if (++steps !== 3) continue
      await clock.advance(20 * MINUTE_MS)
      await sync(context)
    }
    const window = { fromMs: UNTIL_MS, untilMs: UNTIL_MS + 20 * MINUTE_MS }
    const added = minutesOf(device, ['Dryer'], window).get('Dryer')!
    expect(added.size).toBe(20)
    expect(samplesOf('Dryer')).toEqual([...EXPECTED, ...added])
    expect(steps).toBeGreaterThan(4)
  })

  it('stays as it was where the store does not allow it to be deleted', async () => {
    const { reload, samplesOf, before, start, store, sync, backupDir } = await badHouse()
    const refusing = { ...store, deleteSeries: () => Promise.reject(new StoreError('rejected', 'not allowed')) }
    await expect(reload(start({ store: refusing }))).rejects.toThrow('not allowed')
    await sync()
    expect(samplesOf('Dryer')).toEqual(before)
    expect((await readdir(backupDir)).filter((name) => !name.endsWith('Z.ndjson.gz'))).toEqual([])
  })
})

class Killed extends Error {}

/** The store of a process that is killed at its nth question to it: before that is executed, or after. */
function killedAt(store: Store, { call, isAfter }: { call: number; isAfter: boolean }) {
  let calls = 0
  let isDead = false
  const wrap =
    <A extends unknown[], R>(act: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (isDead) throw new Killed('dead')
      calls++
      isDead = calls === call
      if (!isDead) return act(...args)
      if (isAfter) await act(...args)
      throw new Killed('killed')
    }
  const dying: Store = {
    ...store,
    status: wrap(store.status),
    flush: wrap(store.flush),
    listSeries: wrap(store.listSeries),
    coverage: wrap(store.coverage),
    firstSamples: wrap(store.firstSamples),
    readSamples: wrap(store.readSamples),
    totals: wrap(store.totals),
    write: wrap(store.write),
    persist: wrap(store.persist),
    deleteSeries: wrap(store.deleteSeries),
  }
  return { dying, calls: () => calls }
}

const unreachable = { status: () => Promise.reject(new DeviceError('unreachable', 'off')) }

describe('a reload that is killed', async () => {
  const counting = await badHouse()
  const counted = killedAt(counting.store, { call: Infinity, isAfter: false })
  await counting.reload(counting.start({ store: counted.dying }))
  const seed = Number(process.env['SEED'] ?? 1)
  const steps = Array.from({ length: counted.calls() }, (_, index) => index + 1)

  type House = Awaited<ReturnType<typeof badHouse>>

  /** Killed at a step, and gone on with by a cycle while the device is off. */
  async function killAndGoOn(
    call: number,
    { isAfter, meanwhile }: { isAfter: boolean; meanwhile?: (house: House) => void },
  ) {
    const house = await badHouse()
    const { reload, start, store, samplesOf, before, backupDir, sync, context } = house
    await expect(reload(start({ store: killedAt(store, { call, isAfter }).dying }))).rejects.toThrow()
    const hasBegun = (await readdir(backupDir)).some((name) => name.endsWith('.unfinished.json'))
    if (hasBegun) meanwhile?.(house)
    await expect(sync(start({ device: { ...context.device, ...unreachable } }))).rejects.toThrow('off')
    expect({ call, samples: samplesOf('Dryer') }).toEqual({ call, samples: hasBegun ? EXPECTED : before })
    expect((await readdir(backupDir)).filter((name) => name.includes('unfinished'))).toEqual([])
    if (hasBegun) expect(await backedUp(backupDir)).toEqual(before)
    return hasBegun
  }

  it.each<[string, Parameters<typeof killAndGoOn>[1]]>([
    ['before one of its questions', { isAfter: false }],
    ['after one of its questions', { isAfter: true }],
    [
      'with the store, which forgets what it was told last',
      {
        isAfter: true,
        meanwhile: ({ store }) => {
          store.kill()
          store.start()
        },
      },
    ],
  ])('%s loses nothing, and the next command finishes it without the device', async (_, options) => {
    const begun: boolean[] = []
    for (const call of steps.filter((step) => (step + seed) % EVERY === 0)) begun.push(await killAndGoOn(call, options))
    expect([...new Set(begun)]).toEqual([false, true])
  })

  it('while the store forgets that it deleted the series, is finished all the same', async () => {
    const meanwhile = ({ store, samplesOf, before }: House) => {
      if (samplesOf('Dryer').length < before.length) store.insert([seriesOf('Dryer', before)])
    }
    for (const call of steps.slice(-8)) await killAndGoOn(call, { isAfter: true, meanwhile })
  })

  it('between two series says that one was not come to, and not that nothing was changed', async () => {
    const { start, clock, sync, samplesOf, before, backupDir } = await badHouse()
    const keys = ['Dryer', 'Fridge'].map((name) => seriesKey(labelsOf(name)))
    const work = reloadWork(start(), { signal, keys })
    const step = () => clock.runUntilDone(work.step(() => false))
    const finished = async () => (await readdir(backupDir)).filter((name) => name.endsWith('.done.json'))
    do expect(await step()).toBe(false)
    while ((await finished()).length === 0)
    const warnings: string[] = []
    await sync(start({ log: { ...silentLog, warn: (message) => void warnings.push(message) } }))
    expect(warnings).toEqual([
      'garage: a reload was cut short; series that it had not come to are as they were, and to see which are left: iotawatt-sync verify --reload-series garage',
    ])
    expect(await finished()).toEqual([expect.stringMatching(/^garage-Fridge-/)])
    expect(samplesOf('Dryer')).toEqual(before)
  })

  it('stops, and deletes nothing, where another program has written into the series meanwhile', async () => {
    const house = await badHouse()
    const { reload, start, store, sync, backupDir, samplesOf } = house
    await expect(
      reload(start({ store: killedAt(store, { call: steps.length - 3, isAfter: true }).dying })),
    ).rejects.toThrow()
    store.insert([seriesOf('Dryer', [[START_MS + 7_000, 1]])])
    const there = samplesOf('Dryer')
    await expect(sync()).rejects.toThrow(/reload of Dryer cannot be finished: .* another program wrote meanwhile/)
    expect(samplesOf('Dryer')).toEqual(there)
    expect((await readdir(backupDir)).some((name) => name.endsWith('.unfinished.json'))).toBe(true)
  })
})
