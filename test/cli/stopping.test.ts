import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { ServedDevice } from '../doubles/serve-simulated-device.ts'
import { freePort } from '../free-port.ts'
import { configOf, inHome, serveUnit } from './slow-house.ts'

vi.setConfig({ testTimeout: 180_000 })
let slow: ServedDevice
beforeAll(async () => {
  slow = await serveUnit(3)
})
afterAll(async () => {
  vi.resetConfig()
  await slow.close()
})

const LONG = process.env['LONG'] !== undefined
const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const
const COMMANDS = [['load', '--yes'], ['verify']]

it.each([
  ['here', 0],
  ['by the daemon', 1],
] as const)('a command that a signal stopped, executed %s, ends with the code of the signal', async (where, shift) => {
  // A daemon that copies all of it by itself would leave nothing to load.
  const config = { chunk: '1h', backfill: false, web: { listen: `127.0.0.1:${await freePort()}` } }
  await inHome(configOf(slow.url, config), async (home) => {
    if (where === 'by the daemon') await home.start(['run']).says(/copying 1 device /)
    for (const [index, [signal, exitCode]] of SIGNALS.entries())
      for (const args of COMMANDS.filter((_, at) => LONG || at === (index + shift) % COMMANDS.length)) {
        const command = home.start(args)
        // It has asked the device, or does so now: there is much left.
        await command.says(args[0] === 'load' ? /Oldest first/ : /% looked through|maxDeviceLoad/)
        command.kill(signal)
        const { code, signal: killedBy } = await command.ended
        expect({ args, code, killedBy }).toEqual({ args, code: exitCode, killedBy: null })
      }
  })
})

it('what has no end of its own ends with 0', async () =>
  inHome(undefined, async (home) => {
    const simulator = home.start(['simulate', '--days', '1', '--port', '0'])
    await simulator.says(/iwatt6 {2}http/)
    simulator.kill('SIGINT')
    expect((await simulator.ended).code).toBe(0)
  }))

it('verify ends where the store is off, without trying again and again, as check and export do', async () =>
  inHome(configOf(slow.url, { store: { url: 'http://127.0.0.1:1' } }), async (home) => {
    for (const command of ['verify', 'check', 'export']) {
      const { code, stdout, stderr } = await home.run([command])
      expect(stdout + stderr).toMatch(/connection refused/)
      expect(stderr).not.toMatch(/attempt \d of/)
      expect(code).toBe(1)
    }
  }))
