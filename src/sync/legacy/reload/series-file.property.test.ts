import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSimulatedClock } from '../../../../test/doubles/simulated-clock.ts'
import { createSimulatedStore } from '../../../../test/doubles/simulated-store.ts'
import { silentLog } from '../../../runtime/log.ts'
import { createSyncMemory } from '../../session/sync-memory.ts'
import { settingsFor } from '../../../../test/small-house.ts'
import { reloadsIn } from './finish-reloads.ts'
import { findJournals, journalPath, writeJournal, type Journal } from './reload-journal.ts'
import { checkSeriesFile, openSeriesFile, writeSeriesFile, type Samples } from './series-file.ts'

const numRuns = process.env['LONG'] ? 2_000 : 40

let folder: string
let path: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'series-file-'))
  path = join(folder, 'series.gz')
})
afterAll(() => rm(folder, { recursive: true }))

const text = fc.string({ unit: 'binary', maxLength: 20 })
/** The configuration takes no name that begins with `__`, and schemas leave `__proto__` out. */
const labelName = text.filter((name) => name !== '__proto__')
const labels = fc.dictionary(labelName, text, { noNullPrototype: true })
const samples = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 200_000 }), fc.double({ noNaN: true, noDefaultInfinity: true })), {
    maxLength: 40,
  })
  .map((steps) => {
    let atMs = 1_700_000_000_000
    return { timestampsMs: steps.map(([step]) => (atMs += step)), values: steps.map(([, value]) => value + 0) }
  })

/** Cut off somewhere, or a byte of it changed. */
const damage = fc.oneof(
  fc.record({ cutAt: fc.nat() }),
  fc.record({ byteAt: fc.nat(), flip: fc.integer({ min: 1, max: 255 }) }),
)
type Damage = typeof damage extends fc.Arbitrary<infer D> ? D : never

async function spoil(file: string, how: Damage): Promise<void> {
  const bytes = await readFile(file)
  if ('cutAt' in how) return writeFile(file, bytes.subarray(0, how.cutAt % bytes.length))
  const at = how.byteAt % bytes.length
  bytes[at] = (bytes[at] ?? 0) ^ how.flip
  return writeFile(file, bytes)
}

async function* inBatches({ timestampsMs, values }: Samples, size: number): AsyncGenerator<Samples> {
  for (let at = 0; at < values.length; at += size)
    yield { timestampsMs: timestampsMs.slice(at, at + size), values: values.slice(at, at + size) }
}

async function readAll(untils: readonly number[]): Promise<Samples> {
  const reader = openSeriesFile(path)
  const taken: Samples[] = []
  try {
    for (const untilMs of [...untils, Infinity]) {
      taken.push(await reader.takeUntil(untilMs))
      expect((taken.at(-1)?.timestampsMs ?? []).every((atMs) => atMs < untilMs)).toBe(true)
    }
  } finally {
    await reader.close()
  }
  return { timestampsMs: taken.flatMap((part) => part.timestampsMs), values: taken.flatMap((part) => part.values) }
}

describe('a file of a series', () => {
  const size = fc.integer({ min: 1, max: 30 })

  it('holds what was written, in whatever pieces it is written and read', () =>
    fc.assert(
      fc.asyncProperty(labels, samples, size, fc.array(fc.nat(60)), async (ofSeries, all, batch, cuts) => {
        await rm(path, { force: true })
        const content = await writeSeriesFile(path, ofSeries, inBatches(all, batch))
        expect(content.sampleCount).toBe(all.values.length)
        await checkSeriesFile(path, content)
        const untils = cuts.flatMap((cut) => all.timestampsMs[cut] ?? []).sort((a, b) => a - b)
        expect(await readAll(untils)).toEqual(all)
      }),
      { numRuns },
    ))

  it('that is cut off or changed is not taken for what was written', () =>
    fc.assert(
      fc.asyncProperty(labels, samples, damage, async (ofSeries, all, how) => {
        await rm(path, { force: true })
        const content = await writeSeriesFile(path, ofSeries, inBatches(all, 30))
        await spoil(path, how)
        const error = await checkSeriesFile(path, content).then(
          () => undefined,
          (reason: unknown) => String(reason),
        )
        // A byte of the head of the file, such as its time, is no sample.
        if (error === undefined) expect(await readAll([])).toEqual(all)
        else expect(error).toContain(path)
      }),
      { numRuns },
    ))
})

describe('the journal of a reload', () => {
  const file = fc.record({ name: text, sampleCount: fc.nat(), sha256: text })
  const journals: fc.Arbitrary<Journal> = fc
    .record({
      version: fc.constant(1 as const),
      device: text,
      location: text,
      labels,
      backup: file,
      content: file,
      fromMs: fc.nat(),
      untilMs: fc.nat(),
      state: fc.constantFrom('ready' as const, 'deleted' as const),
    })
    .map((reload) => ({ folder, base: 'garage-1', reload }))

  it('tells what was written', () =>
    fc.assert(
      fc.asyncProperty(journals, async (journal) => {
        await writeJournal(journal)
        expect(await findJournals(folder, journal.reload.device)).toEqual([journal])
      }),
      { numRuns },
    ))

  it('that is cut off or changed is refused, or tells the same', () =>
    fc.assert(
      fc.asyncProperty(journals, damage, async (journal, how) => {
        await writeJournal(journal)
        await spoil(journalPath(journal), how)
        const found = await findJournals(folder, journal.reload.device).catch((error: unknown) => String(error))
        if (typeof found === 'string') expect(found).toMatch(/cannot be read; its backup is/)
        else expect(found).toEqual([journal])
      }),
      { numRuns },
    ))
})

it.each(['content', 'backup'] as const)('a reload whose %s has become an empty file changes nothing', async (which) => {
  const ofSeries = { __name__: 'power', device: 'garage' }
  const all = { timestampsMs: [1_700_000_040_000], values: [7] }
  const clock = createSimulatedClock(1_700_000_100_000)
  const store = createSimulatedStore({ clock })
  store.insert([{ labels: ofSeries, ...all, values: [8] }])
  const backupDir = await mkdtemp(join(folder, 'backups-'))
  const write = async (name: string, values: number[]) => ({
    name,
    ...(await writeSeriesFile(join(backupDir, name), ofSeries, inBatches({ ...all, values }, 30))),
  })
  const files = { backup: await write('backup.gz', [8]), content: await write('content.gz', [7]) }
  const span = { fromMs: 1_700_000_040_000, untilMs: 1_700_000_100_000 }
  const reload = {
    ...files,
    ...span,
    version: 1,
    device: 'garage',
    location: 'Dryer',
    labels: ofSeries,
    state: 'ready',
  }
  await writeJournal({ folder: backupDir, base: 'garage-1', reload } as Journal)
  await writeFile(join(backupDir, files[which].name), '')
  const context = { store, clock, memory: createSyncMemory(), log: silentLog, random: () => 0.5 }
  const reloads = reloadsIn(backupDir)
  const device = {} as Parameters<typeof reloads.finish>[0]['device']
  const finishing = reloads.finish(
    { ...context, device, settings: settingsFor('garage') },
    new AbortController().signal,
  )
  await expect(finishing).rejects.toThrow(join(backupDir, files[which].name))
  expect(store.samplesOf(ofSeries).map(({ value }) => value)).toEqual([8])
})
