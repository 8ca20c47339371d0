import fc from 'fast-check'
import { chmod, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { editedHouse } from '../../../test/edited-house.ts'
import { houseOf, memoryStore, seriesOf } from '../../../test/stored-house.ts'
import { fingerprintOf } from '../../config/save-sections.ts'
import type { Daemon } from '../../model/daemon.ts'
import type { HouseFile, Setup, SetupPreview } from '../../model/house-editor.ts'
import { MINUTE_MS } from '../../model/time-window.ts'
import type { ApiOptions } from '../../web/api/add-api.ts'
import { createApp } from '../../web/create-app.ts'

const TEXT = `# my house
store: { type: embedded } # small

devices:
  - &one
    name: iwatt5 # cellar
    url: http://iwatt5.local
stateDir: ./state
web:
  listen: 127.0.0.1:8480
`
const expected = { fromMs: Date.parse('2026-03-26T04:00Z'), untilMs: Date.parse('2026-03-27T17:40Z') }
const nowMs = expected.untilMs + MINUTE_MS
const WATTS = { Mains_1: 900, Mains_2: 800, SolarA_1: 0, Dryer_1: 300, Dryer_2: 310, Fridge: 90 }
const { signal } = new AbortController()

let closing: (() => Promise<unknown>) | undefined
afterEach(async () => {
  await closing?.()
  closing = undefined
})

type More = Omit<Parameters<typeof editedHouse>[0], 'view' | 'nowMs' | 'text'> & { text?: string; token?: string }

async function setUp({ text = TEXT, token, more = {} }: More = {}) {
  const memory = memoryStore()
  const series = Object.keys(WATTS).map((name) => seriesOf(name))
  series.forEach((labels, index) => memory.put(labels, expected, Object.values(WATTS)[index] ?? 0))
  const { history: view } = houseOf({ store: memory.store, series, expected, nowMs })
  const house = await editedHouse({ text, view, nowMs, more })
  closing = house.close
  const clock = { nowMs: () => nowMs, sleep: () => Promise.resolve() }
  const app = createApp({} as Daemon, {
    clock,
    maxAgeMs: 1,
    access: { listenHost: '127.0.0.1', allowedHosts: [], token },
    api: { history: view, editor: house.editor } as unknown as ApiOptions,
  })
  async function ask<Answer = { readonly error: string }>(path: string, body?: unknown, headers = {}) {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
    const answer = await app.request(`/api/v1/setup${path}`, { ...init, headers })
    return { status: answer.status, body: (await answer.json()) as Answer }
  }
  const seen = async () => (await ask<Setup>('')).body.fingerprint
  return { ...house, ask, seen, view }
}

const HOUSE: HouseFile = {
  timezone: 'America/New_York',
  mains: ['Mains_1', 'Mains_2'],
  solar: ['SolarA_1'],
  wiring: 'behind',
  groups: { Laundry: ['Dryer_1', 'Dryer_2'] },
  names: { Fridge: 'The cold: one' },
  colours: { Laundry: 'plum' },
}
const LINES = `house:
  timezone: America/New_York
  wiring: behind
  mains: [Mains_1, Mains_2]
  solar: [SolarA_1]
  groups: { Laundry: [Dryer_1, Dryer_2] }
  names: { Fridge: "The cold: one" }
  colours: { Laundry: plum }
`

describe('the setup', () => {
  it('of a file without a house: what there is, and what it seems to be', async () => {
    const { ask, path } = await setUp()
    const { status, body } = await ask<Setup>('')
    expect(status).toBe(200)
    expect(body).toMatchObject({ file: path, isInUse: true, variables: {} })
    expect(body).not.toHaveProperty('house')
    expect(body).not.toHaveProperty('cannotSave')
    expect(body.channels.map(({ id, role, kind, watts, atMs }) => [id, role, kind, watts, atMs])).toEqual(
      Object.entries(WATTS).map(([name, watts]) => [
        name,
        name.startsWith('Mains') ? 'mains' : name.startsWith('Solar') ? 'solar' : 'circuit',
        'unknown',
        watts,
        expected.untilMs - MINUTE_MS,
      ]),
    )
    expect(body.proposal).toMatchObject({
      mains: { locations: ['Mains_1', 'Mains_2'], reason: 'by name' },
      solar: { locations: ['SolarA_1'], reason: 'by name' },
      groups: [{ name: 'Dryer', locations: ['Dryer_1', 'Dryer_2'], reason: 'legs of one' }],
      legs: [{ name: 'Dryer', locations: ['Dryer_1', 'Dryer_2'] }],
      timezone: { value: 'America/New_York', reason: 'that of this machine' },
    })
  })

  it('tells inputs from outputs, and the zone of a device, once it has answered', async () => {
    const target = (name: string) => ({ channel: { name: `${name}!`, location: name, unit: 'watts' } })
    const seen = {
      targets: [target('Fridge'), target('SolarA_1')],
      kinds: new Map([
        ['Fridge!', 'input'],
        ['SolarA_1!', 'output'],
      ]),
      status: { standardOffsetMs: 345 * MINUTE_MS },
    }
    const devices = [{ name: 'iwatt5', seen: () => seen }] as unknown as NonNullable<More['more']>['devices'] & object
    const { ask } = await setUp({ more: { devices } })
    const { channels, proposal } = (await ask<Setup>('')).body
    const kinds = Object.fromEntries(channels.map(({ id, kind }) => [id, kind]))
    expect(kinds).toMatchObject({ Fridge: 'input', SolarA_1: 'output', Dryer_1: 'unknown' })
    expect(proposal.timezone).toEqual({
      value: 'Asia/Kathmandu',
      reason: expect.stringContaining(
        'the only one that fits, as this machine is in America/New_York, and iwatt5 is set',
      ),
    })
  })

  it('of a file with one: what it says, labels as labels, and no default that it does not say', async () => {
    const { ask } = await setUp({ text: `${TEXT}house: { mains: { pair: Mains }, groups: { Cold: [Fridge] } }\n` })
    const { body } = await ask<Setup>('')
    expect(body.house).toEqual({ mains: { pair: 'Mains' }, groups: { Cold: ['Fridge'] } })
  })

  it('of a file that was edited and not read again', async () => {
    const { ask, write } = await setUp()
    await write(`${TEXT}house: { mains: [Fridge] }\n`)
    expect((await ask<Setup>('')).body).toMatchObject({ isInUse: false, house: { mains: ['Fridge'] } })
  })

  it('names the variables that win over the file', async () => {
    const { ask } = await setUp({ more: { env: { IOTAWATT_SYNC_HOUSE_TIMEZONE: 'UTC' } } })
    expect((await ask<Setup>('')).body.variables).toEqual({ timezone: 'IOTAWATT_SYNC_HOUSE_TIMEZONE' })
  })

  it.each<[string, More['more'], string]>([
    ['the demo', { isDemo: true, path: '' }, 'the demo has no configuration file'],
    ['who cannot be reloaded', { reload: undefined }, 'this daemon does not read its configuration again'],
    ['a path that is no file', { path: '/dev/null' }, '/dev/null is no plain file'],
  ])('%s cannot save, says why, and shows what would be', async (_, more = {}, cannotSave) => {
    const { ask, read, view } = await setUp({ more })
    expect((await ask<Setup>('')).body).toMatchObject({ cannotSave })
    const { body } = await ask<SetupPreview>('/preview', { house: HOUSE })
    expect(body).toMatchObject({ lines: LINES, mistakes: [], cannotSave })
    expect(body.preview?.now.watts).toMatchObject({ house: 1700, unmetered: 1000 })
    expect(await ask('', { fingerprint: '', house: HOUSE })).toEqual({ status: 409, body: { error: cannotSave } })
    expect(await read()).toBe(TEXT)
    expect((await view.house(signal)).wiring).toBe('ahead')
  })
})

describe('a preview', () => {
  it('shows the lines, and what Now would be', async () => {
    const { ask, read } = await setUp()
    const { status, body } = await ask<SetupPreview>('/preview', { house: HOUSE })
    expect(status).toBe(200)
    expect(body).toMatchObject({ lines: LINES, mistakes: [] })
    expect(body.preview?.house).toMatchObject({ wiring: 'behind', isConfigured: true })
    expect(body.preview?.house.groups[0]).toEqual({ name: 'Laundry', colour: 'plum', channels: ['Dryer_1', 'Dryer_2'] })
    expect(body.preview?.now.today.wattHours.fromGrid).toBeGreaterThan(0)
    expect(await read()).toBe(TEXT)
  })

  it('names mistakes by their keys, and shows nothing of what is wrong', async () => {
    const { ask, path } = await setUp()
    const house = { timezone: 'Mars', names: { Kühl: '' }, groups: { ['x'.repeat(61)]: ['Fridge'] } }
    const { body } = await ask<SetupPreview>('/preview', { house })
    const paths = body.mistakes.map(({ path: keys }) => keys)
    expect(paths).toEqual([['timezone'], ['groups', 'x'.repeat(61)], ['names', 'Kühl']])
    expect(body.mistakes[0]?.message).toMatch(/^found "Mars"; expected a time zone such as/)
    expect(body).not.toHaveProperty('preview')
    const { status, body: problem } = await ask('', { fingerprint: '', house })
    expect([status, problem.error]).toEqual([409, expect.stringContaining(`${path} has changed`)])
  })

  it('of a file with a mistake elsewhere names its place', async () => {
    const { ask, write, path } = await setUp()
    await write(`${TEXT}intervall: 5m\n`)
    const { body } = await ask<SetupPreview>('/preview', { house: HOUSE })
    expect(body.mistakes).toEqual([
      { message: expect.stringContaining(`${path}:11:1 intervall: found an unknown key`) },
    ])
  })

  it('of a file that cannot be changed in place has lines to paste', async () => {
    const { ask, path } = await setUp({ text: `${TEXT}house: { mains: &m [A], solar: *m }\n` })
    const { body } = await ask<SetupPreview>('/preview', { house: { mains: ['Fridge'], solar: ['A'] } })
    expect(body).toMatchObject({ lines: 'house:\n  mains: [Fridge]\n  solar: [A]\n', preview: expect.anything() })
    expect(body.cannotSave).toBe(
      `${path} cannot be changed in place: a part of it that has to change is also used elsewhere in it`,
    )
  })
})

describe('saving', () => {
  it('adds a house, and has the daemon read it', async () => {
    const { ask, seen, read, reloadCount, path } = await setUp()
    const { status, body } = await ask<object>('', { fingerprint: await seen(), house: HOUSE })
    expect(status).toBe(202)
    expect(body).toEqual({ file: path, backup: `${path}.bak`, fingerprint: await seen() })
    expect(await read()).toBe(`${TEXT}\n${LINES}`)
    expect(reloadCount()).toBe(1)
  })

  it('of two pages that saw the same file takes the first', async () => {
    const { ask, seen, read, reloadCount } = await setUp()
    const fingerprint = await seen()
    const answers = await Promise.all(
      ['UTC', 'Asia/Tokyo'].map((timezone) => ask('', { fingerprint, house: { timezone } })),
    )
    expect(answers.map(({ status }) => status)).toEqual([202, 409])
    expect(await read()).toBe(`${TEXT}\nhouse:\n  timezone: UTC\n`)
    expect(reloadCount()).toBe(1)
  })

  it('refuses a mistake in words, and reloads nothing', async () => {
    const { ask, seen, read, reloadCount } = await setUp()
    const { status, body } = await ask('', { fingerprint: await seen(), house: { timezone: 'Mars' } })
    expect([status, body.error]).toEqual([400, expect.stringContaining('house.timezone: found "Mars"')])
    expect([await read(), reloadCount()]).toEqual([TEXT, 0])
  })

  it.each([
    ['a store', { store: { url: 'http://evil' } }],
    ['devices', { devices: [] }],
    ['the web', { web: { listen: ':80' } }],
    ['a path', { stateDir: '/etc' }],
    ['where it is written', { file: '/etc/passwd' }],
  ])('refuses %s beside the house', async (_, more) => {
    const { ask, seen, read } = await setUp()
    for (const path of ['', '/preview']) {
      const { status, body } = await ask(path, {
        ...(path === '' && { fingerprint: await seen() }),
        house: HOUSE,
        ...more,
      })
      expect([status, body.error]).toEqual([
        400,
        expect.stringContaining('nothing else of the configuration is changed'),
      ])
    }
    expect(await read()).toBe(TEXT)
  })

  it.each([
    [{ house: { store: {} } }, 'house: found'],
    [
      { house: { mains: 'Mains_1' } },
      'house.mains: found "Mains_1"; expected labels that a channel must have, or a list',
    ],
    [{ house: { wiring: 'above' } }, 'house.wiring: found "above"; expected one of ahead, behind'],
    [{ house: { colours: { A: '#fff' } } }, 'house.colours.A: found "#fff"; expected one of orange, violet'],
    [{ house: [] }, 'house: found []; expected a mapping with timezone'],
    [{}, 'house: found nothing; expected a mapping'],
    ['house', 'the body: found "house"; expected house alone'],
  ])('refuses %j in words', async (body, words) => {
    const { ask } = await setUp()
    expect(await ask('/preview', body)).toEqual({ status: 400, body: { error: expect.stringContaining(words) } })
  })

  it('is for who has the token, and not for pages of other sites', async () => {
    const { ask, read } = await setUp({ token: '0123456789abcdef' })
    const body = { fingerprint: '', house: HOUSE }
    expect((await ask('')).status).toBe(401)
    expect((await ask('', body)).status).toBe(401)
    expect((await ask('/preview', body)).status).toBe(401)
    const authorization = 'Bearer 0123456789abcdef'
    expect((await ask('', undefined, { authorization })).status).toBe(200)
    const foreign = [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'http://evil.example' },
    ]
    for (const headers of foreign) expect((await ask('', body, { authorization, ...headers })).status).toBe(403)
    expect(await read()).toBe(TEXT)
  })
})

