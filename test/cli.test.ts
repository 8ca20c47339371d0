import { execFile } from 'node:child_process'
import { mkdir, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { Setup } from '../src/model/house-editor.ts'
import { loadCardFixture, RECORDED_AT_MS } from '../src/simulator/fixtures/load-fixtures.ts'
import { type ServedDevice, serveSimulatedDevice } from './doubles/serve-simulated-device.ts'
import { createSimulatedDevice } from './doubles/simulated-device.ts'
import { cardSource } from '../src/simulator/start-simulator.ts'
import { type CliHome, openCliHome } from './cli-home.ts'
import type { CliResult } from './cli-process.ts'
import { freePort } from './free-port.ts'

// They mostly wait.
vi.setConfig({ maxConcurrency: 6 })

const SECRETS = ['hunter2-device', 'hunter2-store', 'hunter2-header']
const STACK = /^\s+at |\\n\s+at /m
/** What reading one record takes where a command must still be busy when something happens. */
const SLOW_MS = 3

/** The daemon cuts after some seconds what has not ended by then; here it has to end of itself, however slow the machine is. */
const NEVER_CUT = [
  '--import',
  `data:text/javascript,${encodeURIComponent('const after = setTimeout; globalThis.setTimeout = (act, ms, ...given) => after(act, ms > 4_000 && ms < 5_000 ? 2 ** 31 - 1 : ms, ...given)')}`,
]

let devices: ServedDevice[]
let slow: ServedDevice
/** A load of it is never over. */
let busy: ServedDevice
let guarded: ServedDevice
/** Nobody listens there, and no free port is ever there. */
const nowhere = 'http://127.0.0.1:1'
beforeAll(async () => {
  devices = await Promise.all((['iwatt5', 'iwatt6'] as const).map((unit) => serve(unit)))
  slow = await serve('iwatt6', { readCostMs: SLOW_MS })
  busy = await serve('iwatt6', { readCostMs: 1_000 })
  guarded = await serve('iwatt6', { passwords: { admin: 'something else' } })
})
afterAll(async () => {
  vi.resetConfig()
  for (const served of [...devices, slow, busy, guarded]) await served.close()
})

interface ServeOptions {
  readonly readCostMs?: number
  readonly passwords?: { readonly admin: string }
  readonly nowMs?: number
}

function serve(unit: 'iwatt5' | 'iwatt6', { nowMs = RECORDED_AT_MS, ...options }: ServeOptions = {}) {
  const source = cardSource(loadCardFixture(unit))
  const startedAtMs = nowMs - 3_600_000
  return serveSimulatedDevice(createSimulatedDevice({ source, clock: { nowMs: () => nowMs }, startedAtMs, ...options }))
}

/** Runs the case in a home of its own; nothing that it printed may hold a stack trace or a secret. */
async function inHome(config: object | string | undefined, act: (home: CliHome) => Promise<void>): Promise<void> {
  const home = await openCliHome(config)
  try {
    await act(home)
  } finally {
    await home.close()
  }
  for (const { args, stdout, stderr } of home.results()) {
    expect(stdout + stderr, `iotawatt-sync ${args.join(' ')}`).not.toMatch(STACK)
    for (const secret of SECRETS) expect(stdout + stderr).not.toContain(secret)
  }
}

const both = (changes: object = {}) => ({
  maxDeviceLoad: '100%',
  devices: devices.map(({ url }, index) => ({ name: `iwatt${index + 5}`, url })),
  ...changes,
})
const only = (url: string, changes: object = {}) => ({
  maxDeviceLoad: '100%',
  devices: [{ name: 'iwatt6', url }],
  ...changes,
})
/** Of each of both the one channel: where it does not matter what is copied. */
const bothOneChannel = (changes: object = {}) => {
  const [first, second] = both().devices
  return both({
    devices: [
      { ...first, channels: ['Mains_1'] },
      { ...second, channels: ['Furnace'] },
    ],
    ...changes,
  })
}
const oneChannel = (url: string, changes: object = {}) =>
  only(url, { devices: [{ name: 'iwatt6', url, channels: ['Furnace'] }], ...changes })
const text = ({ stdout, stderr }: CliResult) => stdout + stderr

it.concurrent('sync ends with 3 where one of two devices is off, and copies the other', async () => {
  const [on] = both().devices
  await inHome(both({ devices: [on, { name: 'iwatt6', url: nowhere }] }), async (home) => {
    const result = await home.run(['sync', '--json'])
    expect(text(result)).toContain('iwatt5: 4320 rows, 59150 samples')
    expect(JSON.parse(result.stdout)).toEqual([
      expect.objectContaining({ name: 'iwatt5', value: expect.objectContaining({ sampleCount: 59_150 }) }),
      { name: 'iwatt6', failure: expect.stringContaining(`iwatt6: GET ${nowhere}/`) },
    ])
    expect(result.code).toBe(3)
  })
})

it.concurrent.each([
  ['load', /^iwatt5 .* 59150 /m],
  ['verify', /^iwatt5: 14 channels[^]* missing 59150;/m],
])('%s does as well, and waits no longer for a device that is off', async (command, words) => {
  const [on] = both().devices
  await inHome(both({ devices: [{ name: 'iwatt6', url: nowhere }, on] }), async (home) => {
    const result = await home.run([command])
    expect(result.stderr).toContain(`iwatt6: GET ${nowhere}/status`)
    expect(result.stderr).not.toMatch(/attempt|again/)
    expect(result.stdout).toMatch(words)
    expect(result.code).toBe(3)
  })
})

const refused: [string, () => object | string | undefined, string, RegExp][] = [
  ['no configuration', () => undefined, 'sync', /iotawatt-sync\.yaml/],
  ['a file that is not there', () => undefined, 'sync --config other.yaml', /other\.yaml/],
  ['YAML that cannot be read', () => 'devices: [', 'sync', /iotawatt-sync\.yaml:1/],
  ['an unknown key', () => both({ intervall: '5m' }), 'sync', /intervall[^]*interval/],
  ['no device', () => ({ devices: [] }), 'sync', /at least one device/],
  ['an unknown command', both, 'snyc', /unknown command 'snyc'[^]*Did you mean sync/],
  ['an unknown flag', both, 'sync --sinc', /unknown option '--sinc'/],
  ['an unknown device', both, 'sync --device iwatt7', /no device iwatt7 [^]*iwatt5, iwatt6/],
  ['a time that is none', both, 'load --since yesterday', /--since[^]*yesterday[^]*2024-05-31/],
  ['a span that ends before it begins', both, 'load --since 2024-05-31 --until 2024-05-30', /--until must be later/],
]
it.concurrent.each(refused)('%s ends with 2, and the words say why', async (_, config, args, words) =>
  inHome(config(), async (home) => {
    const result = await home.run(args.split(' '))
    expect(text(result)).toMatch(words)
    expect(result.code).toBe(2)
    expect(result.stdout).toBe('')
  }),
)

it.concurrent.each(['status', 'check', ...(process.env['LONG'] ? ['sync'] : [])])(
  '%s ends with 1 where the store is down, and names it',
  async (command) =>
    inHome(both({ store: { url: nowhere, token: 'hunter2-store' } }), async (home) => {
      const result = await home.run([command, '--verbose'])
      expect(text(result)).toContain(`GET ${nowhere}/metrics: connection refused`)
      expect(text(result)).toContain('is VictoriaMetrics running')
      expect(result.code).toBe(1)
    }),
)

it.concurrent('check tells of the devices where the store is down, and of the store where a device is', async () => {
  const [on, off] = both().devices
  await inHome(both({ store: { url: nowhere }, devices: [on, { ...off, url: nowhere }] }), async (home) => {
    const { code, stdout } = await home.run(['check'])
    expect(stdout).toMatch(/^BAD {3}store: GET /m)
    expect(stdout).toMatch(/^GOOD {2}iwatt5: answers as \w+, firmware .+, log from /m)
    expect(stdout).toMatch(/^BAD {3}iwatt6: GET /m)
    expect(stdout.match(/connection refused/g), 'each of the two once').toHaveLength(2)
    expect(code).toBe(1)
  })
})

it.concurrent('check asks a store and a device that cannot be reached once more, and then reports it', async () =>
  inHome(only(nowhere, { store: { url: nowhere } }), async (home) => {
    const { code, stdout, stderr } = await home.run(['check', '--verbose'])
    expect(stdout).toMatch(/^BAD {3}store: GET [^]*^BAD {3}iwatt6: GET /m)
    expect(stderr.match(/asking again/g)).toHaveLength(2)
    expect(code).toBe(1)
  }),
)

it.concurrent.each([
  ['check', 0, '| true', ''],
  ['--help', 0, '| true', ''],
  ['check', 1, '> /dev/full', 'standard output cannot be written'],
  ['--help', 1, '> /dev/full', 'standard output cannot be written'],
])('%s ends with %i when its output goes %s, without a stack trace', async (command, code, where, words) =>
  inHome(both(), async (home) => {
    const program = `"${process.execPath}" "${fileURLToPath(new URL('../bin/iotawatt-sync', import.meta.url))}"`
    const line = `${program} ${command} ${where}; exit \${PIPESTATUS[0]}`
    const { status, stderr } = await new Promise<{ status: number; stderr: string }>((resolve) =>
      execFile('bash', ['-c', line], { cwd: home.folder }, (error, _stdout, said) =>
        resolve({ status: Number(error?.code ?? 0), stderr: said }),
      ),
    )
    expect(stderr).not.toMatch(STACK)
    expect(stderr).toContain(words)
    expect(status).toBe(code)
  }),
)

it.concurrent('a device is held by one process: a second load ends with 1 and says who holds it', async () =>
  inHome(only(busy.url), async (home) => {
    const first = home.start(['load'])
    await first.says(/Oldest first/)
    const second = await home.run(['load'])
    // On a busy machine the other one may not tell its number in time.
    expect(text(second)).toMatch(
      /iwatt6: another iotawatt-sync holds this device \((process \d+|a process that does not answer)\)/,
    )
    expect(second.code).toBe(1)
    first.kill('SIGTERM')
    const { code, stderr } = await first.ended
    expect(stderr).toContain('running it again goes on from there')
    expect(code).toBe(143)
  }),
)

it.concurrent('a load that is stopped says what it has copied so far, and how to go on', async () =>
  inHome(only(slow.url, { chunk: '1d' }), async (home) => {
    const load = home.start(['load'])
    await load.says(/2024-05-29 to 2024-05-30: 1440 rows/)
    load.kill('SIGINT')
    const { code, stdout, stderr } = await load.ended
    expect(stdout).toMatch(/^Copied so far:\ndevice .*\niwatt6 +2024-05-29 +2024-06-01 +0 min +1\d{3} min +\d{5} /m)
    expect(stderr).toContain('stopped; what is stored stays, and running it again goes on from there')
    expect(code).toBe(130)
  }),
)

it.concurrent('a command that is stopped at its question says that nothing of it was done', async () =>
  inHome(only(devices[1]!.url), async (home) => {
    const load = home.start(['load'], { isAsking: true })
    await load.says(/Load 4320 minutes, in about \d+ s\? \[Y\/n\]/)
    load.kill('SIGINT')
    const { code, stderr } = await load.ended
    expect({ code, stderr }).toEqual({ code: 130, stderr: expect.stringMatching(/stopped; nothing of that was done/) })
  }),
)

it.concurrent('check finds nothing bad in a good set-up, and writes nothing', async () =>
  inHome(both(), async (home) => {
    const { code, stdout } = await home.run(['check'])
    expect(stdout).toMatch(/^GOOD {2}config: 2 devices/m)
    expect(stdout).toMatch(/^GOOD {2}iwatt6: answers as \w+, firmware .+, log from /m)
    expect(stdout).not.toMatch(/^BAD/m)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^GOOD {2}store: embedded store in .+ is not there yet: the first copy makes it$/m)
    const status = await home.run(['status', '--json'])
    expect(JSON.parse(status.stdout).devices[0].value.seriesCount).toBe(0)
    expect(await readdir(home.folder)).toEqual(['iotawatt-sync.yaml'])
  }),
)

