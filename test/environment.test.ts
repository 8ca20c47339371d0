import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { loadCardFixture, RECORDED_AT_MS } from '../src/simulator/fixtures/load-fixtures.ts'
import { type ServedDevice, serveSimulatedDevice } from './doubles/serve-simulated-device.ts'
import { createSimulatedDevice } from './doubles/simulated-device.ts'
import { cardSource } from '../src/simulator/start-simulator.ts'
import { type CliHome, openCliHome } from './cli-home.ts'
import { freePort } from './free-port.ts'

vi.setConfig({ maxConcurrency: 4, testTimeout: 180_000 })

let device: ServedDevice
beforeAll(async () => {
  const source = cardSource(loadCardFixture('iwatt6'))
  device = await serveSimulatedDevice(createSimulatedDevice({ source, clock: { nowMs: () => RECORDED_AT_MS } }))
})
afterAll(async () => {
  vi.resetConfig()
  await device.close()
})

async function inHome(changes: object, act: (home: CliHome) => Promise<void>): Promise<void> {
  // It does not matter how much a daemon copies.
  const devices = [{ name: 'iwatt6', url: device.url, channels: ['Furnace'] }]
  const home = await openCliHome({ maxDeviceLoad: '100%', devices, ...changes })
  try {
    await act(home)
    for (const { stdout, stderr } of home.results()) expect(stdout + stderr).not.toMatch(/^\s+at |\\n\s+at /m)
  } finally {
    await home.close()
  }
}

/** As on a machine for which DuckDB has no binary. */
const OTHER_MACHINE = ['--import', 'data:text/javascript,Object.defineProperty(process,"arch",{value:"arm"})']

