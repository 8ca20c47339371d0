import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { appendFile, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { parse } from 'yaml'
import { UsageError } from '../src/cli/exit-codes.ts'
import { initCommand } from '../src/cli/init-command.ts'
import { browseNetwork, findDevices } from '../src/cli/init/find-devices.ts'
import type { DeviceSetup, Setup } from '../src/cli/init/setup.ts'
import { configText, writeConfig } from '../src/cli/init/write-config.ts'
import { ConfigError } from '../src/config/config-error.ts'
import { secret } from '../src/config/config.ts'
import { loadConfig } from '../src/config/load-config.ts'
import { systemClock } from '../src/runtime/clock.ts'
import { explain } from '../src/runtime/errors.ts'
import { silentLog } from '../src/runtime/log.ts'
import type { DevicePasswords } from '../src/simulator/answer-status.ts'
import { loadCardFixture, RECORDED_AT_MS } from '../src/simulator/fixtures/load-fixtures.ts'
import { type ServedDevice, serveSimulatedDevice } from './doubles/serve-simulated-device.ts'
import { createSimulatedDevice } from './doubles/simulated-device.ts'
import { cardSource } from '../src/simulator/start-simulator.ts'
import { type CliHome, openCliHome } from './cli-home.ts'
import { freePort } from './free-port.ts'
import { realBinary, startRealStore } from './real-store.ts'
import { loadText } from './test-config.ts'

vi.setConfig({ maxConcurrency: 4 })

const PASSWORD = 'hunter2 "quoted"'
const deps = { clock: systemClock, log: silentLog, random: () => 0 }

let trunk: ServedDevice
let circuits: ServedDevice
let guarded: ServedDevice
let nowhere: string
let webPage: { url: string; asked: string[]; close(): void }
beforeAll(async () => {
  ;[trunk, circuits, guarded] = await Promise.all([
    serve('iwatt5'),
    serve('iwatt6'),
    serve('iwatt6', { admin: PASSWORD }),
  ])
  nowhere = `http://127.0.0.1:${await freePort()}`
  webPage = await serveWebPage()
})
afterAll(async () => {
  vi.resetConfig()
  for (const served of [trunk, circuits, guarded]) await served.close()
  webPage.close()
})

function serve(unit: 'iwatt5' | 'iwatt6', passwords?: DevicePasswords): Promise<ServedDevice> {
  const source = cardSource(loadCardFixture(unit))
  const clock = { nowMs: () => RECORDED_AT_MS }
  return serveSimulatedDevice(createSimulatedDevice({ source, clock, ...(passwords && { passwords }) }))
}

/** A printer, say. */
async function serveWebPage() {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.end('<html>Printer</html>')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    asked,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => void server.close(),
  }
}

async function inHome(act: (home: CliHome) => Promise<void>): Promise<void> {
  const home = await openCliHome()
  try {
    await act(home)
    for (const { stdout, stderr } of home.results()) {
      expect(stdout + stderr).not.toMatch(/^\s+at /m)
      expect(stdout + stderr).not.toContain('hunter2')
    }
  } finally {
    await home.close()
  }
}

const loadIn = async ({ folder }: CliHome) =>
  (await loadConfig({ path: 'iotawatt-sync.yaml', env: {}, cwd: folder })).config