const TARIFFS = `currency: USD   # dollars
billing: { day: 14 }
tariffs:
  - name: EV-TOU-5   # ours
    import:
      - { name: Off-peak, price: 0.25 }
      - { name: On-peak, price: 0.62, hours: 16-21, days: [Mon-Fri] }   # dear
  - name: Baseline
    since: 2025-01-01
    applies: false
    import: [{ price: 0.36 }]
    tiers: [{ upToPerDay: 10.5, add: -0.1 }, { add: 0 }]
    tax: 8.5%
`
const [EV] = parse(TARIFFS).tariffs

describe('money', () => {
  it('is shown as the file says it: what can be set up here, and the lines of what cannot', async () => {
    const { ask } = await setUp({ text: TEXT + TARIFFS, more: { env: { IOTAWATT_SYNC_BILLING_DAY: '3' } } })
    const { money, variables } = (await ask<Setup>('')).body
    expect(money).toEqual({
      currency: 'USD',
      billing: { day: 14 },
      tariffs: [
        { name: 'EV-TOU-5', simple: EV, lines: expect.any(String) },
        { name: 'Baseline', lines: expect.stringMatching(/^tariffs:\n {2}- name: Baseline\n {4}since: 2025-01-01\n/) },
      ],
    })
    expect(variables).toEqual({ 'billing.day': 'IOTAWATT_SYNC_BILLING_DAY' })
    expect((await setUp().then((other) => other.ask<Setup>(''))).body.money).toEqual({ tariffs: [] })
  })

  it('that cannot be used is not shown, and stays where only the house is saved', async () => {
    const text = `${TEXT}house: { timezone: UTC }\ncurrency: USD\ntariffs: [{ name: A, import: [{ price: dear }] }]\n`
    const { ask, write } = await setUp()
    await write(text)
    const { body } = await ask<Setup>('')
    expect(body).not.toHaveProperty('money')
    const preview = (await ask<SetupPreview>('/preview', { house: { timezone: 'UTC' } })).body
    expect(preview.mistakes).toEqual([
      { path: ['tariffs', '0', 'import', '0', 'price'], message: expect.stringContaining('found "dear"') },
    ])
  })

  it('is saved line by line: what is kept stays as it is, with its comments', async () => {
    const { ask, seen, read } = await setUp({ text: TEXT + TARIFFS })
    const tariffs = [
      { ...EV, import: [EV.import[0], { ...EV.import[1], price: 0.66 }] },
      { kept: 1 },
      { name: 'Flat', applies: false, import: [{ price: 0.31 }] },
    ]
    const money = { currency: 'USD', billing: { day: 31 }, holidays: { country: 'US' }, tariffs }
    const sent = { house: { timezone: 'UTC' }, money }
    const { lines, mistakes } = (await ask<SetupPreview>('/preview', sent)).body
    expect(mistakes).toEqual([])
    expect(lines).toMatch(/^house:\n {2}timezone: UTC\nbilling:\n {2}day: 31\nholidays:\n {2}country: US\ntariffs:\n/)
    expect((await ask('', { fingerprint: await seen(), ...sent })).status).toBe(202)
    expect(await read()).toBe(
      TEXT +
        TARIFFS.replace('0.62', '0.66').replace('day: 14', 'day: 31') +
        '  - name: Flat\n    applies: false\n    import: [{ price: 0.31 }]\n\nhouse:\n  timezone: UTC\nholidays:\n  country: US\n',
    )
    const saved = (await ask<Setup>('')).body.money?.tariffs.map(({ simple }) => simple !== undefined)
    expect(saved).toEqual([true, false, true])
  })

  it('that is left out stays; of money that is sent, what is left out goes', async () => {
    const { ask, seen, read } = await setUp({ text: TEXT + TARIFFS })
    const house = { timezone: 'UTC' }
    await ask('', { fingerprint: await seen(), house })
    expect(await read()).toBe(`${TEXT}${TARIFFS}\nhouse:\n  timezone: UTC\n`)
    await ask('', { fingerprint: await seen(), house, money: {} })
    expect(await read()).toBe(`${TEXT}\nhouse:\n  timezone: UTC\n`)
  })

  it('has its mistakes told at their keys', async () => {
    const { ask } = await setUp()
    const period = { name: 'Peak', price: 'free', hours: '16-16', days: 'holiday' }
    const money = { billing: { day: 32 }, tariffs: [{ name: '', import: [{ price: 0.3 }, period] }] }
    const { mistakes } = (await ask<SetupPreview>('/preview', { house: {}, money })).body
    expect(mistakes.map(({ path: keys }) => keys?.join('.'))).toEqual([
      'currency',
      'billing.day',
      'tariffs.0.name',
      'tariffs.0.import.1.price',
      'tariffs.0.import.1.hours',
    ])
  })

  it.each([
    ['a price file', { name: 'A', import: { file: '/etc/passwd' } }],
    ['a price file of a period', { name: 'A', import: [{ price: 1, file: '/etc/passwd' }] }],
    ['a tier', { name: 'A', import: [{ price: 1 }], tiers: [{ add: 1 }] }],
    ['a minimum', { name: 'A', import: [{ price: 1 }], minimum: 8 }],
    ['something kept with more', { kept: 0, tax: '8%' }],
  ])('refuses %s, which is only in the file', async (_, tariff) => {
    const { ask, seen, read } = await setUp({ text: TEXT + TARIFFS })
    const sent = { house: {}, money: { currency: 'USD', tariffs: [tariff] } }
    expect((await ask('/preview', sent)).status).toBe(400)
    expect((await ask('', { fingerprint: await seen(), ...sent })).status).toBe(400)
    expect(await read()).toBe(TEXT + TARIFFS)
  })

  it('has its prices in the preview, also where minutes have none', async () => {
    const { ask } = await setUp({ text: TEXT + TARIFFS })
    const night = { name: 'Half', import: [{ name: 'Night', price: 0.1, hours: '22-06' }], tax: '19%' }
    const tariffs = [{ kept: 1 }, night, { name: 'B', import: [{ price: 'free' }] }]
    const { prices, mistakes } = (
      await ask<SetupPreview>('/preview', { house: {}, money: { currency: 'USD', tariffs } })
    ).body
    expect(mistakes).not.toEqual([])
    const named = prices.map((each) =>
      each?.seasons.map(({ spans }) =>
        spans.map(({ fromMinute, untilMinute, weekday }) => [fromMinute, untilMinute, weekday?.price]),
      ),
    )
    expect(named).toEqual([
      [[[0, 1440, 0.36]]],
      [
        [
          [0, 360, 0.1],
          [360, 1320, undefined],
          [1320, 1440, 0.1],
        ],
      ],
      undefined,
    ])
  })

  it('refuses to keep what is not in the file', async () => {
    const { ask, seen, read } = await setUp({ text: TEXT + TARIFFS })
    const sent = { fingerprint: await seen(), house: {}, money: { currency: 'USD', tariffs: [{ kept: 2 }] } }
    expect(await ask('', sent)).toEqual({
      status: 409,
      body: { error: 'there is no tariffs[2] in the file any more' },
    })
    expect(await read()).toBe(TEXT + TARIFFS)
  })

  it('keeps a price file that the file names', async () => {
    const { ask, seen, read, path } = await setUp()
    const text = `${TEXT}currency: EUR\ntariffs:\n  - { name: Spot, import: { file: ./prices.csv } }\n`
    await writeFile(join(dirname(path), 'prices.csv'), 'time,price\n2020-01-01T00:00Z,0.1\n2020-01-01T01:00Z,0.2\n')
    await writeFile(path, text)
    const money = { currency: 'GBP', tariffs: [{ kept: 0 }] }
    expect(await ask('', { fingerprint: await seen(), house: { timezone: 'UTC' }, money })).toMatchObject({
      status: 202,
    })
    expect(await read()).toBe(`${text.replace('EUR', 'GBP')}\nhouse:\n  timezone: UTC\n`)
  })
})