it.concurrent('check leaves a state folder and an embedded store as they were', async () =>
  inHome(both({ devices: [bothOneChannel().devices[0], both().devices[1]] }), async (home) => {
    const folder = join(home.folder, 'data')
    expect((await home.run(['sync'])).code).toBe(0)
    await rm(join(folder, 'devices.json'))
    const facts = async () => {
      const names = await readdir(folder, { recursive: true })
      return Promise.all(names.map(async (name) => [name, (await stat(join(folder, name))).mtimeMs]))
    }
    const before = await facts()
    const { code, stdout } = await home.run(['check'])
    expect(stdout).toMatch(/^GOOD {2}store: embedded store in \S+store\.duckdb answers$/m)
    expect(stdout).toMatch(/^GOOD {2}iwatt6: 14 channels, .+; the store has 14 of them$/m)
    expect(code).toBe(0)
    expect((await facts()).filter(([name]) => name !== 'store')).toEqual(before.filter(([name]) => name !== 'store'))
  }),
)

it.concurrent('a device whose log has stopped fails a sync and a status, in the words of check', async () => {
  const stopped = await serve('iwatt6', { nowMs: RECORDED_AT_MS + 2 * 3_600_000 })
  const words =
    /iwatt6: it answers, but its log ends at 2024-06-01T00:00Z, 2 h( 0 min)? ago by its own clock: nothing is being/
  await inHome(oneChannel(stopped.url), async (home) => {
    const sync = await home.run(['sync'])
    expect({ code: sync.code, said: sync.stderr.match(/its log ends/g)?.length }).toEqual({ code: 1, said: 1 })
    expect(sync.stderr).toMatch(/ERROR: iwatt6: it answers|"level":"error",.*iwatt6: it answers/)
    const status = await home.run(['status'])
    expect(status).toMatchObject({ code: 1, stdout: expect.stringMatching(words) })
    expect(await home.run(['check'])).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^BAD {3}iwatt6: it an/m),
    })
    const [on, off] = bothOneChannel().devices
    await home.configure(both({ devices: [on, { ...off, url: stopped.url }] }))
    for (const command of ['sync', 'status']) expect((await home.run([command])).code).toBe(3)
    await home.configure(oneChannel(stopped.url, { web: { maxAge: '3h' } }))
    for (const command of ['sync', 'status', 'check']) expect((await home.run([command])).code).toBe(0)
  })
  await stopped.close()
})

