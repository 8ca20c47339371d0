import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { readExportFlags, standardOutput, type ExportFlags } from './export-sink.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'export-'))
})
afterEach(() => rm(folder, { recursive: true }))

const open = (name: string, flags: ExportFlags = {}) =>
  readExportFlags({ ...flags, output: join(folder, name) }).openSink()

test('a file takes its name when it is complete, and what was there before stays until then', async () => {
  await writeFile(join(folder, 'x.csv'), 'old')
  const sink = await open('x.csv')
  await sink.write('a\n')
  await sink.write('b\n')
  expect(await readFile(join(folder, 'x.csv'), 'utf8')).toBe('old')
  await sink.finish(() => {})
  await sink.close()
  expect(await readFile(join(folder, 'x.csv'), 'utf8')).toBe('a\nb\n')
  expect(await readdir(folder)).toEqual(['x.csv'])
})

test.each(['x.csv', 'x.parquet'])('what was not finished leaves nothing behind: %s', async (name) => {
  const sink = await open(name)
  await sink.write('a\n')
  expect(await readdir(folder)).toHaveLength(1)
  await sink.close()
  expect(await readdir(folder)).toEqual([])
})

test('a conversion to Parquet that fails is reported, and leaves nothing behind', async () => {
  const sink = await open('x.parquet')
  await sink.write('time,device,location,metric,value\nnever,a,b,c,1\n')
  await expect(sink.finish(() => {})).rejects.toMatchObject({
    name: 'StoreError',
    message: expect.stringContaining('x.parquet'),
  })
  await sink.close()
  expect(await readdir(folder)).toEqual([])
})

test.each([
  [true, 'iwatt5,\\u001b[2J\\u202e,1\n'],
  [false, 'iwatt5,\u001b[2J\u202e,1\n'],
])('names that steer a terminal, where standard output is one: %s', async (isTTY, shown) => {
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((...given: unknown[]) => {
    const done = given.at(-1)
    if (typeof done === 'function') done()
    return true
  })
  const before = process.stdout.isTTY
  process.stdout.isTTY = isTTY
  const sink = standardOutput()
  await sink.write('iwatt5,\u001b[2J\u202e,1\n')
  process.stdout.isTTY = before
  const texts = write.mock.calls.map(([text]) => text)
  write.mockRestore()
  expect(texts).toEqual([shown])
})

test('a link stays one', async () => {
  await mkdir(join(folder, 'other'))
  await writeFile(join(folder, 'other', 'real.csv'), '')
  await symlink(join(folder, 'other', 'real.csv'), join(folder, 'x.csv'))
  const sink = await open('x.csv')
  await sink.write('new')
  await sink.finish(() => {})
  expect(await readFile(join(folder, 'other', 'real.csv'), 'utf8')).toBe('new')
})

test.each([
  ['a full disk', '/dev/full', /the disk is full.*ENOSPC/],
  ['a folder that is not there', '/no/such/x.csv', /its folder does not exist/],
])('%s is reported as that', async (_, output, words) => {
  const writing = async () => {
    const sink = await readExportFlags({ output, format: 'csv' }).openSink()
    try {
      await sink.write('a')
    } finally {
      await sink.close()
    }
  }
  await expect(writing()).rejects.toThrow(words)
})

test.each([
  ['x.csv', {}, 'csv'],
  ['x.CSV', {}, 'csv'],
  ['x.ndjson', {}, 'ndjson'],
  ['x.jsonl', {}, 'ndjson'],
  ['x.parquet', {}, 'csv'],
  ['x.txt', { format: 'ndjson' }, 'ndjson'],
  ['-', {}, 'csv'],
  [undefined, { format: 'ndjson' }, 'ndjson'],
] as const)('--output %s %j asks for %s', (output, flags, format) => {
  expect(readExportFlags({ ...flags, output }).layout.format).toBe(format)
})

test.each(['x.csv.part', 'x.parquet.part.csv.gz'])('a link at %s is not followed', async (link) => {
  await writeFile(join(folder, 'victim'), 'precious')
  await symlink(join(folder, 'victim'), join(folder, link))
  await expect(open(link.split('.part')[0] ?? '')).rejects.toThrow('a link stands where it is written first')
  expect(await readFile(join(folder, 'victim'), 'utf8')).toBe('precious')
})
