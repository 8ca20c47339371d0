import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DAY_MS, MINUTE_MS } from '../model/time-window.ts'
import { loadText } from '../../test/test-config.ts'

const DEVICES = 'devices:\n  - { name: a, url: http://a }\n'

test('a name and an address are enough', async () => {
  const { config, warnings, path } = await loadText(DEVICES)
  expect(config).toEqual({
    store: { type: 'embedded' },
    stateDir: join(path, '../data'),
    intervalMs: 5 * MINUTE_MS,
    lookbackMs: 30 * DAY_MS,
    chunkMs: 7 * DAY_MS,
    backfill: true,
    maxDeviceLoad: 0.25,
    metric: 'power',
    web: {
      host: '127.0.0.1',
      port: 8480,
      maxAgeMs: 15 * MINUTE_MS,
      deviceMetrics: false,
      liveMs: 5_000,
      allowedHosts: [],
      trustedProxies: [],
      frameAncestors: [],
    },
    log: { level: 'info', format: 'auto' },
    devices: [{ type: 'iotawatt', name: 'a', url: 'http://a' }],
    house: {
      timezone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
      wiring: 'ahead',
      mains: { pair: 'Mains' },
      solar: { solar: 'Both' },
      groups: [
        { name: 'Trunk', select: { type: 'Trunk' } },
        { name: 'Circuits', select: { type: 'Circuit' } },
      ],
      names: {},
      colours: {},
      isConfigured: false,
    },
    migrate: { metric: 'Power_{location}', labels: {} },
    billing: { day: 1, starts: [] },
    holidays: { add: [], remove: [] },
    tariffs: [],
  })
  expect(warnings).toEqual([])
})