it.concurrent('channels says of a channel that is not copied for its unit that it is not kept', async () => {
  const [device] = both().devices
  const channels = ['Voltage', 'Mains_1', { name: 'Mains_2', unit: 'volts' }]
  await inHome(both({ devices: [{ ...device, channels }] }), async (home) => {
    const { code, stdout } = await home.run(['channels'])
    expect(stdout).toMatch(/^ {2}Voltage +Volts +input +–$/m)
    expect(stdout).toMatch(/^ {2}Mains_1 +Watts +input +Mains_1$/m)
    expect(stdout).toMatch(/^ {2}Mains_2 +Watts +input +Mains_2$/m)
    expect(code).toBe(0)
  })
})

it.concurrent('channels of devices whose addresses are swapped are listed, with what is wrong', async () => {
  const [first, second] = both().devices
  const swapped = [
    { name: first!.name, url: second!.url },
    { name: second!.name, url: first!.url },
  ]
  await inHome(both({ devices: swapped }), async (home) => {
    const { code, stdout, stderr } = await home.run(['channels'])
    expect(stdout).toMatch(/^iwatt5:\n[^]* {2}Furnace +Watts[^]*^iwatt6:\n/m)
    for (const name of ['iwatt5', 'iwatt6'])
      expect(stderr).toMatch(new RegExp(`${name}: \\S+ answers (as|with)[^]*nothing of it is copied`))
    expect(code).toBe(1)
    const json = JSON.parse((await home.run(['channels', '--json'])).stdout)
    expect(json[0]).toMatchObject({
      name: 'iwatt5',
      value: expect.any(Array),
      problem: expect.stringMatching(/answers/),
    })
    await home.configure(both({ devices: [first, { name: 'attic', url: second!.url }] }))
    expect((await home.run(['channels'])).code).toBe(0)
  })
})

