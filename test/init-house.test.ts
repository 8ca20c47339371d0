import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect, it, onTestFinished } from 'vitest'
import { checkCommand } from '../src/cli/check-command.ts'
import { UsageError } from '../src/cli/exit-codes.ts'
import type { InitFlags } from '../src/cli/flags.ts'
import { initCommand } from '../src/cli/init-command.ts'
import { rulesOfHouse } from '../src/cli/init/choose-labels.ts'
import { disagreement, proposeTimezone } from '../src/cli/init/house-timezone.ts'
import { loadConfig } from '../src/config/load-config.ts'
import { labelsFor } from '../src/labels/labels-for.ts'
import { HOUR_MS } from '../src/model/time-window.ts'
import { systemClock } from '../src/runtime/clock.ts'
import { explain } from '../src/runtime/errors.ts'
import { silentLog } from '../src/runtime/log.ts'
import { openEmbedded } from '../src/store/embedded/open-embedded.ts'
import { createDirectQueue } from '../src/sync/session/device-work.ts'
import { createSimulatedClock } from './doubles/simulated-clock.ts'
import { createSimulatedDevice } from './doubles/simulated-device.ts'
import { createSimulatedStore } from './doubles/simulated-store.ts'
import { serveSimulatedDevice } from './doubles/serve-simulated-device.ts'
import { inProcess, sourceOf } from './small-house.ts'

const NOW_MS = Date.UTC(2026, 3, 9, 3, 20, 30)
const FROM_MS = NOW_MS - 9 * 24 * HOUR_MS
const { signal } = new AbortController()

/** A device whose channels have these names, with what a load of the simulated house takes. */
function deviceWith(
  loads: Readonly<Record<string, string>>,
  { timezone = 5.75, clock = { nowMs: () => NOW_MS } } = {},
) {
  const channels = Object.entries(loads).map(([name, load]) => {
    return { name, type: 'CT', signed: true, parts: [{ load, share: 1 }] } as const
  })
  const voltage = { name: 'Voltage', type: 'VT', parts: [{ load: 'Line', share: 1 }] } as const
  const source = sourceOf({ name: 'home', channels: [voltage, ...channels] }, { fromMs: FROM_MS })
  const configText = source.configText.replace('"timezone":-5', `"timezone":${timezone}`)
  return createSimulatedDevice({ source: { ...source, configText }, clock })
}

const KATHMANDU = {
  grid_left: 'Office',
  grid_right: 'Kitchen',
  pv_east: 'SolarA',
  pv_west: 'SolarB',
  pump_1: 'Washer',
  pump_2: 'Fridge',
}

async function init(
  loads: Readonly<Record<string, string>>,
  flags: Partial<InitFlags> = {},
  prepare = async (_folder: string): Promise<void> => {},
) {
  const served = await serveSimulatedDevice(deviceWith(loads))
  const folder = await mkdtemp(join(tmpdir(), 'init-house-'))
  await prepare(folder)
  onTestFinished(async () => {
    await served.close()
    await rm(folder, { recursive: true })
  })
  const loaded: string[] = []
  const stdout = new PassThrough({ encoding: 'utf8' })
  const done: unknown = await initCommand({
    flags: { device: [served.url], ...flags },
    env: { TZ: 'UTC' },
    cwd: folder,
    schemaFile: '/schema.json',
    deps: { clock: { ...systemClock, nowMs: () => NOW_MS }, log: silentLog, random: () => 0 },
    signal,
    browse: () => Promise.resolve([]),
    stdin: new PassThrough(),
    stdout,
    startLoad: (file) => Promise.resolve(loaded.push(file) + 10),
  }).catch((error: unknown) => error)
  if (done instanceof Error) return { error: done, code: undefined, words: '', text: '', config: undefined, loaded }
  const path = flags.output ?? 'iotawatt-sync.yaml'
  const text = await readFile(resolve(folder, path), 'utf8')
  const { config } = await loadConfig({ path, env: {}, cwd: folder })
  return { error: undefined, code: done, words: String(stdout.read()), text, config, loaded }
}

