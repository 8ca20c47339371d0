import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

vi.setConfig({ testTimeout: 120_000 })
const PROGRAM = fileURLToPath(new URL('../../bin/iotawatt-sync', import.meta.url))
/** Of nobody, and of one that has no name. */
const [OTHER, NAMELESS] = [65_534, 4_242]

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'other-user-'))
  await chmod(folder, 0o755)
  await writeFile(join(folder, 'iotawatt-sync.yaml'), 'devices: [{ name: a, url: http://127.0.0.1:1 }]')
})
afterEach(() => rm(folder, { recursive: true }))

async function runAs(uid: number, args: readonly string[]) {
  const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: folder, uid, gid: uid, env: { HOME: '/' } })
  const [stderr, [code], stdout] = await Promise.all([text(child.stderr), once(child, 'close'), text(child.stdout)])
  return { code: Number(code), stderr, stdout }
}

// Root alone may become another user.
const isRoot = process.getuid?.() === 0

it.runIf(isRoot).each(['status', 'load --dry-run', 'sync', 'run'])(
  '%s in the folder of another user',
  async (command) => {
    await mkdir(join(folder, 'data'), { mode: 0o700 })
    const { code, stderr } = await runAs(OTHER, command.split(' '))
    expect(stderr).toMatch(/the folder \S+data belongs to root, and this user \(\w+\) may not use it\n/)
    expect(stderr).toContain(`sudo -u root iotawatt-sync ${command}`)
    expect(stderr).not.toContain('choose another')
    expect(code).toBe(1)
  },
)

it.runIf(isRoot).each([
  ['the folder', 'store', /BAD {3}store: the folder \S+store belongs to root, and this user \(\w+\) may not use it/],
  ['the file', 'store/store.duckdb', /BAD {3}store: \S+store\.duckdb: EACCES: permission denied/],
])('%s of the embedded store that another user has made is BAD in check', async (_, path, words) => {
  const data = join(folder, 'data')
  await mkdir(join(data, 'store'), { recursive: true })
  await writeFile(join(data, 'store/store.duckdb'), '')
  for (const each of ['', 'store']) await chmod(join(data, each), 0o777)
  await chmod(join(data, path), 0o600)
  const { code, stdout } = await runAs(OTHER, ['check'])
  expect(stdout).toMatch(words)
  expect(code).toBe(1)
})

it.runIf(isRoot)('a folder of a user without a name', async () => {
  await mkdir(join(folder, 'data'), { mode: 0o700 })
  await chown(join(folder, 'data'), NAMELESS, NAMELESS)
  const { stderr } = await runAs(OTHER, ['status', '--device', 'a'])
  expect(stderr).toMatch(/belongs to number 4242[^]*sudo -u '#4242' iotawatt-sync status --device a/)
})

it.runIf(isRoot)('the socket of another user, in a folder that all may use', async () => {
  await mkdir(join(folder, 'data'))
  await chmod(join(folder, 'data'), 0o777)
  const daemon = createServer().listen(join(folder, 'data', 'daemon.sock'))
  await once(daemon, 'listening')
  await chmod(join(folder, 'data', 'daemon.sock'), 0o600)
  const { code, stderr } = await runAs(OTHER, ['status'])
  daemon.close()
  expect(stderr).toMatch(/the socket for commands \S+daemon\.sock belongs to root[^]*sudo -u root/)
  expect(code).toBe(1)
})

it.runIf(isRoot)('a file of a secret that may not be read', async () => {
  const secret = join(folder, 'device.password')
  await writeFile(secret, 'hush', { mode: 0o600 })
  await writeFile(
    join(folder, 'iotawatt-sync.yaml'),
    'devices: [{ name: a, url: http://127.0.0.1:1, passwordFile: device.password }]',
  )
  const { code, stderr } = await runAs(OTHER, ['sync'])
  expect(stderr).toMatch(
    /devices\[0\]\.passwordFile: found a file that this user may not read: it belongs to root, permissions 600; expected one .* chgrp and chmod 640/,
  )
  expect(code).toBe(2)
})

it.runIf(isRoot).each([
  ['the file', async () => chmod(join(folder, 'iotawatt-sync.yaml'), 0o600), 'it belongs to root'],
  ['its folder', async () => chmod(folder, 0o700), String.raw`\S+other-user-\w+ belongs to root`],
])('a configuration of which %s may not be read', async (_, forbid, words) => {
  await forbid()
  const file = join(folder, 'iotawatt-sync.yaml')
  const { code, stderr } = await runAs(OTHER, ['check', '--config', file])
  expect(stderr).toMatch(new RegExp(`found a file that this user \\(\\w+\\) may not read: ${words}, group root, rw`))
  expect(stderr).toContain(`sudo -u root iotawatt-sync check --config ${file}`)
  expect(stderr).not.toContain('init')
  expect(code).toBe(2)
})