it.concurrent('check calls a wrong password BAD, and shows no secret', async () => {
  const config = {
    ...only(guarded.url),
    store: { url: nowhere, token: 'hunter2-store', headers: { 'X-Secret': 'hunter2-header' } },
    devices: [{ name: 'iwatt6', url: guarded.url, password: 'hunter2-device' }],
  }
  await inHome({ ...config, store: { type: 'embedded' } }, async (home) => {
    const { code, stdout } = await home.run(['check', '--verbose'])
    expect(stdout).toMatch(/^BAD {3}iwatt6: GET .+: 401 [^]*see the `username` .* and `password`/m)
    expect(code).toBe(1)
    await home.configure(config)
    expect((await home.run(['check', '--verbose', '--json'])).code).toBe(1)
    await home.configure({ ...config, store: { ...config.store, username: 'me' } })
    expect((await home.run(['sync', '--verbose'])).code).toBe(2)
  })
})

it.concurrent('channels and status tell what is there, for people and as JSON', async () =>
  inHome(both(), async (home) => {
    expect((await home.run(['sync', '--device', 'iwatt6'])).code).toBe(0)
    expect((await home.run(['sync', '--device', 'iwatt6', '--strict'])).code).toBe(3)
    const people = await home.run(['channels', '--device', 'iwatt6'])
    expect(people.stdout).toMatch(/^ {2}Furnace +Watts +input +Furnace$/m)
    const machines = await home.run(['channels', '--json'])
    expect(JSON.parse(machines.stdout).map(({ name }: { name: string }) => name)).toEqual(['iwatt5', 'iwatt6'])
    const status = await home.run(['status'])
    expect(status.stdout).toContain('daemon: none is running')
    expect(status.stdout).toMatch(/^iwatt6 +14 +14 +2024-06-01T00:00Z +2024-06-01T00:00Z +3 s +0 min$/m)
    const json = JSON.parse((await home.run(['status', '--json'])).stdout)
    expect(json).toMatchObject({ daemon: null, devices: [{ name: 'iwatt5' }, { value: { seriesCount: 14 } }] })
  }),
)