it.concurrent.each([
  ['set and empty', '', 'TZ is set and empty'],
  ['of no zone', 'Nowhere/Land', 'TZ="Nowhere/Land" is no time zone'],
  ['of rules', 'EST5EDT4,M3.2.0,M11.1.0', 'TZ="EST5EDT4,M3.2.0,M11.1.0" is no time zone'],
])('with a TZ %s, check and run warn, and the daemon works in UTC', async (_, TZ, words) => {
  const port = await freePort()
  await inHome({ web: { listen: `127.0.0.1:${port}` } }, async (home) => {
    const checked = await home.run(['check'], { env: { TZ } })
    expect(checked.stdout).toContain(`WARN  config: ${words}`)
    expect(checked.code).toBe(0)
    const daemon = home.start(['run'], { env: { TZ } })
    await daemon.says(/copying 1 device into/)
    await daemon.says(new RegExp(words.replaceAll(/["/.]/g, (sign) => (sign === '"' ? '\\\\"' : `\\${sign}`))))
    const status = (await (await fetch(`http://127.0.0.1:${port}/api/v1/status`)).json()) as { timezone?: string }
    expect(status.timezone).toBe('UTC')
    daemon.kill('SIGTERM')
    expect((await daemon.ended).code).toBe(0)
  })
})

it.concurrent('variables of services, empty ones, no HOME and a plain terminal change nothing', async () =>
  inHome({}, async (home) => {
    const env = {
      IOTAWATT_SYNC_WEB_SERVICE_HOST: '10.0.0.1',
      IOTAWATT_SYNC_WEB_PORT: 'tcp://10.0.0.1:8480',
      IOTAWATT_SYNC_PORT_8480_TCP: 'tcp://10.0.0.1:8480',
      IOTAWATT_SYNC_STORE_URL: '',
      IOTAWATT_SYNC_CONFIG: '',
      HOME: '',
      LANG: 'C',
      LC_ALL: 'C',
    }
    const { code, stdout } = await home.run(['check'], { env })
    expect(stdout).toContain('GOOD  iwatt6: answers as iwatt6')
    expect(code).toBe(0)
  }),
)

it.concurrent.each(['check', 'run', 'sync'])('%s without a binary of DuckDB says what to do', async (command) =>
  inHome({}, async (home) => {
    const { code, stdout, stderr } = await home.run([command], { nodeArgs: OTHER_MACHINE })
    expect(stdout + stderr).toMatch(
      /the embedded store needs @duckdb\/node-bindings, which cannot be loaded here: .*\(linux arm, /,
    )
    expect(stdout + stderr).toContain('write to a VictoriaMetrics instead (store.url)')
    expect(stdout + stderr).not.toContain('an error that it does not know')
    if (command === 'check') expect(stdout).toContain('GOOD  iwatt6: answers as iwatt6')
    expect(code).toBe(1)
  }),
)

it.concurrent('nor does an export begin a Parquet file without it', async () =>
  inHome({}, async (home) => {
    const { code, stderr } = await home.run(['export', '--output', 'x.parquet'], { nodeArgs: OTHER_MACHINE })
    expect(stderr).toMatch(/Parquet needs @duckdb[^]*export to CSV/)
    expect(code).toBe(1)
    expect((await readdir(home.folder)).filter((name) => name.startsWith('x.'))).toEqual([])
  }),
)

it.concurrent.each([[[]], [['--store', 'embedded']]])('init %j writes no embedded store without it', async (flags) =>
  inHome({}, async (home) => {
    const { code, stderr } = await home.run(['init', '--device', device.url, '--output', 'new.yaml', ...flags], {
      nodeArgs: OTHER_MACHINE,
    })
    expect(stderr).toMatch(/the embedded store needs @duckdb[^]*--store http:/)
    expect(code).toBe(1)
    expect(await readdir(home.folder)).not.toContain('new.yaml')
  }),
)

const mistakes: [string, (home: CliHome) => Promise<{ config: object; release?: () => void }>, RegExp][] = [
  [
    'a port that another program has',
    async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      const address = server.address()
      const port = typeof address === 'object' ? address?.port : undefined
      return { config: { web: { listen: `127.0.0.1:${port}` } }, release: () => void server.close() }
    },
    /web\.listen: 127\.0\.0\.1:\d+ is in use by another program \(EADDRINUSE\)\n {2}set web\.listen to another/,
  ],
  [
    'an address of another machine',
    () => Promise.resolve({ config: { web: { listen: '192.0.2.1:8480', token: '0123456789abcdef' } } }),
    /web\.listen: 192\.0\.2\.1:8480 is no address of this machine/,
  ],
  [
    'a file in place of the state folder',
    async ({ folder }) => {
      await writeFile(join(folder, 'state'), '')
      return { config: { stateDir: 'state' } }
    },
    /the folder \S+\/state\S* cannot be used: .*\n {2}choose another stateDir/,
  ],
  [
    'a store that is damaged',
    async ({ folder }) => {
      await mkdir(join(folder, 'data/store'), { recursive: true })
      await writeFile(join(folder, 'data/store/store.duckdb'), 'x'.repeat(20_000))
      return { config: {} }
    },
    /store\.duckdb: .*\n {2}.*move the file away/,
  ],
  [
    'a certificate that is missing',
    () => Promise.resolve({ config: { store: { url: 'https://127.0.0.1:1', caFile: 'nowhere.pem' } } }),
    /store\.caFile: found a path that cannot be read/,
  ],
  [
    'a password file that is missing',
    () => Promise.resolve({ config: { store: { url: 'http://127.0.0.1:1', username: 'u', passwordFile: 'nowhere' } } }),
    /store\.passwordFile: found a path that cannot be read/,
  ],
  [
    'an address for all without a token',
    () => Promise.resolve({ config: { web: { listen: ':8480' } } }),
    /web\.listen: found :8480, where others than this machine can ask, and no token/,
  ],
  [
    'a zone that is none',
    () => Promise.resolve({ config: { house: { timezone: 'Nowhere/Land' } } }),
    /house\.timezone: found "Nowhere\/Land"; expected a time zone/,
  ],
]
it.concurrent.each(mistakes)('run ends with %s, and check finds it', async (_, prepare, words) =>
  inHome({}, async (home) => {
    const { config, release } = await prepare(home)
    await home.configure({ devices: [{ name: 'iwatt6', url: device.url }], ...config })
    const checked = await home.run(['check'])
    const ran = await home.run(['run'])
    release?.()
    for (const { stdout, stderr } of [checked, ran]) expect(stdout + stderr).toMatch(words)
    expect(checked.code).toBe(ran.code)
    expect(checked.code).toBeGreaterThan(0)
    // What can be looked at all the same is.
    if (checked.code === 1) expect(checked.stdout).toMatch(/^GOOD {2}iwatt6: answers as iwatt6/m)
  }),
)

it.concurrent('the port and the store of the daemon that runs are no mistakes', async () => {
  const port = await freePort()
  await inHome({ web: { listen: `127.0.0.1:${port}` } }, async (home) => {
    const daemon = home.start(['run'])
    await daemon.says(/copying 1 device into/)
    const same = await home.run(['check'])
    expect([same.code, same.stdout.match(/BAD/g)]).toEqual([0, null])
    await home.configure({
      interval: '7m',
      devices: [{ name: 'iwatt6', url: device.url }],
      web: { listen: `127.0.0.1:${port}` },
    })
    const other = await home.run(['check'])
    expect([other.code, other.stdout.match(/BAD|web\.listen/g)]).toEqual([0, null])
    daemon.kill('SIGTERM')
    await daemon.ended
  })
})

it.concurrent('init --device says that it takes the embedded store, or takes that of the environment', async () =>
  inHome({}, async (home) => {
    const flags = ['init', '--device', device.url, '--output', 'a.yaml']
    const { stdout, code } = await home.run(flags)
    expect(stdout).toMatch(
      /^GOOD {2}store: embedded, a file of this program, as no --store URL names a VictoriaMetrics$/m,
    )
    expect(code).toBe(0)
    expect(await readFile(join(home.folder, 'a.yaml'), 'utf8')).toContain('type: embedded')
  }),
)