/** The same as the process does, in this one. */
async function unasked({ folder }: CliHome, args: readonly string[], env: Record<string, string> = {}) {
  const valuesOf = (flag: string) => args.filter((_, index) => args[index - 1] === flag)
  const [store] = valuesOf('--store')
  const [output] = valuesOf('--output')
  const flags = { device: valuesOf('--device'), ...(store && { store }), ...(output && { output }) }
  const stdout = new PassThrough({ encoding: 'utf8' })
  const { signal } = new AbortController()
  const browse = () => Promise.resolve([])
  const options = { flags, env, cwd: folder, schemaFile: '/schema.json', deps: deps, signal, browse, startLoad }
  const error: unknown = await initCommand({ ...options, stdin: new PassThrough(), stdout }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return { error, stdout: String(stdout.read() ?? '') }
}

const startLoad = () => Promise.reject(new Error('nobody asked for it'))

const portOf = (url: string) => Number(new URL(url).port)

it.concurrent(
  'init writes what check is content with: names given or the own one, inputs in watts, default labels',
  async () =>
    inHome(async (home) => {
      const { code, stdout } = await home.run(['init', '--device', `trunk=${trunk.url}`, '--device', circuits.url])
      expect(stdout).toMatch(/^GOOD {2}trunk: answers as iwatt5, .*; 14 of \d+ channels are inputs in watts$/m)
      expect(stdout).toMatch(/^wrote iotawatt-sync\.yaml: 2 devices, 28 channels\nnext: iotawatt-sync check /m)
      expect(code).toBe(0)
      const { devices, store } = await loadIn(home)
      expect(store).toEqual({ type: 'embedded' })
      // A list would leave out what is added to a device later.
      expect(devices.map(({ name, channels }) => [name, channels])).toEqual([
        ['trunk', undefined],
        ['iwatt6', undefined],
      ])
      expect(stdout).toMatch(/^GOOD {2}store: embedded, a file of this program, as no --store URL names/m)
      // The default port may be in use, by a daemon of this machine.
      await appendFile(join(home.folder, 'iotawatt-sync.yaml'), "web: { listen: '127.0.0.1:0' }\n")
      const checked = await home.run(['check'])
      expect(checked.stdout).toMatch(/GOOD {2}iwatt6: 14 channels/)
      expect(checked.code).toBe(0)
    }),
)

it.concurrent('the file teaches: its schema, why an output is left out, and how to take it in', async () =>
  inHome(async (home) => {
    // Where the schema lies is known to the program that is installed.
    await home.start(['init', '--device', trunk.url]).ended
    const text = await readFile(join(home.folder, 'iotawatt-sync.yaml'), 'utf8')
    const [, schema = ''] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text) ?? []
    expect(JSON.parse(await readFile(join(home.folder, schema), 'utf8'))).toMatchObject({ title: 'iotawatt-sync' })
    const listed = text.replace(/^( {4})# (channels:$| {2})/gm, '$1$2')
    expect(listed).toMatch(/^ {6}# - \w+ # an output, .*twice$/m)
    expect(listed).toContain('# - { name: Voltage, unit: volts }')
    const { config } = await loadText(listed.replace('# - { name: Voltage', '- { name: Voltage'))
    expect(config.devices[0]?.channels).toHaveLength(15)
    expect(config.devices[0]?.channels?.at(-1)).toMatchObject({ name: 'Voltage', unit: 'volts', metric: 'voltage' })
  }),
)

it.concurrent.each([
  ['name', 'house=', 'IOTAWATT_SYNC_DEVICES_HOUSE_PASSWORD'],
  ['place', '', 'IOTAWATT_SYNC_DEVICES_0_PASSWORD'],
])('a login comes from the environment, by the %s of the device, and stays there', async (_, name, variable) =>
  inHome(async (home) => {
    const flags = ['--device', `${name}${guarded.url}`]
    const { error } = await unasked(home, flags)
    expect(explain(error)).toContain(`give its password in ${variable}, or the file that holds it in ${variable}_FILE`)
    expect((await unasked(home, flags, { [variable]: PASSWORD })).stdout).toContain('wrote iotawatt-sync.yaml')
    expect(await readFile(join(home.folder, 'iotawatt-sync.yaml'), 'utf8')).toMatch(/# Its login .* environment\.\n/)
    expect(await readdir(home.folder)).toEqual(['iotawatt-sync.yaml'])
  }),
)

const refused: [string, () => string[], number, RegExp][] = [
  ['without a terminal and without flags', () => [], 2, /no terminal to ask on[^]*--device \[NAME=\]URL[^]*--yes/],
  ['where the file is there', () => ['--device', trunk.url, '--output', 'there.yaml'], 2, /there\.yaml already exists/],
  [
    'where the folder is not there',
    () => ['--device', trunk.url, '--output', 'no/x.yaml'],
    2,
    /is not a folder that this user/,
  ],
  [
    'with an address that is none',
    () => ['--device', 'a=ftp://b'],
    2,
    /--device a=ftp:\/\/b: expected an address such as/,
  ],
  [
    'with a password in its address',
    () => ['--device', 'a=http://admin:hunter/2@b'],
    2,
    /^(?![^]*hunter)[^]*--device \*\*\*@b: expected the address alone/,
  ],
  [
    'of a store with a password in its address',
    () => ['--device', trunk.url, '--store', 'admin:hunter2@b'],
    2,
    /^(?![^]*hunter)[^]*--store \*\*\*@b: expected the address alone/,
  ],
  ['with an empty name', () => ['--device', `=${trunk.url}`], 2, /expected a name: 1 to 200 characters/],
  ['with a name twice', () => ['--device', `a=${trunk.url}`, '--device', `a=${circuits.url}`], 2, /found "a" as in/],
  [
    'with one address twice',
    () => ['--device', trunk.url, '--device', `b=${trunk.url}/`],
    2,
    /expected each device once/,
  ],
  [
    'with one device at two addresses',
    () => ['--device', trunk.url, '--device', `b=${trunk.url.replace('127.0.0.1', 'localhost')}`],
    2,
    /localhost:\d+ are the same device/,
  ],
  [
    'where two devices have one name',
    () => ['--device', trunk.url, '--device', `iwatt5=${circuits.url}`],
    2,
    /two devices are called iwatt5; .*NAME=URL/,
  ],
  ['of what is no IoTaWatt', () => ['--device', `printer=${webPage.url}`], 1, /printer: GET .*HTML instead of JSON/],
  [
    'of a device that is off',
    () => ['--device', trunk.url, '--device', nowhere],
    1,
    /status: connection refused\n {2}check that it is on/,
  ],
  [
    'with a store that is none',
    () => ['--device', trunk.url, '--store', circuits.url],
    1,
    /check the address of the store/,
  ],
  ['with a store that is off', () => ['--device', trunk.url, '--store', nowhere], 1, /is VictoriaMetrics running/],
]
it.concurrent.each(refused)('init %s writes nothing, and says why', async (_, flags, code, words) =>
  inHome(async (home) => {
    await writeFile(join(home.folder, 'there.yaml'), 'mine')
    const { error } = await unasked(home, flags())
    expect(explain(error)).toMatch(words)
    expect(error instanceof UsageError || error instanceof ConfigError).toBe(code === 2)
    expect(await readdir(home.folder)).toEqual(['there.yaml'])
    expect(await readFile(join(home.folder, 'there.yaml'), 'utf8')).toBe('mine')
  }),
)

it.concurrent.each([
  ['without a terminal and without flags', () => [], 2],
  ['of a device that is off', () => ['--device', nowhere], 1],
] as const)('the process ends accordingly: init %s', async (_, flags, code) =>
  inHome(async (home) => expect((await home.run(['init', ...flags()])).code).toBe(code)),
)

it.runIf(realBinary).concurrent('a store that drops what the devices have is taken, with a word about it', async () => {
  const store = await startRealStore(['-retentionPeriod=1'])
  try {
    await inHome(async (home) => {
      const { stdout } = await unasked(home, ['--device', trunk.url, '--store', store.url])
      expect(stdout).toMatch(/^GOOD {2}store: VictoriaMetrics at .* answers$/m)
      expect(stdout).toMatch(/^WARN {2}store: it drops .* start VictoriaMetrics with -retentionPeriod=100y$/m)
      expect((await loadIn(home)).store).toMatchObject({ address: { url: store.url } })
    })
  } finally {
    await store.stop()
  }
})

/** Types the keys as soon as the words that call for them are there, in their order. */
async function typed(answers: readonly (readonly [words: string, keys: string])[], flags = {}) {
  const home = await openCliHome()
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} })
  const stdout = Object.assign(new PassThrough(), { isTTY: true, columns: 100, rows: 50 })
  const waiting = [...answers]
  let all = ''
  let readTo = 0
  stdout.setEncoding('utf8').on('data', (text: string) => {
    all += text
    for (let next = waiting[0]; next !== undefined && all.includes(next[0], readTo); next = waiting[0]) {
      const [words, keys] = next
      waiting.shift()
      readTo = all.indexOf(words, readTo) + words.length
      for (const [index, [key]] of [...keys.matchAll(/\u001B\[.|[^]/g)].entries())
        setTimeout(() => stdin.write(key), 20 * index + 20)
    }
  })
  const hosts = [trunk, guarded, webPage].map(({ url }) => ({ host: '127.0.0.1.', port: portOf(url), addresses: [] }))
  const code = await initCommand({
    flags: { device: [], ...flags },
    browse: () => Promise.resolve(hosts),
    schemaFile: '/nowhere/schema.json',
    cwd: home.folder,
    signal: AbortSignal.timeout(30_000),
    env: {},
    deps,
    stdin,
    stdout,
    startLoad,
  }).catch(async (error: unknown) => {
    await home.close()
    throw error
  })
  return { code, all, home, untyped: waiting }
}

const [ENTER, DOWN, SPACE, CTRL_C] = ['\r', '\u001B[B', ' ', '\u0003']

it('asked, it finds the devices, logs in, and writes the password to a file of its own', async () => {
  const { code, all, home, untyped } = await typed([
    ['Which of these', DOWN + SPACE + ENTER],
    ['Device name', ENTER],
    ['Which channels', SPACE + DOWN + SPACE + ENTER],
    ['Copy from which day', ENTER],
    ['requires a login.', ''],
    ['Log in as admin', ENTER],
    ['Its password', `wrong${ENTER}`],
    ['IoTaWatt-Login', ''],
    ['Log in as admin', ENTER],
    ['Its password', PASSWORD + ENTER],
    ['Device name', `${'\u007F'.repeat(6)}no${ENTER}`],
    ['Which channels', ENTER],
    ['Copy from which day', `${'\u007F'.repeat(10)}2999-01-01${ENTER}`],
    ['expected a day in the past', `${'\u007F'.repeat(10)}2024-05-30${ENTER}`],
    ['Add another', ENTER],
    ['Which channels are the mains', ENTER],
    ['Which channels are solar', ENTER],
    ['What do the sensors of the mains see', ENTER],
    ['Which circuits belong together', ENTER],
    ['Time zone of the house', `Europe/Berlin${ENTER}`],
    ['UTC+01:00, and iwatt5 is set to UTC-05:00; one of them is wrong', ''],
    ['Use it anyway', ENTER],
    ['Time zone of the house', `America/New_York${ENTER}`],
    ['What does energy cost', ENTER],
    ['Where should the samples be stored', DOWN + ENTER],
    ['wrote', ''],
    ['Copy the history now', ENTER],
    ['next: iotawatt-sync check', ''],
  ])
  try {
    expect({ code, untyped, screen: untyped.length > 0 ? all : undefined }).toEqual({ code: 0, untyped: [] })
    expect(all).not.toContain(PASSWORD)
    const { store, devices, house } = await loadIn(home)
    expect(house).toMatchObject({ timezone: 'America/New_York', mains: ['Mains_2'], wiring: 'ahead' })
    expect(store).toEqual({ type: 'embedded' })
    expect(devices.map(({ name, url, sinceMs }) => [name, url, sinceMs])).toEqual([
      ['iwatt5', trunk.url, undefined],
      ['no', guarded.url, Date.UTC(2024, 4, 30)],
    ])
    expect(devices[0]?.channels?.slice(0, 2).map(({ name }) => name)).toEqual(['Voltage', 'Mains_2'])
    expect([devices[1]?.auth?.username, devices[1]?.auth?.password.reveal()]).toEqual(['admin', PASSWORD])
    expect(await readFile(join(home.folder, 'iotawatt-sync.yaml'), 'utf8')).not.toContain('hunter2')
    expect((await stat(join(home.folder, 'no.password'))).mode & 0o777).toBe(0o600)
  } finally {
    await home.close()
  }
})

it('asked, it takes an address by hand, names what is wrong, and tries another store', async () => {
  const store = portOf(nowhere)
  const { code, all, home, untyped } = await typed(
    [
      ['Which of these', SPACE + ENTER],
      ['What is the address', `not an address${ENTER}`],
      ['expected an address', '\u0015' + `127.0.0.1:${store}${ENTER}`],
      ['connection refused', DOWN + ENTER],
      ['What is the address', circuits.url + ENTER],
      ['Device name', ENTER],
      ['Which channels', ENTER],
      ['Copy from which day', ENTER],
      ['Add another', ENTER],
      ['Which channels are the mains', ENTER],
      ['Which channels are solar', ENTER],
      ['Time zone of the house', `America/New_York${ENTER}`],
      ['What does energy cost', DOWN + DOWN + ENTER],
      ['Currency', `EURO${ENTER}`],
      ['expected the code of a currency', `\u0015usd${ENTER}`],
      ['Price per kWh, when no other applies', `0,25${ENTER}`],
      ['expected money per kWh', `\u00150.25${ENTER}`],
      ['When does another price apply', `Peak=0.45,16-16${ENTER}`],
      ['expected hours such as', `\u0015Peak=0.45,16-21,Mon-Fri,Jun-Oct${ENTER}`],
      ['And another one', ENTER],
      ['Fixed charge per day', `0.39${ENTER}`],
      ['On which day of the month', `\u001532${ENTER}`],
      ['expected a day of the month, 1 to 31', `\u001514${ENTER}`],
      ['connection refused', ENTER],
      ['Where should the samples be stored', DOWN + ENTER],
      ['Copy the history now', CTRL_C],
      ['next: iotawatt-sync check --config mine.yaml', ''],
    ],
    { store: nowhere, output: 'mine.yaml' },
  )
  expect({ code, untyped, screen: untyped.length > 0 ? all : undefined }).toEqual({ code: 0, untyped: [] })
  expect(await readdir(home.folder)).toEqual(['mine.yaml'])
  expect(all).not.toContain('nothing was written')
  expect(parse(await readFile(join(home.folder, 'mine.yaml'), 'utf8'))).toMatchObject({
    store: { type: 'embedded' },
    devices: [{ name: 'iwatt6', url: circuits.url }],
    currency: 'USD',
    billing: { day: 14 },
    tariffs: [
      {
        name: 'Time of use',
        import: [
          { name: 'Standard', price: 0.25 },
          { name: 'Peak', price: 0.45, hours: ['16-21'], days: ['Mon-Fri'], months: ['Jun-Oct'] },
        ],
        fixed: { perDay: 0.39 },
      },
    ],
  })
  await home.close()
})

it.each([
  [{ billingDay: 32 }, /--billing-day 32: found 32; expected a day of the month/],
  [{ currency: 'EUR', feedIn: 0.08 }, /--feed-in needs --price/],
])('a flag of what energy costs that cannot be meant is refused before anything is asked: %j', async (flags, words) => {
  await expect(typed([['Which of these', CTRL_C]], flags)).rejects.toThrow(words)
})

it('Ctrl-C ends it with 130 and a word, and nothing is written', async () => {
  const { code, all, home } = await typed([
    ['Which of these', ENTER],
    ['Device name', CTRL_C],
    ['cancelled; nothing was written', ''],
  ])
  expect([code, await readdir(home.folder)]).toEqual([130, []])
  expect(all).toContain('└')
  await home.close()
})

it('of the hosts of a network only IoTaWatts are found, and the others are asked one thing', async () => {
  const printer = await serveWebPage()
  const address = (url: string, host = 'nowhere.invalid') => ({
    host,
    port: portOf(url),
    addresses: ['::1', '127.0.0.1'],
  })
  const hosts = [printer, guarded, trunk].map(({ url }) => address(url))
  const found = await findDevices(
    () =>
      Promise.resolve([...hosts, address(nowhere), address(trunk.url, 'nowhere.INVALID.'), address(trunk.url, '$(x)')]),
    deps,
    new AbortController().signal,
  )
  expect(found.map(({ url, name }) => [url, name])).toEqual([
    [trunk.url, 'iwatt5'],
    [guarded.url, undefined],
  ])
  expect(printer.asked).toEqual(['/status?stats=&datalogs=&device=&wifi='])
  printer.close()
})

/** A DNS record, by RFC 1035. */
function dnsRecord(name: string, type: number, data: Buffer): Buffer {
  const fixed = Buffer.alloc(10)
  fixed.writeUInt16BE(type, 0)
  fixed.writeUInt16BE(1, 2)
  fixed.writeUInt32BE(120, 4)
  fixed.writeUInt16BE(data.length, 8)
  return Buffer.concat([dnsName(name), fixed, data])
}
function dnsName(name: string): Buffer {
  return Buffer.concat([
    ...name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ])
}

it.concurrent('what a device says by multicast DNS is read', async () => {
  const port = await freePort()
  const service = 'garage._http._tcp.local'
  const records = [
    dnsRecord('_http._tcp.local', 12, dnsName(service)),
    dnsRecord(service, 33, Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 80]), dnsName('garage.local')])),
    dnsRecord('garage.local', 1, Buffer.from([192, 0, 2, 7])),
  ]
  const answer = Buffer.concat([Buffer.from([0, 0, 0x84, 0, 0, 0, 0, records.length, 0, 0, 0, 0]), ...records])
  const socket = createSocket('udp4')
  const timer = setInterval(() => {
    socket.send(Buffer.from('no DNS at all'), port, '127.0.0.1')
    socket.send(answer, port, '127.0.0.1')
  }, 50)
  await expect
    .poll(() => browseNetwork(new AbortController().signal, { waitMs: 600, port }))
    .toEqual([{ host: 'garage.local', port: 80, addresses: ['192.0.2.7'] }])
  clearInterval(timer)
  socket.close()
})