it.concurrent('run ends at a SIGTERM in the middle of its work, of itself, with 0, and frees its locks', async () =>
  inHome(only(slow.url, { web: { listen: `127.0.0.1:${await freePort()}` } }), async (home) => {
    const daemon = home.start(['run'], { nodeArgs: NEVER_CUT })
    await daemon.says(/copying 1 device /)
    daemon.kill('SIGTERM')
    const { code, stderr } = await daemon.ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('stopping') })
    const left = await readdir(join(home.folder, 'data'))
    // It may have come to write whom it knows.
    expect(left.filter((name) => name !== 'devices.json').sort()).toEqual(['store', 'version.json'])
    expect((await home.run(['status'])).code).toBe(0)
  }),
)

it.concurrent('at SIGHUP a broken configuration is not taken; a good one is, and one saved in the page', async () => {
  const listen = `127.0.0.1:${await freePort()}`
  const config = bothOneChannel({ web: { listen } })
  await inHome(config, async (home) => {
    const daemon = home.start(['run'])
    await daemon.says(/copying 2 devices/)
    await home.configure('devices: [')
    daemon.kill('SIGHUP')
    await daemon.says(/the configuration stays as it was/)
    expect((await home.run(['healthcheck', '--config', 'good.yaml'])).code).toBe(2)
    await home.configure({ ...config, devices: [config.devices[1]] })
    expect((await home.run(['healthcheck'])).code).toBe(0)
    daemon.kill('SIGHUP')
    await daemon.says(/copying 1 device /)

    const setup = `http://${listen}/api/v1/setup`
    const read = async () => (await (await fetch(setup)).json()) as Setup
    const body = JSON.stringify({ fingerprint: (await read()).fingerprint, house: { timezone: 'Asia/Tokyo' } })
    expect((await fetch(setup, { method: 'POST', body })).status).toBe(202)
    await daemon.says(/copying 1 device [^]*copying 1 device /)
    expect(await read()).toMatchObject({ house: { timezone: 'Asia/Tokyo' }, isInUse: true })
    daemon.kill('SIGTERM')
    expect((await daemon.ended).code).toBe(0)
  })
})

