import { describe, expect, test } from 'vitest'
import { loadText, mistakesIn } from '../../test/test-config.ts'

const FILE = `
store: { url: http://vm, username: u, passwordFile: nowhere }
interval: 10m
devices:
  - { name: iwatt5, url: http://a, since: 2021-09-18 }
  - { name: House two, url: http://b, channels: [x] }
`

const loadWith = async (env: Readonly<Record<string, string>>) => {
  const { config } = await loadText(FILE, { env: { IOTAWATT_SYNC_STORE_PASSWORD: 'p', ...env }, files: { pw: 'q' } })
  return config
}

const NOBODY = { allowedHosts: [], trustedProxies: [], frameAncestors: [] }

describe('a variable overrides', () => {
  test.each([
    ['INTERVAL', '2m', 'intervalMs', 120_000],
    ['MAX_DEVICE_LOAD', '10%', 'maxDeviceLoad', 0.1],
    ['BACKFILL', 'false', 'backfill', false],
    ['STATE_DIR', '/data', 'stateDir', '/data'],
    [
      'WEB_LISTEN',
      '[::1]:99',
      'web',
      { host: '::1', port: 99, maxAgeMs: 900_000, deviceMetrics: false, liveMs: 5_000, ...NOBODY },
    ],
    ['WEB_LIVE', 'off', 'web', { host: '127.0.0.1', port: 8480, maxAgeMs: 900_000, deviceMetrics: false, ...NOBODY }],
    ['LOG_LEVEL', 'debug', 'log', { level: 'debug', format: 'auto' }],
    ['LABELS', '[{ match: "*", set: { a: b } }]', 'rules', [{ match: '*', set: { a: 'b' } }]],
    ['HOUSE_MAINS', '{ pair: M }', 'house', expect.objectContaining({ mains: { pair: 'M' } })],
    ['DEVICES', '[{ name: c, url: http://c }]', 'devices', [{ type: 'iotawatt', name: 'c', url: 'http://c' }]],
    ['INTERVAL', '', 'intervalMs', 600_000],
  ] as const)('IOTAWATT_SYNC_%s=%s', async (name, text, key, value) =>
    expect((await loadWith({ [`IOTAWATT_SYNC_${name}`]: text }))[key]).toEqual(value),
  )

  test.each([
    ['0_URL', 'http://z', 0, { url: 'http://z' }],
    ['IWATT5_URL', 'http://z', 0, { url: 'http://z' }],
    ['IWATT5_SINCE', '2022-01-01', 0, { sinceMs: Date.UTC(2022, 0, 1) }],
    ['HOUSE_TWO_URL', 'https://z', 1, { url: 'https://z' }],
    [
      'HOUSE_TWO_CHANNELS',
      '[{ name: y }]',
      1,
      { channels: [{ name: 'y', location: 'y', unit: 'watts', metric: 'power' }] },
    ],
    ['1_NAME', 'b2', 1, { name: 'b2' }],
  ])('of a device: IOTAWATT_SYNC_DEVICES_%s=%s', async (name, text, index, part) =>
    expect((await loadWith({ [`IOTAWATT_SYNC_DEVICES_${name}`]: text })).devices[index]).toMatchObject(part),
  )

  test('a secret of a file, either way round', async () => {
    const passwords = [{}, { IOTAWATT_SYNC_STORE_PASSWORD: '', IOTAWATT_SYNC_STORE_PASSWORD_FILE: 'pw' }].map(
      async (env) => {
        const { store } = await loadWith(env)
        return store.type === 'victoriametrics' && store.auth?.kind === 'basic' && store.auth.password.reveal()
      },
    )
    expect(await Promise.all(passwords)).toEqual(['p', 'q'])
  })

  test('nothing when it adds a device after those of the file', async () => {
    const { devices } = await loadWith({ IOTAWATT_SYNC_DEVICES_2_NAME: 'c', IOTAWATT_SYNC_DEVICES_2_URL: 'http://c' })
    expect(devices.map(({ name }) => name)).toEqual(['iwatt5', 'House two', 'c'])
  })

  test('everything, in a file that says nothing', async () => {
    const env = { IOTAWATT_SYNC_DEVICES_0_NAME: 'c', IOTAWATT_SYNC_DEVICES_0_URL: 'http://c' }
    expect((await loadText('', { env })).config.devices).toEqual([{ type: 'iotawatt', name: 'c', url: 'http://c' }])
  })
})

