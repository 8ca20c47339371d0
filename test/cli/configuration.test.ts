import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ServedDevice } from '../doubles/serve-simulated-device.ts'
import { type CliHome, openCliHome } from '../cli-home.ts'
import { freePort } from '../free-port.ts'
import { configOf, expectNoStack, inHome, serveUnit } from './slow-house.ts'

vi.setConfig({ testTimeout: 180_000 })
let device: ServedDevice
beforeAll(async () => {
  device = await serveUnit()
})
afterAll(async () => {
  vi.resetConfig()
  await device.close()
})

/** It does not matter how much the daemon copies. */
const oneHour = () => ({ devices: [{ name: 'iwatt6', url: device.url, since: '2024-05-31T23:00Z' }] })
const web = async () => ({ web: { listen: `127.0.0.1:${await freePort()}` } })
const write = (home: CliHome, name: string, config: object) =>
  writeFile(join(home.folder, name), JSON.stringify(config, undefined, 1))

async function startDaemon(home: CliHome) {
  const daemon = home.start(['run'])
  await daemon.says(/copying 1 device /)
  return daemon
}

describe('beside a daemon', () => {
  let config: ReturnType<typeof configOf>
  let home: CliHome
  beforeAll(async () => {
    config = configOf(device.url, { ...oneHour(), ...(await web()) })
    home = await openCliHome(config)
    await startDaemon(home)
  })
  afterAll(async () => {
    await home.close()
    expectNoStack(home)
  })

  it('a command is not executed with the configuration of a daemon that it was not given', async () => {
    await write(home, 'b.yaml', { ...config, metric: 'watts', store: { url: 'http://127.0.0.1:1' } })
    for (const args of [['load', '--dry-run'], ['status'], ['export'], ['sync'], ['verify']]) {
      const { code, stdout, stderr } = await home.run([...args, '--config', 'b.yaml'])
      expect(stderr).toMatch(
        /the daemon \(process \d+\) runs with another configuration, \S+iotawatt-sync\.yaml, and this is \S+b\.yaml; what differs: store, metric\n.*--config \S+iotawatt-sync\.yaml.* stateDir of its own/,
      )
      expect([code, stdout]).toEqual([2, ''])
    }
    expect((await home.run(['status'])).stdout).toContain('daemon: running since')
  })

  it('a second daemon in the same folder refuses to start, and the first one goes on to be asked', async () => {
    await write(home, 'b.yaml', { ...config, ...(await web()), devices: [{ name: 'other', url: device.url }] })
    const second = await home.run(['run', '--config', 'b.yaml'])
    expect(second.stderr).toMatch(
      /the daemon \(process \d+\), which runs with \S+iotawatt-sync\.yaml, works with the state folder \S+data already\n.*give \S+b\.yaml a stateDir of its own/,
    )
    expect(second.code).toBe(1)
    expect((await home.run(['check', '--config', 'b.yaml'])).stdout).toMatch(/^WARN {2}config: .*stateDir of its own/ms)
    expect((await home.run(['status'])).stdout).toContain('daemon: running since')
  })

  it('a command of 0.1.0 gets no answer of a configuration that it does not name, and is told why', async () => {
    const socket = connect(join(home.folder, 'data', 'daemon.sock'))
    socket.write(`${JSON.stringify({ command: 'status', options: {}, isWatched: false })}\n`)
    const lines = (await text(socket)).trim().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { process: expect.any(Number) },
      { level: 'error', message: expect.stringMatching(/this command is of an older version: run the command of/) },
      { exitCode: 1 },
    ])
  })
})