/** An address of this machine that cannot be listened on. */
async function takenAddress() {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { listen: `127.0.0.1:${port}`, free: () => server.close() }
}

it.concurrent.each<[string, (home: CliHome, listen: string) => Promise<object>, RegExp]>([
  [
    'a port that is in use',
    async (_, listen) => ({ web: { listen } }),
    /the configuration stays as it was: web\.listen: 127\.0\.0\.1:\d+ is in use/,
  ],
  [
    'a stateDir that cannot be made',
    async () => ({ stateDir: '/proc/no/such' }),
    /the configuration stays as it was: the folder \/proc\/no\/such cannot be used/,
  ],
  [
    'a folder in the place of its socket',
    async ({ folder }) => {
      await rm(join(folder, 'data', 'daemon.sock'))
      await mkdir(join(folder, 'data', 'daemon.sock'))
      return {}
    },
    /the configuration stays as it was: \S+daemon\.sock cannot be the socket for commands: a folder is there/,
  ],
])('SIGHUP with %s leaves the daemon at work with what it had', async (what, change, words) => {
  const taken = await takenAddress()
  const config = bothOneChannel({ web: { listen: `127.0.0.1:${await freePort()}` } })
  await inHome(config, async (home) => {
    const daemon = home.start(['run'])
    await daemon.says(/copying 2 devices/)
    await home.configure({ ...config, ...(await change(home, taken.listen)) })
    daemon.kill('SIGHUP')
    await daemon.says(words)
    if (what.includes('port')) await daemon.says(/copying 2 devices[^]*copying 2 devices/)
    await home.configure(config)
    expect((await home.run(['healthcheck'])).code).toBe(0)
    if (!what.includes('folder')) expect((await home.run(['status'])).stdout).not.toContain('none is running')
    daemon.kill('SIGTERM')
    expect((await daemon.ended).code).toBe(0)
  })
  taken.free()
})

it.concurrent.each([
  ['is a file', (path: string) => writeFile(path, '')],
  ['is missing', () => Promise.resolve()],
])('a daemon whose socket %s is to be restarted, say the commands', async (words, replace) =>
  inHome(oneChannel(devices[1]!.url, { web: { listen: `127.0.0.1:${await freePort()}` } }), async (home) => {
    const daemon = home.start(['run'])
    await daemon.says(/copying 1 device /)
    const path = join(home.folder, 'data', 'daemon.sock')
    await rm(path)
    await replace(path)
    const { code, stderr } = await home.run(['status'])
    expect(stderr).toMatch(/another process has it open \(process \d+\)/)
    expect(stderr).toMatch(
      new RegExp(`if it is the daemon, restart it: \\S+daemon.sock, where commands ask it, ${words}`),
    )
    expect(code).toBe(1)
  }),
)

it.concurrent('a command whose daemon dies while a person is asked does not wait for the answer', async () =>
  inHome(only(slow.url, { web: { listen: `127.0.0.1:${await freePort()}` } }), async (home) => {
    const daemon = home.start(['run'])
    await daemon.says(/copying 1 device /)
    const load = home.start(['load'], { isAsking: true })
    await load.says(/\[Y\/n\]/)
    daemon.kill('SIGKILL')
    expect(await load.ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/the daemon \(process \d+\) ended before/),
    })
  }),
)

