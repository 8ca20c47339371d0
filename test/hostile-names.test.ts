import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadCardFixture, RECORDED_AT_MS } from '../src/simulator/fixtures/load-fixtures.ts'
import { type ServedDevice, serveSimulatedDevice } from './doubles/serve-simulated-device.ts'
import { createSimulatedDevice } from './doubles/simulated-device.ts'
import { cardSource } from '../src/simulator/start-simulator.ts'
import { type CliHome, openCliHome } from './cli-home.ts'

/** Clears the screen, hides, turns round, and looks like a line of the log. */
const HOSTILE = '\u001b[2J\u009b31m\u202eyrD\u200b\n[12:00:00] INFO: all is well'
// eslint-disable-next-line no-control-regex
const STEERING = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\p{Bidi_Control}\u200b]/u

let served: ServedDevice
let home: CliHome
beforeAll(async () => {
  const source = cardSource(loadCardFixture('iwatt6'))
  const device = createSimulatedDevice({ source, clock: { nowMs: () => RECORDED_AT_MS } })
  served = await serveSimulatedDevice(device)
  const series = [HOSTILE, 'x'.repeat(3_000), 'Dishwasher'].map((name) => ({ name, unit: 'Watts' }))
  device.setFaults(({ url }) => {
    if (url.startsWith('/query?show=series')) return { kind: 'garbage', body: JSON.stringify({ series }) }
    if (url.startsWith('/status?inputs=')) return { kind: 'garbage', body: '{"inputs":[{},{},{}],"outputs":[]}' }
    if (!url.startsWith('/status?stats=')) return undefined
    const plain = { id: 'Current', firstkey: 1_716_940_800, lastkey: 1_717_200_000 }
    const stats = { starttime: 1_717_000_000, currenttime: 1_717_200_000, version: HOSTILE }
    return { kind: 'garbage', body: JSON.stringify({ device: { name: HOSTILE }, stats, datalogs: [plain] }) }
  })
  home = await openCliHome({ maxDeviceLoad: '100%', devices: [{ name: 'house', url: served.url }] })
})
afterAll(async () => {
  await home.close()
  await served.close()
})

it.each([
  ['channels', []],
  ['channels', ['--json']],
  ['check', []],
  ['check', ['--json']],
  ['sync', []],
  ['sync', ['--json']],
])('names of a hostile device do not steer who reads %s %j', async (command, flags) => {
  const { stdout, stderr } = await home.run([command, ...flags])
  expect((stdout + stderr).replaceAll('\\\\', '\\')).toContain(
    flags.length > 0 ? 'house' : '\\u001b[2J\\u009b31m\\u202eyrD',
  )
  expect(stdout + stderr).not.toMatch(STEERING)
  expect(stdout + stderr).not.toMatch(/^\[12:00:00\]/m)
  for (const line of `${stdout}${stderr}`.split('\n')) expect(line.length).toBeLessThan(11_000)
  if (command === 'sync' && flags.length === 0) expect(stderr).toContain('4320 rows, 4225 samples')
  if (command === 'sync') expect(stdout + stderr).toContain('house: the channel ')
  if (flags.length > 0) expect(() => JSON.parse(stdout)).not.toThrow()
})

it('a secret that a device says back is not logged', async () => {
  await home.configure({
    maxDeviceLoad: '100%',
    devices: [{ name: 'house', url: served.url, username: 'user', password: 'all is well' }],
  })
  const { stderr } = await home.run(['sync'])
  expect(stderr).toContain('INFO: ***')
  expect(stderr).not.toContain('all is well')
})

/** Arguments for Node: the program does this when it asks the first question of anybody. */
function crashing(action: string): readonly string[] {
  const script = `
import { subscribe } from 'node:diagnostics_channel'
let isDone = false
subscribe('net.client.socket', () => {
  if (!isDone) setImmediate(() => { ${action} })
  isDone = true
})`
  return ['--import', `data:text/javascript,${encodeURIComponent(script)}`]
}

it('an unexpected error is reported in words, without secrets and stack, and ends with 1', async () => {
  await home.configure({
    store: { url: served.url, token: 'hunter2-store' },
    devices: [{ name: 'house', url: served.url }],
  })
  const nodeArgs = crashing('throw new TypeError("bad hunter2-store \\u001b[2J")')
  const { code, stderr } = await home.run(['run'], { nodeArgs })
  expect(stderr).toContain('iotawatt-sync ended at an error that it does not know: bad *** \\u001b[2J\n')
  expect(stderr).not.toMatch(/hunter2|^\s+at /m)
  expect(code).toBe(1)
})

it('where it was is shown to who asks for it', async () => {
  const nodeArgs = crashing('Promise.reject(new TypeError("hunter2-store"))')
  const { code, stderr } = await home.run(['run'], { nodeArgs, env: { IOTAWATT_SYNC_DEBUG: '1' } })
  expect(stderr).toMatch(/TypeError: \*\*\*\n\s+at /)
  expect(stderr).not.toContain('hunter2')
  expect(code).toBe(1)
})