it('after an edit of the file, check looks at the new one, and the others say how it is taken', async () => {
  const config = configOf(device.url, { ...oneHour(), ...(await web()) })
  await inHome(config, async (home) => {
    const daemon = await startDaemon(home)
    await home.configure({ ...config, chunk: '1d', devices: [{ name: 'iwatt6', url: 'http://127.0.0.1:1' }] })
    const load = await home.run(['load', '--dry-run'])
    expect(load.stderr).toMatch(/does not run with \S+ as it is now.*chunk, devices\n.*kill -HUP \d+/)
    expect(load.code).toBe(2)
    const check = await home.run(['check'])
    expect(check.stdout).toMatch(/^WARN {2}store: the daemon \(process \d+\) has the embedded store open/m)
    expect(check.stdout).toMatch(/^BAD {3}iwatt6: GET http:\/\/127\.0\.0\.1:1\//m)
    expect(check.code).toBe(1)
    await home.configure({ ...config, chunk: '1d' })
    daemon.kill('SIGHUP')
    await daemon.says(/copying 1 device [^]*copying 1 device /)
    expect((await home.run(['load', '--dry-run'])).code).toBe(0)
  })
})

it('a daemon takes up devices of files at SIGHUP, and keeps those of a file that has come to have a mistake', async () =>
  inHome({ deviceFiles: ['list-*.yaml'], ...(await web()) }, async (home) => {
    const list = (name: string, ...devices: object[]) => writeFile(join(home.folder, name), JSON.stringify(devices))
    const nowhere = 'http://127.0.0.1:1'
    await list('list-a.yaml', ...oneHour().devices)
    const daemon = await startDaemon(home)
    await list('list-a.yaml', ...oneHour().devices, { name: 'no-address' })
    await list('list-b.yaml', { name: 'more', url: nowhere })
    daemon.kill('SIGHUP')
    await daemon.says(
      /copying 2 devices [^]*the devices of files with mistakes stay as they were: list-a\.yaml:1:\d+ \[1\]\.url: found nothing/,
    )
    const { code, stderr } = await home.run(['check'])
    expect(stderr).toMatch(/^list-a\.yaml:1:\d+ \[1\]\.url: found nothing/m)
    expect(code).toBe(2)
    await list('list-a.yaml')
    daemon.kill('SIGHUP')
    await daemon.says(/copying 2 devices [^]*copying 1 device /)
  }))

/** What 0.1.0 answers to a command that it does not know. */
function answerAsOld(socket: Socket): void {
  socket.on('error', () => {})
  socket.once('data', () => {
    const lines = [{ process: 17 }, { level: 'error', message: 'no command hello' }, { exitCode: 1 }]
    socket.end(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  })
}

it('beside a daemon of an older version every command says in one line to restart it', async () =>
  inHome(configOf(device.url), async (home) => {
    await mkdir(join(home.folder, 'data'), { mode: 0o700 })
    const old = createServer(answerAsOld).listen(join(home.folder, 'data', 'daemon.sock'))
    await once(old, 'listening')
    for (const command of ['status', 'load', 'check', 'export']) {
      const { code, stderr } = await home.run([command])
      expect(stderr).toMatch(
        /^the daemon \(process 17\) is of an older version, and this is \S+: restart the daemon\n$/m,
      )
      expect(code).toBe(1)
    }
    const run = await home.run(['run'])
    expect(run.stderr).toMatch(/the daemon \(process 17\) works with the state folder .*\n.*kill 17/)
    old.close()
  }))

it('a daemon whose files an upgrade has replaced executes commands as before', async () => {
  const { cp, mkdtemp, rm } = await import('node:fs/promises')
  const { spawn } = await import('node:child_process')
  const { tmpdir } = await import('node:os')
  const { fileURLToPath } = await import('node:url')
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const copy = await mkdtemp(join(tmpdir(), 'installed-'))
  for (const part of ['bin', 'dist', 'package.json']) await cp(join(root, part), join(copy, part), { recursive: true })
  await (await import('node:fs/promises')).symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
  await inHome(configOf(device.url, { ...oneHour(), ...(await web()) }), async (home) => {
    const daemon = spawn(process.execPath, [join(copy, 'bin', 'iotawatt-sync'), 'run'], { cwd: home.folder })
    daemon.stdout.resume()
    let said = ''
    daemon.stderr.on('data', (data) => (said += String(data)))
    await vi.waitUntil(() => said.includes('copying 1 device'), { timeout: 60_000 })
    await rename(join(copy, 'dist'), join(copy, 'before'))
    for (const command of ['status', 'channels', 'check', 'sync', 'export', 'verify', 'load', 'migrate'])
      expect((await home.run([command])).stderr).not.toMatch(/module|restart/i)
    daemon.kill('SIGTERM')
    await once(daemon, 'close')
    expect(said).not.toMatch(/Cannot find/)
  })
  await rm(copy, { recursive: true })
})

it('a mistake in the configuration is JSON for who asked for JSON', async () =>
  inHome({ devices: [], intervall: 1 }, async (home) => {
    const check = await home.run(['--json', 'check'])
    expect(JSON.parse(check.stdout)).toEqual(
      expect.arrayContaining([
        { verdict: 'BAD', subject: 'config', message: expect.stringMatching(/intervall: found an unknown key/) },
      ]),
    )
    const sync = await home.run(['sync', '--json'])
    expect(JSON.parse(sync.stdout)).toEqual({ error: expect.stringContaining('intervall') })
    expect([check.code, sync.code]).toEqual([2, 2])
  }))

it('says its version in every way that people try', async () =>
  inHome(undefined, async (home) => {
    const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
    for (const arg of ['--version', '-v', '-V', 'version'])
      expect(await home.run([arg])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' })
  }))

it('simulate says what to do where its port is taken', async () =>
  inHome(undefined, async (home) => {
    const { port } = new URL(device.url)
    const { code, stderr } = await home.run(['simulate', '--days', '1', '--port', port])
    expect(stderr).toMatch(new RegExp(`port ${port} cannot be used: another program listens there\n.*--port N`))
    expect(code).toBe(1)
  }))