/** As a pod sees a service with a named port. */
const serviceVariables = (service: string, address: string, shown = address) => ({
  [`${service}_SERVICE_HOST`]: address,
  [`${service}_SERVICE_PORT`]: '8480',
  [`${service}_SERVICE_PORT_HTTP`]: '8480',
  [`${service}_PORT`]: `tcp://${shown}:8480`,
  [`${service}_PORT_8480_TCP`]: `tcp://${shown}:8480`,
  [`${service}_PORT_8480_TCP_PROTO`]: 'tcp',
  [`${service}_PORT_8480_TCP_PORT`]: '8480',
  [`${service}_PORT_8480_TCP_ADDR`]: address,
})

test.each([
  ['IOTAWATT_SYNC', '10.0.0.1', '10.0.0.1'],
  ['IOTAWATT_SYNC_WEB', '10.0.0.1', '10.0.0.1'],
  ['IOTAWATT_SYNC_STORE_URL', 'fd00::1', '[fd00::1]'],
  ['IOTAWATT_SYNC_DEVICES_IWATT5', '10.0.0.1', '10.0.0.1'],
  ['IOTAWATT_SYNC_CONFIG', '10.0.0.1', '10.0.0.1'],
])('what Kubernetes sets for a service %s is left alone', async (service, address, shown) =>
  expect((await loadWith(serviceVariables(service, address, shown))).intervalMs).toBe(600_000),
)

test.each([
  ['IOTAWATT_SYNC_WEB_PORT', '8480'],
  ['IOTAWATT_SYNC_WEB_SERVICE_HOST', 'energy.example.org'],
  ['IOTAWATT_SYNC_PORT', '127.0.0.1:8480'],
  ['IOTAWATT_SYNC_STORE_SERVICE_PORT', 'http'],
])('%s=%s is nothing that Kubernetes sets, and a mistake', async (name, value) =>
  expect(await mistakesIn(FILE, { env: { IOTAWATT_SYNC_STORE_PASSWORD: 'p', [name]: value } })).toEqual([
    expect.stringContaining(`${name}: found an unknown variable`),
  ]),
)

test('a variable that means two devices is refused; their place in the list is not', async () => {
  const text = 'devices: [{ name: a-b, url: http://a }, { name: a_b, url: http://b }]'
  expect(await mistakesIn(text, { env: { IOTAWATT_SYNC_DEVICES_A_B_URL: 'http://c' } })).toEqual([
    'IOTAWATT_SYNC_DEVICES_A_B_URL: found a variable that means several devices; expected their place in the list, such as IOTAWATT_SYNC_DEVICES_0_URL',
  ])
  const { config } = await loadText(text, { env: { IOTAWATT_SYNC_DEVICES_1_URL: 'http://c' } })
  expect(config.devices.map(({ url }) => url)).toEqual(['http://a', 'http://c'])
})

describe('a mistake in a variable names it', () => {
  const PASSWORD = { IOTAWATT_SYNC_STORE_PASSWORD: 'p' }

  test.each([
    ['INTERVAL', 'soon', 'IOTAWATT_SYNC_INTERVAL (interval): found "soon"; expected a duration'],
    ['BACKFILL', 'yes', 'IOTAWATT_SYNC_BACKFILL (backfill): found "yes"; expected true or false'],
    ['STORE_URL', 'vm:1', 'IOTAWATT_SYNC_STORE_URL (store.url): found "vm:1"; expected an address'],
    ['STOREURL', 'x', 'IOTAWATT_SYNC_STOREURL: found an unknown variable (did you mean "IOTAWATT_SYNC_STORE_URL"?)'],
    ['DEVICES_IWAT5_URL', 'x', '(did you mean "IOTAWATT_SYNC_DEVICES_IWATT5_URL"?)'],
    ['DEVICES_7_URL', 'x', 'IOTAWATT_SYNC_DEVICES_7_URL: found an unknown variable'],
    [
      'DEVICES_IWATT5_CHANNELS',
      '[a.b]',
      'IOTAWATT_SYNC_DEVICES_IWATT5_CHANNELS (devices[0].channels[0]): found "a.b"; expected the name',
    ],
    ['DEVICES_IWATT5_CHANNELS', '[a', 'IOTAWATT_SYNC_DEVICES_IWATT5_CHANNELS (devices[0].channels): not YAML'],
    [
      'DEVICES_1_NAME',
      'iwatt5',
      'IOTAWATT_SYNC_DEVICES_1_NAME (devices[1].name): found "iwatt5" as in devices[0].name',
    ],
    ['STORE_HEADERS', 'x', 'IOTAWATT_SYNC_STORE_HEADERS (store.headers): found a text (not shown); expected a mapping'],
  ])('%s=%s', async (name, text, expected) =>
    expect(await mistakesIn(FILE, { env: { ...PASSWORD, [`IOTAWATT_SYNC_${name}`]: text } })).toEqual([
      expect.stringContaining(expected),
    ]),
  )
})