test('every key has its say', async () => {
  const text = `
store:
  writeUrl: http://in:8480/insert/0/prometheus/
  readUrl: https://out:8481/select/0/prometheus
  token: t0k
  headers: { X-Scope-OrgID: "1" }
  caFile: ca.pem
  allowDuplicates: true
  cacheResetUrls: [http://out2:8481/]
  flushUrls: [http://disk1:8482/]
stateDir: state/here
interval: 1m
lookback: 2w
chunk: 12h
backfill: false
maxDeviceLoad: 50%
metric: watts
web: { listen: ":80", maxAge: 1h, live: 10s, deviceMetrics: true, token: 0123456789abcdef, allowedHosts: [energy.example.org], trustedProxies: [10.0.0.0/8, '::1'], frameAncestors: [self] }
log: { level: debug, format: json }
devices:
  - name: iwatt5
    url: http://iwatt5.local/
    username: user
    password: pw
    since: 2021-09-18
    channels:
      - Mains_1
      - { name: EV, location: Dryer, since: "2022-01-01T00:00:30+01:00" }
      - { name: Mains_1, unit: amps }
      - { name: Voltage, unit: volts, metric: v }
labels:
  - { match: "/^m/i", set: { type: Trunk } }
house: { timezone: Europe/Berlin, wiring: behind, mains: [Mains_1], solar: { pv: yes }, groups: { Cars: [Dryer] }, names: { Dryer: The car }, colours: { Cars: blue } }
migrate: { metric: "{name}_Watts", labels: { host: "{device}", db: "" } }
alerts:
  to: [{ type: ntfy, url: https://ntfy.local/topic/, tokenFile: tok, caFile: ca.pem }]
  quietHours: 22:30-7
  noData: 20m
  gaps: off
  circuits: [{ circuit: Dryer, above: 5000, for: 3h }, { circuit: Cars, below: 5 }]
currency: EUR
billing: { day: 14, starts: [2026-01-14, 2026-02-12] }
holidays: [2026-12-25]
tariffs:
  - name: Day and night
    since: 2026-01-01
    until: 2027-01-01
    import: [{ name: Day, price: 0.3 }, { name: Night, price: 0.2, days: [Mon-Fri, holiday], hours: 22-06, months: Nov-Feb }]
    export: { file: prices.csv }
    fixed: { perDay: 0.5, perBill: 1 }
    tiers: [{ upToPerDay: 10, add: 0.1 }]
    demand: [{ window: 15m, pricePerKw: 4, from: 11-15, to: 02-29 }]
    tax: 19%
    minimum: 5
`
  const files = {
    'ca.pem': '-----BEGIN CERTIFICATE-----\n',
    tok: 't0k\n',
    'prices.csv': 'time,price\n2026-01-01,0.1\n2026-01-02,\n',
  }
  const { config, path } = await loadText(text, { files })
  const auth = config.store.type === 'victoriametrics' ? config.store.auth : undefined
  expect(auth?.kind === 'bearer' && auth.token.reveal()).toBe('t0k')
  expect(JSON.parse(JSON.stringify(config))).toEqual({
    store: {
      type: 'victoriametrics',
      address: { writeUrl: 'http://in:8480/insert/0/prometheus', readUrl: 'https://out:8481/select/0/prometheus' },
      cacheResetUrls: ['http://out2:8481'],
      flushUrls: ['http://disk1:8482'],
      auth: { kind: 'bearer', token: '***' },
      headers: { 'X-Scope-OrgID': '***' },
      ca: files['ca.pem'],
      allowDuplicates: true,
    },
    stateDir: join(path, '../state/here'),
    intervalMs: MINUTE_MS,
    lookbackMs: 14 * DAY_MS,
    chunkMs: DAY_MS / 2,
    backfill: false,
    maxDeviceLoad: 0.5,
    metric: 'watts',
    web: {
      host: '0.0.0.0',
      port: 80,
      maxAgeMs: 60 * MINUTE_MS,
      deviceMetrics: true,
      liveMs: 10_000,
      allowedHosts: ['energy.example.org'],
      trustedProxies: ['10.0.0.0/8', '::1'],
      frameAncestors: ['self'],
      token: expect.anything(),
    },
    log: { level: 'debug', format: 'json' },
    devices: [
      {
        name: 'iwatt5',
        type: 'iotawatt',
        url: 'http://iwatt5.local',
        auth: { username: 'user', password: '***' },
        sinceMs: Date.UTC(2021, 8, 18),
        channels: [
          { name: 'Mains_1', location: 'Mains_1', unit: 'watts', metric: 'watts' },
          { name: 'EV', location: 'Dryer', unit: 'watts', metric: 'watts', sinceMs: Date.UTC(2021, 11, 31, 23, 1) },
          { name: 'Mains_1', location: 'Mains_1', unit: 'amps', metric: 'current' },
          { name: 'Voltage', location: 'Voltage', unit: 'volts', metric: 'v' },
        ],
      },
    ],
    rules: [{ match: '/^m/i', set: { type: 'Trunk' } }],
    house: {
      timezone: 'Europe/Berlin',
      wiring: 'behind',
      mains: ['Mains_1'],
      solar: { pv: 'yes' },
      groups: [{ name: 'Cars', select: ['Dryer'] }],
      names: { Dryer: 'The car' },
      colours: { Cars: 'blue' },
      isConfigured: true,
    },
    migrate: { metric: '{name}_Watts', labels: { host: '{device}', db: '' } },
    alerts: {
      receivers: [{ type: 'ntfy', url: 'https://ntfy.local/topic', token: '***', ca: files['ca.pem'] }],
      quietHours: { fromMinute: 22 * 60 + 30, untilMinute: 7 * 60 },
      noDataMs: 20 * MINUTE_MS,
      storeFailingMs: 10 * MINUTE_MS,
      circuits: [
        { circuit: 'Dryer', side: 'above', watts: 5000, forMs: 180 * MINUTE_MS },
        { circuit: 'Cars', side: 'below', watts: 5, forMs: 10 * MINUTE_MS },
      ],
    },
    currency: 'EUR',
    billing: { day: 14, starts: [20_467, 20_496] },
    holidays: { add: [20_812], remove: [] },
    tariffs: [
      {
        name: 'Day and night',
        since: 20_454,
        until: 20_819,
        applies: true,
        import: [
          { name: 'Day', price: 0.3 },
          {
            name: 'Night',
            price: 0.2,
            days: [1, 2, 3, 4, 5, 7],
            hours: [{ fromMinute: 1320, untilMinute: 1800 }],
            months: [11, 12, 1, 2],
          },
        ],
        export: { file: join(path, '../prices.csv') },
        fixed: { perDay: 0.5, perBill: 1 },
        tiers: [{ upToPerDay: 10, add: 0.1 }],
        demand: [{ window: '15m', pricePerKw: 4, basis: 'bill', from: 1115, to: 229 }],
        netting: 'none',
        tax: 0.19,
        minimum: 5,
      },
    ],
  })
})

test.each([
  ['maxDeviceLoad: 80%', 'does not measure while it answers'],
  ['interval: 15m', 'web.maxAge (15m) is not longer than interval (15m)'],
  ['alerts: { to: [{ type: webhook, url: http://a }], noData: 5m }', 'alerts.noData is not longer than interval (5m)'],
])('%s is allowed, with a warning', async (text, expected) =>
  expect((await loadText(`${text}\n${DEVICES}`)).warnings).toEqual([expect.stringContaining(expected)]),
)

test('a device by https is worth a warning, as it speaks http only', async () =>
  expect((await loadText('devices: [{ name: a, url: https://a.local }]')).warnings).toEqual([
    'The url of a is https://a.local: an IoTaWatt speaks http only. Unless a proxy stands before it: http://a.local.',
  ]))

test('two units in one metric are worth a warning', async () => {
  const text = 'devices: [{ name: a, url: http://a, channels: [x, { name: v, unit: volts, metric: power }] }]'
  expect((await loadText(text)).warnings).toEqual([
    'The metric power holds watts and volts: a sum over it means nothing.',
  ])
})

test('live readings can be turned off, and are asked by the second', async () => {
  const liveMs = async (live: string) => (await loadText(`web: { live: ${live} }\n${DEVICES}`)).config.web.liveMs
  expect([await liveMs('off'), await liveMs('"off"'), await liveMs('2s'), await liveMs('1m')]).toEqual([
    undefined,
    undefined,
    2_000,
    MINUTE_MS,
  ])
})