it.concurrent('where multicast DNS is not possible, nobody is found and nothing breaks', async () => {
  const taken = createSocket('udp4').bind(0)
  await once(taken, 'listening')
  const found = await browseNetwork(new AbortController().signal, { waitMs: 100, port: taken.address().port })
  taken.close()
  expect(found).toEqual([])
})

it.concurrent.each([
  ['written beside one that is there', {}, ['a-2.password', 'a.password', 'c.yaml']],
  ['gone again where the file does not load', { IOTAWATT_SYNC_INTERVAL: 'soon' }, ['a.password']],
])('a password is %s', async (_, env, files) =>
  inHome(async ({ folder }) => {
    await writeFile(join(folder, 'a.password'), 'mine')
    const login = { kind: 'password', username: 'admin', secret: secret(PASSWORD) } as const
    const setup = setupOf({ ...oneDevice('Fridge'), login })
    const options = { file: join(folder, 'c.yaml'), schemaFile: '/with a space/s.json', env }
    await writeConfig(setup, options).catch((error: unknown) => expect(explain(error)).toContain('INTERVAL'))
    expect((await readdir(folder)).sort()).toEqual(files)
    expect(await readFile(join(folder, 'a.password'), 'utf8')).toBe('mine')
  }),
)

function oneDevice(name: string): DeviceSetup {
  const channels = [{ name, unit: 'Watts', kind: 'input' }] as const
  return { name: 'a', url: 'http://a', firstMs: 0, channels, expected: new Set([name]), week: NO_WEEK }
}