it.concurrent('the daemon, which holds the embedded store, executes what other commands ask', async () =>
  inHome(bothOneChannel({ web: { listen: `127.0.0.1:${await freePort()}` } }), async (home) => {
    const before = await home.run(['healthcheck'])
    expect(text(before)).toContain('is the daemon running?')
    expect(before.code).toBe(1)
    const daemon = home.start(['run'])
    await daemon.says(/iwatt5: \d+ rows[^]*iwatt6: \d+ rows|iwatt6: \d+ rows[^]*iwatt5: \d+ rows/)
    expect((await home.run(['healthcheck'])).code).toBe(0)
    const status = await home.run(['status', '--json'])
    expect(JSON.parse(status.stdout)).toMatchObject({ daemon: { devices: [{ state: 'ok' }, { state: 'ok' }] } })
    const sync = await home.run(['sync', '--json'])
    expect(JSON.parse(sync.stdout)).toMatchObject([{ value: { sampleCount: 0 } }, { value: { sampleCount: 0 } }])
    const load = await home.run(['load', '--device', 'iwatt6'])
    expect(load.stdout).toMatch(/^iwatt6 +2024-05-29 +2024-06-01 +4225 min +0 min +0 +95 min +0 /m)
    for (const { code } of [status, sync, load]) expect(code).toBe(0)
    expect(text(await home.run(['load', '--device', 'iwatt9']))).toContain('no device iwatt9')
    daemon.kill('SIGINT')
    expect((await daemon.ended).code).toBe(0)
    expect((await home.run(['healthcheck'])).code).toBe(1)
  }),
)

it.concurrent(
  'a daemon that was killed leaves nothing in the way of the next command, or of the next daemon',
  async () =>
    inHome(oneChannel(devices[1]!.url, { web: { listen: `127.0.0.1:${await freePort()}` } }), async (home) => {
      for (let time = 1; time <= 2; time++) {
        const daemon = home.start(['run'])
        await daemon.says(/copying 1 device /)
        daemon.kill('SIGKILL')
        await daemon.ended
      }
      const sync = await home.run(['sync', '--json'])
      expect(JSON.parse(sync.stdout)).toMatchObject([{ value: { holeMinutes: 0 } }])
      expect(sync.code).toBe(0)
    }),
)

it.concurrent(
  'a command that the daemon executes ends with 143 when it is stopped, and with 1 when the daemon is, or dies',
  async () =>
    inHome(only(slow.url, { web: { listen: `127.0.0.1:${await freePort()}` } }), async (home) => {
      let daemon = home.start(['run'])
      await daemon.says(/copying 1 device /)
      const load = home.start(['load'])
      await load.says(/^iwatt6 /m)
      load.kill('SIGTERM')
      expect(await load.ended).toMatchObject({ code: 143, stderr: expect.stringContaining('running it again goes on') })
      expect((await home.run(['healthcheck'])).code).toBe(0)
      const stopped = home.start(['load'])
      await stopped.says(/^iwatt6 /m)
      daemon.kill('SIGTERM')
      expect(await stopped.ended).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/the daemon (was stopped|\(process \d+\) ended).*run the command again/s),
      })
      await daemon.ended
      daemon = home.start(['run'])
      await daemon.says(/copying 1 device /)
      const orphan = home.start(['load'])
      await orphan.says(/^iwatt6 /m)
      daemon.kill('SIGKILL')
      expect(await orphan.ended).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/the daemon \(process \d+\) ended before/),
      })
    }),
)

it.concurrent.each([
  ['where no folder can be made', '/proc/no/such'],
  ['behind a link that points nowhere', 'dangling/data'],
  ['a file', 'iotawatt-sync.yaml'],
])('a stateDir %s ends a command with 1, and is named', async (_, stateDir) =>
  inHome(both({ stateDir }), async (home) => {
    await symlink('/no/such/place', join(home.folder, 'dangling'))
    const { code, stderr } = await home.run(['sync'])
    expect(stderr).toMatch(new RegExp(`the folder \\S*${stateDir} cannot be used: .+\n.*choose another stateDir`))
    expect(code).toBe(1)
  }),
)
