import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, open, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig, readConfig } from './load-config.ts'
import { readUpTo, TooLongError } from './referenced-files.ts'

const DEVICES = 'devices: [{ name: a, url: http://a }]\n'
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plain-'))
  await promisify(execFile)('mkfifo', [join(folder, 'fifo')])
  await mkdir(join(folder, 'folder'))
  await writeFile(join(folder, 'there'), DEVICES)
  await symlink('fifo', join(folder, 'to-fifo'))
  await symlink('there', join(folder, 'to-there'))
})
afterAll(() => rm(folder, { recursive: true }))

const messageOf = (loading: Promise<unknown>) => loading.then(() => 'loaded', String)

describe('what is no plain file is not opened', () => {
  test.each([
    ['fifo', 'fifo: found a named pipe; expected the configuration, a plain file'],
    ['to-fifo', 'to-fifo: found a named pipe; expected the configuration, a plain file'],
    ['folder', 'folder: found a folder; expected the configuration, a plain file'],
    ['/dev/zero', '/dev/zero: found a device; expected the configuration, a plain file'],
    ['to-there', 'loaded'],
  ])('as the configuration: %s', async (path, expected) =>
    expect(await messageOf(loadConfig({ path, env: {}, cwd: folder }))).toContain(expected),
  )

  test.each([
    ['store: { url: http://vm, tokenFile: fifo }', 'store.tokenFile: found a named pipe; expected a plain file'],
    ['store: { url: http://vm, caFile: folder }', 'store.caFile: found a folder; expected a plain file'],
    ['web: { tokenFile: to-fifo }', 'web.tokenFile: found a named pipe; expected a plain file'],
  ])('as a file of the configuration: %s', async (text, expected) => {
    const place = { path: join(folder, 'c.yaml'), shownPath: 'c.yaml', env: {} }
    expect(await messageOf(readConfig(text + '\n' + DEVICES, place))).toContain(expected)
  })
})

test('the folder that one stands in is named', async () => {
  expect(await messageOf(loadConfig({ path: '.', env: {}, cwd: folder }))).toContain(`${folder}: found a folder`)
})

test('nothing at all is a configuration that the environment may fill', async () => {
  const env = { IOTAWATT_SYNC_DEVICES_0_NAME: 'a', IOTAWATT_SYNC_DEVICES_0_URL: 'http://a' }
  expect((await loadConfig({ path: '/dev/null', env, cwd: folder })).config.devices).toHaveLength(1)
})

test('what the shell hands over open is read, though it is a pipe', async () => {
  const pipe = await open(join(folder, 'fifo'), 'r+')
  await pipe.write('x'.repeat(1000))
  await expect(readUpTo(`/dev/fd/${pipe.fd}`, 999)).rejects.toThrow(TooLongError)
  await pipe.close()
})
