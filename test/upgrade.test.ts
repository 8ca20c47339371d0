import { cp, link, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openEngine } from '../src/cli/engine.ts'
import { readVersion } from '../src/cli/read-version.ts'
import { HOUR_MS } from '../src/model/time-window.ts'
import { loadSums } from '../src/house/rollup-file.ts'
import { planHouse } from '../src/house/house-plan.ts'
import { systemClock } from '../src/runtime/clock.ts'
import { DeviceError } from '../src/model/device.ts'
import { silentLog } from '../src/runtime/log.ts'
import { openStateFolder, STATE_VERSION, StateVersionError } from '../src/runtime/state-folder.ts'
import { TWO_UNITS } from '../src/simulator/two-unit-house.ts'
import { openDatabase } from '../src/store/embedded/duckdb.ts'
import { reloadsIn } from '../src/sync/legacy/reload/finish-reloads.ts'
import { syncDevice } from '../src/sync/tail/sync-device.ts'
import { openHouseDaemon } from './daemon/house-daemon.ts'
import { HOUSE, seriesOf } from './stored-house.ts'
import { loadText } from './test-config.ts'
import { verifiedHouse } from './verified-house.ts'

/** What `run` of 0.1.0 left when it was killed: 27 hours of two channels of `iwatt5`, from 2026-11-19T00:00Z. */
const OLD_FOLDER = fileURLToPath(new URL('state-0.1.0', import.meta.url))
const STORED_UNTIL_MS = Date.UTC(2026, 10, 20, 3)
const NOW_MS = STORED_UNTIL_MS + HOUR_MS + 20_000

let home: string
let stateDir: string
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'upgrade-'))
})
afterAll(() => rm(home, { recursive: true }))
beforeEach(async () => {
  stateDir = join(home, String(Math.random()))
  await cp(OLD_FOLDER, stateDir, { recursive: true })
})

it('a state folder of 0.1.0 is continued, with every sample that it holds', async () => {
  for (const name of ['iwatt5.lock', 'daemon.sock']) await leaveDeadSocket(join(stateDir, name))
  const before = await describeStored(join(OLD_FOLDER, 'store'), home)
  const daemon = await openHouseDaemon({
    startMs: NOW_MS,
    historyMs: 28 * HOUR_MS,
    units: TWO_UNITS.slice(0, 1),
    channels: ['Mains_1', 'Dryer'],
    config: { stateDir, house: { timezone: 'America/New_York' } },
  })
  try {
    daemon.start()
    await daemon.until(async () => {
      const { body } = await daemon.get('/api/v1/status')
      const { sums } = body as { sums: { doneDays: number; totalDays: number } }
      return (await daemon.get('/readyz')).status === 200 && sums.doneDays > 0 && sums.doneDays === sums.totalDays
    })
    await daemon.stop()
  } finally {
    await daemon.close()
  }
  const after = await describeStored(join(stateDir, 'store'), home)
  for (const stored of [before, after]) expect(stored).toMatchObject({ minutes: stored.count, expected: stored.count })
  expect(after.count).toBeGreaterThanOrEqual(2 * 28 * 60)
  expect(after.sumBefore).toBe(before.sumBefore)
  expect(JSON.parse(await readFile(join(stateDir, 'version.json'), 'utf8'))).toEqual({
    version: STATE_VERSION,
    program: readVersion(),
  })
  // Those of 0.1.0 are calculated again, in a folder for each set of channels.
  expect(await readdir(join(stateDir, 'sums'))).not.toContain('2026-11.sums')
  expect((await readdir(stateDir)).filter((name) => /lock|sock/.test(name))).toEqual([])
})

describe('a state folder that this version cannot use', () => {
  const cases = [
    [
      '{"version":2,"program":"0.9.0"}',
      'has version 2, of iotawatt-sync 0.9.0; expected version 1 or older\n  install iotawatt-sync 0.9.0 or newer, restore',
    ],
    ['', 'has a version.json that cannot be read; expected version 1 or older\n  restore the folder from a backup'],
  ] as const

  it.each(cases)('%s: is refused, and stays as it is', async (text, message) => {
    await writeFile(join(stateDir, 'version.json'), text)
    const before = await readdir(stateDir, { recursive: true })
    const { config } = await loadText(
      `{ store: { type: embedded }, stateDir: ${stateDir}, devices: [{ name: iwatt5, url: http://127.0.0.1:1 }] }`,
    )
    const deps = { clock: systemClock, log: silentLog, random: Math.random }
    for (const readOnly of [true, false]) {
      const opened = openEngine(config, { devices: config.devices, locks: 'all', readOnly }, deps)
      await expect(opened).rejects.toThrow(StateVersionError)
      await expect(opened).rejects.toThrow(message)
    }
    expect(await readdir(stateDir, { recursive: true })).toEqual(before)
  })
})

