import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { allTime, BATCH_MINUTES, crashBatch, crashSeries, SERIES_COUNT, T0 } from '../../../test/doubles/crash-data.ts'
import { MinuteState } from '../../model/series.ts'
import { StoreError } from '../../model/store.ts'
import { MINUTE_MS } from '../../model/time-window.ts'
import { seededRandom } from '../../../test/doubles/seeded-random.ts'
import { systemClock } from '../../runtime/clock.ts'
import { explainDatabaseError, explainMissingLibrary } from './load-duckdb.ts'
import { openEmbedded } from './open-embedded.ts'

const signal = new AbortController().signal
const seed = Number(process.env['SEED'] ?? 1)
const KILL_COUNT = process.env['LONG'] ? 20 : 4

let folder: string
let bundles: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'embedded-'))
  // Where node finds the libraries of the checkout.
  const cache = fileURLToPath(new URL('../../../.cache/', import.meta.url))
  await mkdir(cache, { recursive: true })
  bundles = await mkdtemp(join(cache, 'crash-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
  await rm(bundles, { recursive: true, force: true })
})

const open = (name: string) => openEmbedded({ folder: join(folder, name) }, { clock: systemClock })

test(`killed ${KILL_COUNT} times while it writes: nothing acknowledged is lost, no batch is half there (seed ${seed})`, async () => {
  const writer = await bundleWriter()
  const random = seededRandom(seed)
  let acknowledged = -1
  for (let round = 0; round < KILL_COUNT; round++) {
    acknowledged = Math.max(acknowledged, await writeUntilKilled(writer, 1 + Math.floor(random() * 60)))
    const store = await open('crash')
    const series = Array.from({ length: SERIES_COUNT }, (_, index) => crashSeries(index))
    const written = { fromMs: T0, untilMs: T0 + (acknowledged + 1) * BATCH_MINUTES * MINUTE_MS }
    for (const { minutes } of await store.coverage(series, written, signal))
      expect(minutes.every((state) => state === MinuteState.there)).toBe(true)
    const positions = await store.listSeries({ metrics: ['power'], device: 'crashing', window: allTime }, signal)
    expect(new Set(positions.map(({ positionMs }) => positionMs)).size).toBe(1)
    expect(((positions[0]?.positionMs ?? 0) + MINUTE_MS - T0) % (BATCH_MINUTES * MINUTE_MS)).toBe(0)
    await store.close()
  }
  expect(acknowledged).toBeGreaterThan(KILL_COUNT)
})

async function bundleWriter(): Promise<string> {
  const outfile = join(bundles, 'crash-writer.mjs')
  await build({
    entryPoints: [fileURLToPath(new URL('../../../test/doubles/crash-writer.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['@duckdb/*'],
    outfile,
  })
  return outfile
}

/** The number of the last batch that it acknowledged; it is killed while it writes one of the next. */
async function writeUntilKilled(writer: string, batchCount: number): Promise<number> {
  const child = spawn(process.execPath, [writer, join(folder, 'crash')], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  let last = -1
  let count = 0
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line)
    if (++count === batchCount) setTimeout(() => child.kill('SIGKILL'), 5)
  }
  await ended
  return last
}

test('what was written is there when it is opened again', async () => {
  const first = await open('again')
  await first.write(crashBatch(0), signal)
  await first.close()
  const second = await open('again')
  await second.write(crashBatch(0), signal)
  const [coverage] = await second.coverage([crashSeries(3)], { fromMs: T0, untilMs: T0 + 2 * MINUTE_MS }, signal)
  await second.close()
  expect([...(coverage?.minutes ?? [])]).toEqual([MinuteState.there, MinuteState.there])
})

test('what is opened to read is not made, and not written', async () => {
  const toRead = (name: string) => openEmbedded({ folder: join(folder, name), readOnly: true }, { clock: systemClock })
  const absent = await toRead('absent')
  expect(await absent.status(signal)).toMatchObject({ isYetToBeMade: true })
  expect(await absent.listSeries({ metrics: ['power'], window: allTime }, signal)).toEqual([])
  await absent.close()
  expect(existsSync(join(folder, 'absent'))).toBe(false)

  const writer = await open('read')
  await writer.write(crashBatch(0), signal)
  await writer.close()
  const reader = await toRead('read')
  expect(await reader.status(signal)).not.toHaveProperty('isYetToBeMade')
  expect(await reader.listSeries({ metrics: ['power'], window: allTime }, signal)).toHaveLength(SERIES_COUNT)
  await expect(reader.write(crashBatch(1), signal)).rejects.toBeInstanceOf(StoreError)
  await reader.close()
})

test('a sample that is there already stays as it is', async () => {
  const store = await open('stays')
  const labels = crashSeries(0)
  await store.write([{ labels, timestampsMs: [T0], values: [1] }], signal)
  await store.write([{ labels, timestampsMs: [T0, T0 + 1], values: [2, 3] }], signal)
  const first = await store.firstSamples([labels], { fromMs: T0, untilMs: T0 + MINUTE_MS }, signal)
  await store.close()
  expect(first).toEqual([{ atMs: T0, value: 1 }])
})

test('a deleted series stays deleted when it is opened again, and a new one has nothing of it', async () => {
  const last = crashSeries(SERIES_COUNT - 1)
  const fresh = { ...crashSeries(0), location: 'new' }
  const store = await open('deleted')
  await store.write(crashBatch(0), signal)
  await store.deleteSeries(last, signal)
  await store.close()
  const again = await open('deleted')
  await again.write([{ labels: fresh, timestampsMs: [T0], values: [1] }], signal)
  const counts = (await again.totals([crashSeries(0), last, fresh], allTime, signal)).map(({ count }) => count)
  await again.close()
  expect(counts).toEqual([BATCH_MINUTES, 0, 1])
})

test('one process, and one opening in it, at a time', async () => {
  const store = await open('locked')
  await expect(open('locked')).rejects.toMatchObject({ name: 'StoreError', reason: 'locked' })
  await store.close()
  await (await open('locked')).close()
})

test('a damaged file is reported as unusable, and left as it is', async () => {
  await mkdir(join(folder, 'damaged'))
  await writeFile(join(folder, 'damaged', 'store.duckdb'), 'x'.repeat(20_000))
  await expect(open('damaged')).rejects.toMatchObject({ name: 'StoreError', reason: 'unusable' })
  await expect(open('damaged')).rejects.toThrow(/store\.duckdb/)
})

test('errors of the library get a reason, and name the process that has the file', () => {
  const locked = explainDatabaseError(
    new Error('IO Error: Could not set lock on file "x": Conflicting lock is held in node (PID 17)'),
    'x',
  )
  expect([locked.reason, locked.message]).toEqual(['locked', 'x: another process has it open (process 17)'])
  expect(explainDatabaseError(new Error('IO Error: No space left on device'), 'x').reason).toBe('read-only')
  expect(explainMissingLibrary('Cannot find module').reason).toBe('unusable')
})