const NO_WEEK = { names: [], rows: [] }

function setupOf(device: DeviceSetup): Setup {
  const house = { mains: [], solar: [], groups: [], legs: new Map(), timezone: 'UTC' }
  return {
    devices: [device],
    store: { type: 'embedded' },
    house,
    bills: {},
    rules: [{ match: '*', set: { type: 'Circuit' } }],
  }
}

const odd = fc.oneof(
  fc.constantFrom(
    'no',
    'null',
    '1e3',
    '~',
    'true',
    '0x1F',
    '2024-05-31',
    '- a',
    'a: b',
    'a #b',
    '#a',
    "it's",
    '%',
    '@x',
  ),
  fc.constantFrom(
    '[a]',
    '{a}',
    '*a',
    '&a',
    '!a',
    '|',
    '>',
    '?',
    ':',
    '-',
    'Küche 🔥',
    'a\u2028b',
    '=',
    '<<',
    "''",
    '`',
    'a\nb: c',
    'a\r- b',
  ),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.string({ maxLength: 30 }),
)
const nameText = odd.filter((text) => /^(?!\s)(?!.*\s$)[^\p{Cc}]{1,200}$/u.test(text))
const channel = fc.record({
  name: odd,
  unit: fc.constantFrom('Watts', 'Volts', 'kWh', 'Wh'),
  kind: fc.constantFrom('input', 'output', 'unknown'),
} as const)
const isAskable = ({ name, unit }: { name: string; unit: string }) =>
  unit !== 'kWh' && /^(?!\s)(?!.*\s$)(?!time$)[^.,"\\\p{Cc}]{1,100}$/u.test(name)

it('every file loads as what it was made of, whatever things are called', async () => {
  const device = fc
    .record({
      name: nameText,
      channels: fc.uniqueArray(channel, { selector: ({ name }) => name, minLength: 1, maxLength: 8 }),
      chosen: fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
      username: nameText,
    })
    .filter(({ channels }) => channels.some(isAskable))
  await fc.assert(
    fc.asyncProperty(device, async ({ name, channels, chosen, username }) => {
      const askable = channels.filter(isAskable)
      const some = askable.filter((_, index) => chosen[index])
      const expected = new Set((some.length > 0 ? some : askable).map((each) => each.name))
      const login = { kind: 'password', username, secret: secret('secret') } as const
      const setup: DeviceSetup = { name, url: 'http://a', firstMs: 0, channels, expected, login, week: NO_WEEK }
      const secretFiles = new Map([[login, `${name.length} # it's`]])
      const mains = askable.map((each) => each.name)
      // The library that reads mappings leaves this key of JavaScript out.
      const group = name.replace(/[\n\u2028\u2029]|^__proto__$/g, '').slice(0, 60) || 'a'
      const groups = [{ name: group, locations: mains }]
      const ofHouse = { mains, solar: mains, groups, legs: new Map() }
      const text = configText({ ...setupOf(setup), house: ofHouse }, { secretFiles })
      const { config, warnings } = await loadText(text, { files: { [`${name.length} # it's`]: 'secret' } })
      const [loaded] = config.devices
      expect([loaded?.name, loaded?.auth?.username]).toEqual([name, username])
      const usual = askable.filter(({ unit, kind }) => unit === 'Watts' && kind === 'input')
      const isChosen = usual.length !== expected.size || usual.some((each) => !expected.has(each.name))
      expect(loaded?.channels?.map((each) => [each.name, each.unit])).toEqual(
        isChosen
          ? channels.filter((each) => expected.has(each.name)).map((each) => [each.name, each.unit.toLowerCase()])
          : undefined,
      )
      expect(config.house).toMatchObject({ mains, groups: [{ name: groups[0]?.name, select: mains }] })
      expect(warnings).toEqual([])
      expect(parse(text, { version: '1.1' })).toEqual(parse(text))
    }),
    { numRuns: process.env['LONG'] ? 2_000 : 50 },
  )
})