it('a house in Kathmandu is known by its names, and its labels are its own', async () => {
  const { words, config } = await init(KATHMANDU)
  expect(config?.house).toMatchObject({
    timezone: expect.stringMatching(/^Asia\/Kathmandu$/),
    mains: ['grid_left', 'grid_right'],
    solar: ['pv_east', 'pv_west'],
    groups: [{ name: 'pump', select: ['pump_1', 'pump_2'] }],
  })
  expect(words).toMatch(/^GOOD {2}house: mains: grid_left, grid_right \(by name\)$/m)
  expect(words).toMatch(
    /^GOOD {2}house: time zone Asia\/Kathmandu \(the only one that fits, as this machine is in UTC, and home is set to UTC\+05:45\)$/m,
  )
  const labels = (location: string) => {
    const { type, pair, solar } = labelsFor(
      { metric: 'power', location },
      { device: 'home', rules: config?.rules ?? [] },
    )
    return { type, pair, solar }
  }
  expect(labels('grid_left')).toEqual({ type: 'Trunk', pair: 'Mains' })
  expect(labels('pv_west')).toEqual({ type: 'Trunk', pair: 'pv', solar: 'Both' })
  expect(labels('pump_2')).toEqual({ type: 'Circuit', pair: 'pump' })
  // One that is connected later gets nothing of a house that it is not in.
  expect(labels('Garage_1')).toEqual({ type: 'Circuit' })
  expect(config?.devices[0]?.channels).toBeUndefined()
})

it('every answer is a flag, and the load begins where somebody asks for it', async () => {
  const { code, words, config, text, loaded } = await init(KATHMANDU, {
    mains: ['grid_left', 'grid_left'],
    solar: ['pv_east,pv_west'],
    wiring: 'ahead',
    group: ['Water=pump_1,pump_2'],
    timezone: 'Europe/Berlin',
    channel: ['grid_left', 'pv_east, pv_west,pump_1', 'pump_2'],
    currency: 'NPR',
    price: 9.5,
    period: ['Evening=12,17-23', 'Night=5,23-05,Sat,Sun,Nov-Feb'],
    feedIn: -1,
    fixedPerDay: 2,
    billingDay: 31,
    since: '2026-04-02',
    load: true,
  })
  expect(config?.house).toEqual({
    timezone: 'Europe/Berlin',
    mains: ['grid_left'],
    solar: ['pv_east', 'pv_west'],
    wiring: 'ahead',
    groups: [{ name: 'Water', select: ['pump_1', 'pump_2'] }],
    names: {},
    colours: {},
    isConfigured: true,
  })
  expect(words).toMatch(
    /^WARN {2}house: the standard time of Europe\/Berlin is UTC\+01:00, and home is set to UTC\+05:45/m,
  )
  expect(config?.devices[0]).toMatchObject({ sinceMs: Date.UTC(2026, 3, 2), channels: { length: 5 } })
  expect(text).toContain('# - grid_right')
  expect(config).toMatchObject({ currency: 'NPR', billing: { day: 31 } })
  expect(config?.tariffs).toMatchObject([
    {
      name: 'Time of use',
      import: [
        { name: 'Standard', price: 9.5 },
        { name: 'Evening', price: 12, hours: [{ fromMinute: 17 * 60, untilMinute: 23 * 60 }] },
        { name: 'Night', price: 5, days: [6, 0], months: [11, 12, 1, 2] },
      ],
      export: [{ price: -1 }],
      fixed: { perDay: 2 },
    },
  ])
  expect([code, loaded]).toEqual([11, [expect.stringContaining('iotawatt-sync.yaml')]])
})

it('what lies in another folder is named by its full path, as the next command needs it', async () => {
  const other = await mkdtemp(join(tmpdir(), 'init-house-other-'))
  onTestFinished(() => rm(other, { recursive: true }))
  const file = join(other, 'house.yaml')
  const { words } = await init(KATHMANDU, { output: file })
  expect(words).toContain(`wrote ${file}: 1 device, 6 channels\nnext: iotawatt-sync check --config ${file} `)
})

it('of a house without mains and solar nothing is made up', async () => {
  const { words, text, config } = await init(
    { Office: 'Office', 'Main bedroom': 'Bedroom' },
    { timezone: 'Asia/Kathmandu' },
  )
  expect(words).toMatch(/^WARN {2}house: which channels are the mains is not known; .*--mains none$/m)
  expect(text).toContain('  # mains: [Mains_1, Mains_2] # not known yet')
  expect(config?.house).toMatchObject({ mains: { pair: 'Mains' }, solar: [], groups: [] })
  const none = await init({ Office: 'Office' }, { mains: ['none'], timezone: 'Asia/Kathmandu' })
  expect(none.config?.house.mains).toEqual([])
})

