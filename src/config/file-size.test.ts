import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Tariff } from '../tariff/tariff.ts'
import { readPriceFiles } from './price-files.ts'
import { readUpTo, TooLongError } from './referenced-files.ts'
import { loadText, mistakesIn } from '../../test/test-config.ts'

const MAX_BYTES = 1024 * 1024
const DEVICES = 'devices: [{ name: a, url: http://a }]\n'

/** A comment fills it up. */
const ofSize = (text: string, bytes: number) => `${text}#${'x'.repeat(bytes - text.length - 1)}`

test('a configuration of 1 MB is read, and not one that is longer', async () => {
  expect((await loadText(ofSize(DEVICES, MAX_BYTES))).config.devices).toHaveLength(1)
  expect(await mistakesIn(ofSize(DEVICES, MAX_BYTES + 1))).toEqual([
    'c.yaml: found a file that is no configuration: it is longer than 1024 kB; expected YAML',
  ])
})

test('what says that it is empty, and is not, is read no further than that', async () => {
  await expect(readUpTo('/proc/self/maps', 1000)).rejects.toThrow(TooLongError)
})

test('a secret of 1 MB is read, and not one that is longer', async () => {
  const text = `store: { url: http://vm, tokenFile: t }\n${DEVICES}`
  expect((await loadText(text, { files: { t: 'x'.repeat(MAX_BYTES) } })).config.store.type).toBe('victoriametrics')
  expect(await mistakesIn(text, { files: { t: 'x'.repeat(MAX_BYTES + 1) } })).toEqual([
    expect.stringMatching(/^c.yaml:.*store.tokenFile: .*longer than 1024 kB/),
  ])
})

test('a price file of 48 MB is read, and not one that is longer', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'prices-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'prices.csv')
  const tariff = { name: 'T', import: { file } } as Tariff
  const problemsAt = async (bytes: number) => {
    await writeFile(file, 'no prices\n')
    await truncate(file, bytes)
    return (await readPriceFiles([tariff], 'UTC')).problems.map(({ message }) => message)
  }
  const limit = 48 * 1024 * 1024
  expect(await problemsAt(limit)).toEqual([expect.stringMatching(/^prices\.csv:1: /)])
  expect(await problemsAt(limit + 1)).toEqual([expect.stringMatching(/cannot be read \(it is longer than 49152 kB\)/)])
})

const level = (n: number) => `x${n}: &x${n} [${Array.from({ length: 9 }, () => `*x${n - 1}`).join(', ')}]\n`

test.each([
  [
    'of names that stand for more and more',
    `x0: &x0 [x]\n${Array.from({ length: 9 }, (_, n) => level(n + 1)).join('')}`,
  ],
  ['of lists in lists', `x: ${'['.repeat(500_000)}\n`],
])('a text %s is refused before it is all there', async (_, text) => {
  const mistakes = await mistakesIn(`${text}${DEVICES}`)
  expect(mistakes[0]).toMatch(/an alias \(\*\) that cannot be followed|nested too deeply/)
  expect(mistakes.join().length).toBeLessThan(MAX_BYTES)
})

test('a switch that turns certificates off is reported to have no effect', async () => {
  const { warnings } = await loadText(DEVICES, { env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } })
  expect(warnings).toEqual([expect.stringContaining('NODE_TLS_REJECT_UNAUTHORIZED=0 has no effect')])
})

test.each([
  ['lists that end', `x: ${'['.repeat(60_000)}${']'.repeat(60_000)}\n`],
  ['lists that do not end', `x: ${'['.repeat(60_000)}\n`],
  ['mappings', `x: ${'{a: '.repeat(60_000)}${'}'.repeat(60_000)}\n`],
  ['lists in one line', `x:\n  ${'- '.repeat(300_000)}a\n`],
])('%s within each other are reported as nested too deeply', async (_, text) => {
  expect(await mistakesIn(`${text}${DEVICES}`)).toEqual([
    expect.stringMatching(/^c\.yaml:\d+:\d+: found lists or mappings that are nested too deeply; expected/),
  ])
})
