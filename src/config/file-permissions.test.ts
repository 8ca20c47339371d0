import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadConfig } from './load-config.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'permissions-'))
})
afterEach(() => rm(folder, { recursive: true }))

interface Permissions {
  readonly file: number
  readonly secret: number
  readonly state: number
}

async function warningsWith({ file, secret, state }: Permissions, more = ''): Promise<string[]> {
  const config = join(folder, 'c.yaml')
  const text = `stateDir: .\nstore: { url: http://vm, tokenFile: token }\ndevices: [{ name: a, url: http://a${more} }]\n`
  await writeFile(config, text)
  await writeFile(join(folder, 'token'), 't0ken\n')
  await chmod(config, file)
  await chmod(join(folder, 'token'), secret)
  await chmod(folder, state)
  const { warnings } = await loadConfig({ path: config, env: {}, cwd: folder })
  return warnings.map((warning) => warning.replaceAll(folder, ''))
}

test.each<[string, Permissions, string, string[]]>([
  ['nobody else may read or write', { file: 0o644, secret: 0o640, state: 0o755 }, '', []],
  [
    'every user may read a file of a secret',
    { file: 0o644, secret: 0o644, state: 0o755 },
    '',
    ['/token holds a secret and every user may read it: chmod 640.'],
  ],
  [
    'every user may read a configuration with a secret',
    { file: 0o644, secret: 0o600, state: 0o755 },
    ', password: p',
    ['/c.yaml holds secrets and every user may read it: chmod 640, or passwordFile and tokenFile.'],
  ],
  [
    'every user may change the configuration',
    { file: 0o646, secret: 0o600, state: 0o755 },
    '',
    ['/c.yaml may be changed by every user, who so learns its secrets: chmod o-w.'],
  ],
  [
    'every user may change the state folder',
    { file: 0o644, secret: 0o600, state: 0o757 },
    '',
    ['stateDir  may be changed by every user: chmod 700.'],
  ],
])('%s', async (_, permissions, more, expected) => {
  expect(await warningsWith(permissions, more)).toEqual(expected)
})