it.each<[Partial<InitFlags>, RegExp]>([
  [
    { mains: ['grid_lefd'] },
    /--mains grid_lefd: no channel "grid_lefd" is copied in watts \(did you mean "grid_left"\?\)/,
  ],
  [{ mains: ['pv_east'], solar: ['pv_east'] }, /pv_east is in --mains and in --solar/],
  [{ group: ['Water'] }, /--group Water: expected a name and its channels/],
  [{ group: ['Water=pump_1', 'Water=pump_2'] }, /--group Water=…: it is given twice; expected all its channels in one/],
  [{ device: ['a=http://127.0.0.1:1', 'a=http://127.0.0.1:2'] }, /^devices\[1\].name: found "a" as in [^\n]*$/],
  [{ store: 'embedded', bucket: 'house' }, /^a database or a bucket is of an InfluxDB; give its address/],
  [{ timezone: 'Nepal' }, /--timezone Nepal: expected a time zone such as/],
  [{ channel: ['pv'] }, /--channel pv: no device has this channel/],
  [{ channel: ['pv_east', 'time'] }, /--channel time: no device/],
  [
    { wiring: 'behind', mains: ['grid_left'], solar: ['none'] },
    /--wiring behind: it says how mains and solar .*no channel is solar/,
  ],
  [{ store: 'ftp://vm' }, /--store ftp:\/\/vm: expected an address such as http:\/\/victoriametrics:8428, with http/],
  [{ billingDay: 32 }, /--billing-day 32: found 32; expected a day of the month, 1 to 31/],
  [{ currency: 'EURO' }, /--currency EURO: found "EURO"; expected the code of a currency/],
  [{ price: 0.3 }, /--price needs --currency/],
  [{ currency: 'EUR', feedIn: 0.08 }, /--feed-in needs --price/],
  [{ currency: 'EUR', price: 0.3, period: ['Night'] }, /--period Night: expected a name, a price and when it applies/],
  [{ currency: 'EUR', price: 0.3, period: ['A=1,25-26'] }, /--period A=1,25-26: found "25-26"; expected hours such as/],
  [{ currency: 'EUR', price: 0.3, period: ['A=1,Junk'] }, /--period A=1,Junk: found "Junk"; expected months such as/],
  [
    { currency: 'EUR', price: 0.3, period: ['A=1,Monday'] },
    /--period A=1,Monday: found "Monday"; expected days such as/,
  ],
  [{ currency: 'EUR', price: 0.3, period: ['A=1,weekdays'] }, /found "weekdays"; expected days such as/],
  [{ currency: 'EUR', price: 0.3, period: ['A=1,August'] }, /found "August"; expected months such as/],
  [{ currency: 'EUR', price: 0.3, period: ['A=1'] }, /--period A=1: expected a name, a price and when it applies/],
  [{ currency: 'EUR', price: 0.3, period: ['A=1,01-05,02-04'] }, /found hours that overlap/],
  [
    { currency: 'EUR', price: 0.3, period: ['A=1,01-05', 'B=2,00-24'] },
    /--period B=2,00-24: found a period that never/,
  ],
  [{ since: '2999-01-01' }, /--since 2999-01-01: expected a day in the past/],
])('a flag that cannot be meant is refused: %j', async (flags, words) => {
  const { error } = await init(KATHMANDU, flags)
  expect(error).toBeInstanceOf(UsageError)
  expect(explain(error)).toMatch(words)
})

it.each([
  ['the machine and the device agree', 'America/Denver', [-7], 'America/Denver'],
  ['no device tells', 'Europe/Berlin', [undefined], 'Europe/Berlin'],
  ['its zone was renamed', 'Europe/Kiev', [2], 'Europe/Kyiv'],
  ['one zone fits', 'UTC', [5.75], expect.stringMatching(/^Asia\/Kathmandu$/)],
  ['many zones would fit', 'UTC', [-5], undefined],
  ['the devices are set differently', 'UTC', [5.75, -5], undefined],
])('the time zone, where %s', (_, machine, hours, timezone) => {
  const devices = hours.map((offset) => {
    return { name: 'home', standardOffsetMs: offset === undefined ? undefined : offset * HOUR_MS }
  })
  expect(proposeTimezone(machine, devices, NOW_MS).timezone).toEqual(timezone)
})

it.each([
  ['Asia/Kathmandu', '+05:45'],
  ['Australia/Sydney', '+10:00'],
  ['America/New_York', '-05:00'],
  ['America/Phoenix', '-07:00'],
  // Half an hour of summer time.
  ['Australia/Lord_Howe', '+10:30'],
  // By law, its winter time is the exception.
  ['Europe/Dublin', '+00:00'],
  ['Africa/Casablanca', '+01:00'],
  // Up to 2024-10 its standard time was -04:00, and up to 2024-02 that of Almaty was +06:00.
  ['America/Asuncion', '-03:00', '2024-11-01', '2025-02-01'],
  ['Asia/Almaty', '+05:00', '2024-03-02', '2024-07-02'],
])('a device in %s is set to UTC%s in every season', (zone, offset, ...days) => {
  const minutes = Number(offset.slice(0, 3)) * 60 + Number(offset.slice(4))
  const at = (standardMinutes: number) => [{ name: 'home', standardOffsetMs: standardMinutes * 60_000 }]
  for (const day of days.length > 0 ? days : ['2026-01-15', '2026-03-15', '2026-07-15', '2026-12-15']) {
    expect(disagreement(zone, at(minutes), Date.parse(day))).toBeUndefined()
    expect(disagreement(zone, at(minutes + 60), Date.parse(day))).toMatch(`${zone} is UTC${offset}, and home`)
  }
})

