import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { ServedDevice } from '../doubles/serve-simulated-device.ts'
import { JSON_OUTPUTS } from '../documents/json-schemas.ts'
import { configOf, inHome, serveUnit } from './slow-house.ts'

vi.setConfig({ testTimeout: 180_000 })
let slow: ServedDevice
beforeAll(async () => {
  slow = await serveUnit(40)
})
afterAll(async () => {
  vi.resetConfig()
  await slow.close()
})

const AT_WORK = /`load` \(process \d+\) has been at work since [\d :-]+Z?, \d+ %(, \d+ \w+ left)?/

it('while a load is at work without a daemon, what only reads is answered, and the rest is told how far it is', async () =>
  inHome(configOf(slow.url, { chunk: '1h', house: { timezone: 'Europe/Berlin' } }), async (home) => {
    const load = home.start(['load', '--yes'])
    await load.says(/Missing minutes in which/)
    const atOnce = JSON.parse((await home.run(['status', '--json'])).stdout)
    expect(atOnce.work.share, 'of what was planned, nothing is done yet').toBeLessThan(1)
    await load.says(/1 row|\d+ rows/)
    const status = await home.run(['status'])
    expect(status.stdout).toMatch(AT_WORK)
    expect(status.stdout).toMatch(/^iwatt6 +14 +14 +2024-06-01T02:00\+02:00 /m)
    const json = JSON.parse((await home.run(['status', '--json'])).stdout)
    expect(JSON_OUTPUTS['status']?.safeParse(json)).toMatchObject({ success: true })
    expect(json).toMatchObject({ daemon: null, work: { command: 'load', share: expect.any(Number) } })
    for (const args of [['channels'], ['check'], ['export', '--channel', 'Furnace'], ['load', '--dry-run']])
      expect(await home.run(args)).toMatchObject({ code: 0 })
    const verify = await home.run(['verify', '--until', '2024-05-29T06:00Z'])
    expect([0, 4]).toContain(verify.code)
    expect(verify.stdout).toMatch(/^iwatt6: 14 channels/)
    for (const args of [['sync'], ['load', '--yes'], ['verify', '--repair']]) {
      const { code, stderr } = await home.run(args)
      expect(stderr).toMatch(/iwatt6: another iotawatt-sync holds this device \(process \d+\)\n/)
      expect(stderr).toMatch(AT_WORK)
      expect(code).toBe(1)
    }
    const run = await home.run(['run'])
    expect(run.stderr).toMatch(AT_WORK)
    expect(load.hasEnded()).toBe(false)
    load.kill('SIGTERM')
    expect((await load.ended).code).toBe(143)
  }))

it('another device of the same embedded store is not opened beside, and who has it is reported', async () => {
  const config = configOf(slow.url, { chunk: '1h' })
  const devices = [...config.devices, { name: 'other', url: 'http://127.0.0.1:1' }]
  await inHome({ ...config, devices }, async (home) => {
    const load = home.start(['load', '--yes', 'iwatt6'])
    await load.says(/\d+ rows?/)
    const { code, stderr } = await home.run(['sync', 'other'])
    expect(stderr).toMatch(AT_WORK)
    expect(code).toBe(1)
    load.kill('SIGINT')
    expect((await load.ended).code).toBe(130)
  })
})