it('whatever is sent, nothing but the house changes', async () => {
  const { ask, read, write, path } = await setUp()
  const HOSTILE = [
    '__proto__',
    'constructor',
    'store',
    '<<',
    '---',
    '\n',
    '*one',
    '&a',
    '# x',
    ': ',
    '}',
    '\nstore: x',
    "'",
    '"',
    '\u2028',
    '\ufeff',
    '\r',
  ]
  const name = fc.oneof(fc.constantFrom(...HOSTILE, 'Fridge', 'Laundry'), fc.string())
  const word = fc.oneof({ weight: 5, arbitrary: fc.constantFrom('Fridge', 'Desk: 1') }, name)
  const selector = fc.oneof(
    fc.array(fc.string({ minLength: 1 }), { maxLength: 3 }),
    fc.dictionary(name, name, { maxKeys: 2 }),
  )
  const house = fc.record(
    {
      timezone: fc.oneof({ weight: 9, arbitrary: fc.constantFrom('UTC', 'Asia/Kathmandu') }, name),
      wiring: fc.oneof({ weight: 9, arbitrary: fc.constantFrom('ahead', 'behind') }, name),
      mains: selector,
      solar: selector,
      groups: fc.dictionary(word, selector, { maxKeys: 3 }),
      names: fc.dictionary(word, word, { maxKeys: 2 }),
      colours: fc.dictionary(word, fc.constantFrom('blue', 'grey'), { maxKeys: 2 }),
    },
    { requiredKeys: [] },
  )
  const body = fc.oneof(
    { weight: 8, arbitrary: fc.record({ house }) },
    fc.record({ house, store: fc.jsonValue(), devices: fc.jsonValue() }, { requiredKeys: ['house'] }),
    fc.record({ house: fc.jsonValue() }),
    fc.dictionary(name, fc.jsonValue()),
  )
  let savedCount = 0
  await fc.assert(
    fc.asyncProperty(body, async (sent) => {
      await write(TEXT)
      const { status } = await ask('', { ...sent, fingerprint: fingerprintOf(TEXT) })
      const after = await read()
      expect(after.startsWith(TEXT)).toBe(true)
      const { house: written, ...rest } = parse(after)
      expect(rest).toEqual(parse(TEXT))
      if (status === 202) {
        savedCount++
        // Which is no name of anything.
        const isProto = (key: string, value: unknown) => (key === '__proto__' ? undefined : value)
        expect(written).toEqual(JSON.parse(JSON.stringify(sent), isProto).house)
      } else expect(after).toBe(TEXT)
      expect((await readdir(dirname(path))).filter((file) => !file.startsWith('c.yaml'))).toEqual([])
    }),
    { numRuns: 60 },
  )
  expect(savedCount).toBeGreaterThan(10)
})

it.skipIf(process.getuid?.() === 0)(
  'a file that may only be read cannot be saved, and is checked all the same',
  async () => {
    const { ask, seen, path, write } = await setUp()
    await write(`${TEXT}intervall: 5m\n`)
    await chmod(path, 0o400)
    expect((await ask<Setup>('')).body.cannotSave).toBe(`${path} may not be written by the user of the daemon`)
    expect((await ask<SetupPreview>('/preview', { house: HOUSE })).body.mistakes).toHaveLength(1)
    expect((await ask('', { fingerprint: await seen(), house: HOUSE })).status).toBe(409)
  },
)
