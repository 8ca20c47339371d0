import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { findJournals, journalPath, writeJournal, type Journal } from './reload-journal.ts'
import { openSeriesFile } from './series-file.ts'

const MAX_LINE = 256 * 1024
const MAX_JOURNAL = 1024 * 1024

const FILE = { name: 'a', sampleCount: 1, sha256: 'b' }
const RELOAD = { version: 1, device: 'house', location: 'Dryer', labels: {}, state: 'ready' } as const

let folder: string
let journal: Journal
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-limits-'))
  const reload = { ...RELOAD, backup: FILE, content: FILE, fromMs: 0, untilMs: 60_000 }
  journal = { folder, base: 'house-1', reload }
})
afterEach(() => rm(folder, { recursive: true }))

it('a line of a backup may have 256 kB', async () => {
  const path = join(folder, 'series.gz')
  const line = '{"metric":{"a":"b"},"values":[1],"timestamps":[60000]}'
  const read = async (length: number, before = 0) => {
    await writeFile(path, gzipSync(`${line}\n`.repeat(before) + `${line.padEnd(length)}\n`))
    const reader = openSeriesFile(path)
    try {
      return await reader.takeUntil(Infinity)
    } finally {
      await reader.close()
    }
  }
  expect(await read(MAX_LINE)).toEqual({ timestampsMs: [60_000], values: [1] })
  await expect(read(MAX_LINE + 1)).rejects.toThrow('a line that this program did not write')
  // Wherever the pieces begin in which it is unpacked.
  await expect(read(MAX_LINE + 1, 100)).rejects.toThrow('a line that this program did not write')
})

it('a journal of an early 0.1.0 is read, though it has no hash of its own', async () => {
  await writeJournal(journal)
  const { sha256: _, ...old } = JSON.parse(await readFile(journalPath(journal), 'utf8'))
  const write = (content: object) => writeFile(journalPath(journal), JSON.stringify(content))
  await write(old)
  expect(await findJournals(folder, 'house')).toEqual([journal])
  await write({ ...old, sha256: '' })
  await expect(findJournals(folder, 'house')).rejects.toThrow('cannot be read')
})

it('a journal may have 1 MB', async () => {
  await writeJournal(journal)
  const { size } = await stat(journalPath(journal))
  await appendFile(journalPath(journal), ' '.repeat(MAX_JOURNAL - size))
  expect(await findJournals(folder, 'house')).toEqual([journal])
  await appendFile(journalPath(journal), ' ')
  await expect(findJournals(folder, 'house')).rejects.toThrow(`${journalPath(journal)} says that a series`)
})