it('a folder of this version stays as it is, and one that is only read is not given a version', async () => {
  await openStateFolder(stateDir, '0.1.0', { readOnly: true })
  expect(await readdir(stateDir)).not.toContain('version.json')
  for (const program of ['0.2.0', '0.3.0']) await openStateFolder(stateDir, program)
  expect(await readFile(join(stateDir, 'version.json'), 'utf8')).toContain('0.2.0')
})

it('rollups of a newer version are not used, which is logged', async () => {
  const series = [seriesOf('Mains_1')]
  const plan = planHouse(HOUSE, series)
  const own = join(stateDir, 'sums', plan.fingerprint)
  const warnings: string[] = []
  const log = { ...silentLog, warn: (message: string) => void warnings.push(message) }
  await cp(join(stateDir, 'sums', '2026-11.sums'), join(own, '2026-11.sums'))
  const load = () => loadSums(join(stateDir, 'sums'), plan, { clock: systemClock, log })
  expect(await load()).toEqual([])
  expect(warnings).toEqual([])
  await writeFile(join(own, '2026-11.sums'), '{"version":5}\n')
  expect(await load()).toEqual([])
  expect(warnings).toEqual([expect.stringMatching(/version 5, of a newer iotawatt-sync; expected version 4 or older/)])
})

describe('an unfinished reload of 0.1.0', () => {
  /** Killed when it had deleted the series `Dryer`: 720 minutes, and 100 samples off the minute that it leaves out. */
  const UNFINISHED = fileURLToPath(new URL('state-0.1.0-reload', import.meta.url))
  const BASE = 'garage-Dryer-20240601T120035Z'
  const { measured, setUp } = verifiedHouse({ days: 0 })
  const dryer = [...(measured.get('Dryer') ?? [])]
  const late = dryer.slice(200, 300).map(([atMs, watts]) => [atMs + 5_000, watts] as const)
  const off = { status: () => Promise.reject(new DeviceError('unreachable', 'off')) }
  const { signal } = new AbortController()

  async function sync(stored: readonly (readonly [number, number])[], spoil = async (_folder: string) => {}) {
    const backupDir = join(stateDir, 'backup')
    await cp(UNFINISHED, stateDir, { recursive: true })
    await spoil(backupDir)
    await openStateFolder(stateDir, readVersion())
    const house = setUp({
      stored: new Map([...measured, ['Dryer', new Map(stored)]]),
      context: { reloads: reloadsIn(backupDir) },
    })
    const context = { ...house.context, device: { ...house.context.device, ...off } }
    const options = { signal, countMissing: false, durable: true }
    const failure: unknown = await house.clock
      .runUntilDone(syncDevice(context, options))
      .catch((error: unknown) => error)
    return { failure, samples: house.samplesOf('Dryer'), files: (await readdir(backupDir)).sort() }
  }

  it.each([
    ['the series was deleted', []],
    ['the store had confirmed the deletion, and lost it', [...dryer, ...late]],
    ['it had written half of it', dryer.slice(0, 300)],
  ])('is finished by the first command, without the device: %s', async (_, stored) => {
    const { failure, samples, files } = await sync(stored)
    expect(failure).toMatchObject({ message: 'off' })
    expect(samples).toEqual(dryer)
    expect(files).toEqual([`${BASE}.done.json`, `${BASE}.ndjson.gz`])
  })

  it('is refused, with where its backup is, where its journal cannot be read', async () => {
    const { failure, samples, files } = await sync(dryer.slice(0, 300), (folder) =>
      writeFile(join(folder, `${BASE}.unfinished.json`), '{"version":1}'),
    )
    expect(String(failure)).toMatch(/says that a series is being reloaded.*its backup is the \.ndjson\.gz file/)
    expect(samples).toEqual(dryer.slice(0, 300))
    expect(files).toContain(`${BASE}.ndjson.gz`)
  })
})

/** As a process leaves it that is killed. */
async function leaveDeadSocket(path: string): Promise<void> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(`${path}.1`, resolve))
  await link(`${path}.1`, path)
  await new Promise((resolve) => server.close(resolve))
}

/** Of a copy: opening it writes the log of changes into the file. */
async function describeStored(folder: string, scratch: string) {
  const copy = await mkdtemp(join(scratch, 'copy-'))
  await cp(folder, copy, { recursive: true })
  const database = await openDatabase(join(copy, 'store.duckdb'))
  let found: readonly unknown[] = []
  const question = `SELECT count(*), count(DISTINCT (series, at_ms)), 2 * (1 + (max(at_ms) - min(at_ms)) / 60000),
    sum(value) FILTER (at_ms < ${STORED_UNTIL_MS}) FROM samples`
  await database.read(question, (row) => (found = row))
  database.close()
  const [count = 0, minutes, expected, sumBefore] = found.map(Number)
  return { count, minutes, expected, sumBefore }
}
