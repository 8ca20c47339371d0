import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, lstatSync } from 'node:fs'
import { chmod, copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clone } from './clone.ts'

const CONFIG = 'etc/iotawatt-sync/iotawatt-sync.yaml'
const STATE = 'var/lib/iotawatt-sync'
const PACKAGE = 'iotawatt-sync.deb'
/** It needs root and debootstrap, and takes minutes. */
const isTried = process.env['LONG'] !== undefined && process.getuid?.() === 0 && existsSync('/usr/sbin/debootstrap')

const execute = promisify(execFile)

describe.skipIf(!isTried)('the Debian package, on a fresh Debian 13', () => {
  let folder: string
  let root: string
  // Its links lead nowhere outside of it.
  const isThere = (path: string) => lstatSync(join(root, path), { throwIfNoEntry: false }) !== undefined
  const inRoot = async (...command: readonly string[]) => {
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' }
    const { stdout, stderr } = await execute('chroot', [root, ...command], { env, maxBuffer: 16_000_000 })
    return stdout + stderr
  }
  const asService = (...command: readonly string[]) =>
    inRoot('setpriv', '--reuid=iotawatt-sync', '--regid=iotawatt-sync', '--clear-groups', ...command)

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'debian-'))
    root = join(folder, 'root')
    const copy = await clone(join(folder, 'clone'))
    await execute(process.execPath, [join(copy, 'scripts/deb.mjs'), join(folder, 'packages')])
    await execute('debootstrap', ['--variant=minbase', 'trixie', root], { maxBuffer: 16_000_000 })
    // Nothing is started in it.
    await writeFile(join(root, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n')
    await chmod(join(root, 'usr/sbin/policy-rc.d'), 0o755)
    const [name = ''] = await readdir(join(folder, 'packages'))
    await copyFile(join(folder, 'packages', name), join(root, PACKAGE))
    await inRoot('apt-get', 'update')
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('installs with what Debian has, as a service that waits for its configuration', async () => {
    const output = await inRoot('apt-get', 'install', '-y', '--no-install-recommends', `/${PACKAGE}`)
    expect(output).toContain('has no configuration yet')
    expect(await inRoot('stat', '-c', '%U %a', '/etc/iotawatt-sync', `/${STATE}`)).toBe('iotawatt-sync 700\n'.repeat(2))
    expect(isThere('etc/systemd/system/multi-user.target.wants/iotawatt-sync.service')).toBe(true)
    expect(await inRoot('bash', '-c', '. /usr/share/bash-completion/completions/iotawatt-sync; complete -p')).toContain(
      'iotawatt-sync',
    )
    expect(await inRoot('zcat', '/usr/share/man/man1/iotawatt-sync.1.gz')).toContain('.SH EXIT STATUS')
  })

  test('copies a house into the embedded store, as the user of the service', async () => {
    const demo = spawn('chroot', [
      '--userspec=iotawatt-sync:iotawatt-sync',
      root,
      'iotawatt-sync',
      'demo',
      '--dir',
      '/tmp/demo',
    ])
    let text = ''
    demo.stdout.setEncoding('utf8').on('data', (data: string) => {
      text += data
      if (!demo.killed && text.includes('the house at')) demo.kill('SIGINT')
    })
    expect([...(await once(demo, 'close')), text]).toEqual([0, null, expect.stringContaining('the house at')])
  })

  test('commands use the configuration and the state of the service, unless another one is named', async () => {
    await writeFile(join(root, CONFIG), 'devices: [{ name: a, url: "http://127.0.0.1:1" }]\n')
    const check = 'cd /; iotawatt-sync check "$@"; true'
    expect(await asService('sh', '-c', check)).toContain('1 device, state in /var/lib/iotawatt-sync\n')
    expect(await asService('sh', '-c', check, 'sh', '--config', `/${CONFIG}`)).toContain(
      'state in /var/lib/iotawatt-sync\n',
    )
    await writeFile(join(root, 'tmp/iotawatt-sync.yaml'), await readFile(join(root, CONFIG)))
    expect(await asService('sh', '-c', 'cd /tmp; iotawatt-sync check; true')).toContain('state in /tmp/data\n')
    expect(await asService('sh', '-c', check, 'sh', '--config=/tmp/iotawatt-sync.yaml')).toContain(
      'state in /tmp/data\n',
    )
  })

  test('an upgrade leaves the configuration and the state as they are', async () => {
    await asService('touch', `/${STATE}/kept`)
    expect(await inRoot('dpkg', '--install', `/${PACKAGE}`)).not.toContain('no configuration')
    expect([isThere(CONFIG), isThere(`${STATE}/kept`)]).toEqual([true, true])
  })

  test('it is removed and purged; data stay, which it reports', async () => {
    await inRoot('apt-get', 'remove', '-y', 'iotawatt-sync')
    expect(isThere('usr/bin/iotawatt-sync') || isThere('usr/lib/iotawatt-sync')).toBe(false)
    expect([isThere(CONFIG), isThere(`${STATE}/kept`)]).toEqual([true, true])
    expect(await inRoot('dpkg', '--purge', 'iotawatt-sync')).toContain('/var/lib/iotawatt-sync is kept')
    expect([isThere('etc/iotawatt-sync'), isThere(`${STATE}/kept`)]).toEqual([false, true])
    expect(isThere('etc/systemd/system/multi-user.target.wants/iotawatt-sync.service')).toBe(false)
    await inRoot('dpkg', '--install', `/${PACKAGE}`)
    await rm(join(root, STATE, 'kept'))
    expect(await inRoot('dpkg', '--purge', 'iotawatt-sync')).not.toContain('is kept')
    expect(isThere(STATE)).toBe(false)
  })
})
