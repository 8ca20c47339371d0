import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkStateDir, type HostFacts } from './check-host.ts'

const MIB = 1024 * 1024
const roomy: HostFacts = { freeBytes: () => Promise.resolve(1024 * MIB), tryToWrite: () => Promise.resolve() }
const failing = (code: string, message: string): HostFacts => ({
  ...roomy,
  tryToWrite: () => Promise.reject(Object.assign(new Error(`${code}: ${message}`), { code })),
})

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'check-host-'))
})
afterAll(() => rm(folder, { recursive: true }))

const found = async (facts: HostFacts, isEmbedded = true) =>
  (await checkStateDir(folder, { isEmbedded, facts })).map(({ verdict, message }) => `${verdict} ${message}`)

describe('the state folder', () => {
  test.each([
    [
      'a full disk',
      failing('ENOSPC', 'no space left on device'),
      /the disk \(or the quota of this user\) is full\n {2}free some of it/,
    ],
    ['a used up quota', failing('EDQUOT', 'quota exceeded'), /is full/],
    [
      'a read-only file system',
      failing('EROFS', 'read-only file system'),
      /EROFS: read-only file system\n {2}choose another stateDir/,
    ],
    [
      'no permission to write',
      failing('EACCES', 'permission denied'),
      /EACCES: permission denied\n {2}choose another stateDir/,
    ],
  ])('%s is BAD', async (_, facts, words) => {
    for (const isEmbedded of [true, false])
      expect(await found(facts, isEmbedded)).toEqual([expect.stringMatching(words)])
    expect((await found(facts))[0]).toMatch(/^BAD nothing can be written to /)
  })

  test.each([
    [0, 'BAD', '0.0 MB'],
    [15.94 * MIB, 'BAD', '16 MB'],
    [16 * MIB, 'WARN', '16 MB'],
    [255 * MIB, 'WARN', '255 MB'],
  ])('with %d bytes left for the embedded store is %s', async (bytes, verdict, shown) => {
    const facts = { ...roomy, freeBytes: () => Promise.resolve(bytes) }
    expect(await found(facts)).toEqual([
      expect.stringMatching(`^${verdict} the disk of .* has ${shown} left: free some`),
    ])
    expect(await found(facts, false)).toEqual([])
  })

  test('with space is nothing to speak of, and is left as it was', async () => {
    expect(await found(roomy)).toEqual([])
    expect(await checkStateDir(folder, { isEmbedded: false })).toEqual([])
    expect(await readdir(folder)).toEqual([])
  })

  test('a file in its place is BAD', async () => {
    await writeFile(join(folder, 'file'), '')
    const findings = await checkStateDir(join(folder, 'file'), { isEmbedded: true })
    expect(findings).toEqual([
      { verdict: 'BAD', subject: 'stateDir', message: expect.stringContaining('cannot be used') },
    ])
  })
})