it('series that are in the store go on under their labels', async () => {
  const labels = { __name__: 'power', source: 'iotawatt', device: 'home', location: 'pump_1', floor: 'Cellar' }
  const { words, config } = await init(KATHMANDU, {}, async (folder) => {
    const store = await openEmbedded({ folder: join(folder, 'data', 'store') }, { clock: systemClock })
    await store.write([{ labels, timestampsMs: [FROM_MS], values: [1] }], signal)
    await store.close()
  })
  expect(words).toMatch(
    /^GOOD {2}labels: the store has 1 channel of these devices already: the labels of these are kept$/m,
  )
  const rules = config?.rules ?? []
  expect(labelsFor({ metric: 'power', location: 'pump_1' }, { device: 'home', rules })).toEqual(labels)
})

it('the labels that a store has are kept, and others are those of the house', () => {
  const channels = ['Main', 'Oven', 'O*'].map((name) => ({ name, unit: 'Watts', kind: 'input' }) as const)
  const setup = (names: readonly string[]) => ({
    devices: [
      { name: 'home', url: 'http://a', firstMs: 0, channels, expected: new Set(names), week: { names: [], rows: [] } },
    ],
    house: { mains: ['Main'], solar: [], groups: [], legs: new Map() },
  })
  const identity = { __name__: 'power', source: 'iotawatt', device: 'home' }
  const stored = [
    { labels: { ...identity, location: 'Oven', type: 'Circuit' }, positionMs: 1 },
    { labels: { ...identity, location: 'Oven', floor: '1' }, positionMs: 2 },
  ]
  const { rules, findings } = rulesOfHouse(setup(['Main', 'Oven']), { metric: 'power', stored })
  const labels = (location: string) => labelsFor({ metric: 'power', location }, { device: 'home', rules })
  expect(labels('Oven')).toEqual(stored[1]?.labels)
  expect(labels('Main')).toEqual({ ...identity, location: 'Main', type: 'Trunk', pair: 'Mains' })
  expect(findings).toMatchObject([{ verdict: 'GOOD', message: expect.stringContaining('has 1 channel') }])
  const odd = [{ labels: { ...identity, location: 'O*', a: 'b' }, positionMs: 1 }]
  const kept = rulesOfHouse(setup(['Main', 'O*', 'Oven']), { metric: 'power', stored: odd })
  expect(labelsFor({ metric: 'power', location: 'O*' }, { device: 'home', rules: kept.rules })).toEqual(odd[0]?.labels)
  const foreign = [{ labels: { ...identity, location: 'Oven', __tenant__: '1' }, positionMs: 1 }]
  expect(rulesOfHouse(setup(['Main', 'Oven']), { metric: 'power', stored: foreign })).toMatchObject({
    rules: [{ match: '*', set: { type: 'Circuit' } }],
    findings: [{ verdict: 'WARN', message: expect.stringContaining('under labels that no rules give') }],
  })
})

it.each([
  [
    'names them',
    { pair: 'Mains' },
    /^no channel is marked as mains; these look like it: grid_left, grid_right \(by name\)/,
  ],
  ['says nothing where they are marked', ['grid_left'], undefined],
  ['says nothing where somebody said that there are none', [], undefined],
])('check of a house without mains %s', async (_, mains, words) => {
  const clock = createSimulatedClock(NOW_MS)
  const context = inProcess(deviceWith(KATHMANDU, { clock }), { clock, store: createSimulatedStore({ clock }) })
  const lines: string[] = []
  const shown = { names: {}, colours: {}, isConfigured: true } as const
  const house = { timezone: 'UTC', wiring: 'ahead', mains, solar: [], groups: [], ...shown } as const
  const config = {
    devices: [{ name: 'home' }],
    house,
    metric: 'power',
    stateDir: tmpdir(),
    store: { type: 'embedded' },
  }
  const run = {
    engine: { config, queues: [], store: context.store, daemon: {} },
    queues: [createDirectQueue(context)],
    options: { devices: [], warnings: [], json: true, strict: false, zone: 'UTC' },
    output: { print: (line: string) => lines.push(line) },
    signal,
  } as unknown as Parameters<typeof checkCommand>[0]
  await clock.runUntilDone(checkCommand(run))
  const findings = JSON.parse(lines.join('')) as { subject: string; message: string }[]
  const found = findings.filter(({ message }) => message.includes('mains'))
  expect(found.map(({ message }) => message)).toEqual(words === undefined ? [] : [expect.stringMatching(words)])
})
