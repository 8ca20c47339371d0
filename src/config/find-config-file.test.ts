import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConfigError } from './config-error.ts'
import { loadConfig } from './load-config.ts'

const DEVICES = 'devices:\n  - { name: a, url: http://a }\n'

describe('the file', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'config-'))
    await mkdir(join(folder, 'with'))
    await mkdir(join(folder, 'without'))
    await writeFile(join(folder, 'with/iotawatt-sync.yaml'), DEVICES)
    await writeFile(join(folder, 'other.yaml'), `metric: other\n${DEVICES}`)
    await writeFile(join(folder, 'latin1.yaml'), Buffer.from([0x61, 0x3a, 0x20, 0xfc]))
  })
  afterAll(() => rm(folder, { recursive: true }))

  const load = async (path: string | undefined, env: string | undefined, cwd: string) =>
    loadConfig({ path, env: { IOTAWATT_SYNC_CONFIG: env }, cwd: join(folder, cwd) })

  test.each([
    ['the usual one of the folder', undefined, undefined, 'with', 'power'],
    ['the one of the variable', undefined, '../other.yaml', 'with', 'other'],
    ['the one of the flag before that of the variable', '../other.yaml', 'nowhere.yaml', 'with', 'other'],
  ])('is %s', async (_, path, env, cwd, metric) => expect((await load(path, env, cwd)).config.metric).toBe(metric))

  test.each([
    [
      'nowhere',
      undefined,
      'without',
      ['without/iotawatt-sync.yaml or /config/iotawatt-sync.yaml', 'iotawatt-sync init'],
    ],
    ['not where it should be', 'x.yaml', 'without', ['x.yaml: found no such file']],
    ['a folder', '../with', 'without', ['/with: found a folder']],
    ['not UTF-8', '../latin1.yaml', 'without', ['latin1.yaml: found bytes that are no text']],
  ])('is %s: refused', async (_, path, cwd, expected) => {
    const error: unknown = await load(path, undefined, cwd).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ConfigError)
    for (const part of expected) expect(String(error)).toContain(part)
  })

  test('is found by its relative path, and states a folder beside it', async () => {
    const { config, path } = await load('../with/iotawatt-sync.yaml', undefined, 'without')
    expect(path).toBe(join(folder, 'with/iotawatt-sync.yaml'))
    expect(config.stateDir).toBe(join(folder, 'with/data'))
  })
})
