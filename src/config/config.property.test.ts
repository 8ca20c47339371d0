import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { damaged, nested, withOneOther } from '../../test/damage.ts'
import { ConfigError } from './config-error.ts'
import type { Config } from './config.ts'
import { readConfig } from './load-config.ts'
import { formatDuration, parseDuration, parsePointInTime } from './setting-kinds.ts'

/** Not a word: that a text which stands where a key should is one cannot be told from a word alone. */
const SECRET = 'hunter2&pw'
const FILE = {
  store: { url: 'http://vm:8428', username: 'u', password: SECRET, headers: { 'X-Key': SECRET } },
  interval: '5m',
  chunk: '7d',
  maxDeviceLoad: '25%',
  web: { listen: '127.0.0.1:8480', maxAge: '15m' },
  log: { level: 'info' },
  devices: [
    {
      name: 'a',
      url: 'http://a',
      password: SECRET,
      since: '2021-09-18',
      channels: ['Mains_1', { name: 'V', unit: 'volts' }],
    },
    { name: 'b', url: 'http://b' },
  ],
  labels: [{ match: 'Mains*', set: { pair: 'Mains' } }],
  migrate: { metric: 'Power_{location}', labels: { host: '{device}' } },
}

/** A configuration; undefined where it is refused, as every refusal must be: with its place, in plain words, without a secret. */
async function read(text: string, env: Readonly<Record<string, string>> = {}): Promise<Config | undefined> {
  try {
    return (await readConfig(text, { path: '/nowhere/c.yaml', shownPath: 'c.yaml', env })).config
  } catch (error) {
    // exposedSecretsWarning looks at the file, which is not there: then the configuration was a good one.
    if (error instanceof Error && 'syscall' in error && error.syscall === 'stat') return undefined
    expect(error).toBeInstanceOf(ConfigError)
    const { message, problems } = error as ConfigError
    expect(problems.length).toBeGreaterThan(0)
    for (const { place } of problems) expect(place).toMatch(/^(c\.yaml(:\d+:\d+)?( |$)|IOTAWATT_SYNC_)/)
    expect(message).not.toContain(SECRET)
    return undefined
  }
}

async function refusalOf(tree: unknown): Promise<string> {
  const loading = readConfig(JSON.stringify(tree), { path: '/nowhere/c.yaml', shownPath: 'c.yaml', env: {} })
  return loading.then(
    () => '',
    (error: unknown) => (error instanceof ConfigError ? error.message : ''),
  )
}

/** As it was before it was put into quotes. */
function plainly(message: string): string {
  return message.replace(/\\(["\\])/g, '$1')
}

function pieces(text: string, length: number): string[] {
  return Array.from({ length: text.length - length + 1 }, (_, from) => text.slice(from, from + length))
}

describe('whatever the configuration is, it is refused in words without a secret, or accepted completely', () => {
  const printed = (tree: unknown) => fc.constantFrom(stringify(tree) ?? '', JSON.stringify(tree) ?? '')
  it.each([
    ['a file with one value another', withOneOther(FILE).chain(printed)],
    ['a damaged file', fc.constantFrom(stringify(FILE), JSON.stringify(FILE)).chain(damaged)],
    ['any tree', fc.jsonValue({ maxDepth: 4 }).chain(printed)],
    ['any text', fc.string({ unit: 'binary' })],
    [
      'signs of YAML',
      fc
        .array(
          fc.constantFrom(
            'a',
            ':',
            ' ',
            '\n',
            '-',
            '[',
            ']',
            '{',
            '}',
            '&a',
            '*a',
            '!x',
            '|',
            '>',
            '"',
            "'",
            '#',
            '<<',
            '? ',
            '---',
            '%',
            '\t',
            '@',
            '`',
            'devices',
          ),
        )
        .map((list) => list.join('')),
    ],
    [
      'a secret that YAML reads in its own way',
      fc
        .tuple(
          fc.constantFrom(
            '',
            '*',
            '&',
            '!',
            '%',
            '@',
            '`',
            '"',
            "'",
            '[',
            '{',
            '|',
            '>',
            '? ',
            '- ',
            '"\\q',
            '!!',
            '*a ',
            '#',
            ',',
          ),
          fc.constantFrom('', '"', "'", ']', '}', ':', ': x', ' #', '\t', '"x'),
          fc.constantFrom('password: ', 'token: ', 'password:', '- '),
        )
        .map(
          ([before, after, key]) =>
            `store:\n  url: http://vm\n  username: u\n  ${key}${before}${SECRET}${after}\ndevices: [{ name: a, url: http://a }]\n`,
        ),
    ],
  ])('%s', (_, texts) =>
    fc.assert(
      fc.asyncProperty(texts, async (text) => {
        await read(text)
      }),
      { numRuns: process.env['LONG'] ? 2000 : 50 },
    ),
  )

  it('any value of a variable', () => {
    const texts = fc.constantFrom(
      'STORE_URL',
      'STORE_PASSWORD',
      'DEVICES_A_URL',
      'DEVICES_1_SINCE',
      'INTERVAL',
      'WEB_LISTEN',
      'BACKFILL',
      'NOPE',
    )
    const yaml = fc.constantFrom('STORE_HEADERS', 'DEVICES', 'DEVICES_0_CHANNELS', 'LABELS', 'STORE_TOKEN')
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(`http://u:${SECRET}@vm`, '7', 'true'))
    const secret = fc.constantFrom(
      `*${SECRET}`,
      `!${SECRET}`,
      `"${SECRET}`,
      `{ a: "${SECRET}", a: !b x }`,
      `[{ name: a, password: *${SECRET} }]`,
      '[',
      '{a: 1}',
    )
    const given = fc.tuple(
      fc.dictionary(texts, text, { maxKeys: 3 }),
      fc.dictionary(yaml, fc.oneof(text, secret), { maxKeys: 2 }),
    )
    return fc.assert(
      fc.asyncProperty(given, async (both) => {
        const pairs = both.flatMap(Object.entries).map(([name, value]) => [`IOTAWATT_SYNC_${name}`, value])
        await read(stringify(FILE), Object.fromEntries(pairs))
      }),
    )
  })

  it('any password in an address', () => {
    const sign = fc.oneof(fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1 }), fc.constantFrom('@', '/'))
    const password = fc.string({ unit: sign, minLength: 8, maxLength: 40 })
    const address = fc.constantFrom('http://admin:', 'https://', 'ftp://a:', 'admin:', '', 'http://admin:80/')
    const place = fc.constantFrom<(text: string) => unknown>(
      (url) => ({ ...FILE, store: { url } }),
      (store) => ({ ...FILE, store }),
      (url) => ({ ...FILE, devices: [{ name: 'a', url }] }),
      (listen) => ({ ...FILE, web: { listen } }),
      (name) => ({ ...FILE, web: { allowedHosts: [name] } }),
      (zone) => ({ ...FILE, house: { timezone: zone } }),
      (match) => ({ ...FILE, labels: [{ match, set: { 'not a name': match } }] }),
    )
    return fc.assert(
      fc.asyncProperty(place, address, password, async (treeOf, before, text) => {
        const message = async (secret: string) => plainly(await refusalOf(treeOf(`${before}${secret}@iotawatt.local`)))
        const [withIt, without] = [await message(text), await message('?')]
        const shown = pieces(text, 4).filter((piece) => withIt.includes(piece) && !without.includes(piece))
        expect(shown).toEqual([])
      }),
      { numRuns: process.env['LONG'] ? 2000 : 100 },
    )
  })

  it.each([
    ['ten thousand brackets', nested(10_000)],
    ['ten thousand brackets that are not closed', `devices: ${'['.repeat(10_000)}`],
    ['lists within lists, a line each', Array.from({ length: 3000 }, (_, depth) => `${' '.repeat(depth)}-`).join('\n')],
    ['a value of a megabyte', `interval: "${'a'.repeat(1 << 20)}"\ndevices: []`],
    ['a key of a megabyte', `? "${'a'.repeat(1 << 20)}"\n: 1\ndevices: []`],
    [
      'aliases of aliases',
      ['a: &a [x, x]', ...Array.from({ length: 30 }, (_, n) => `${'b'.repeat(n + 1)}: &a [*a, *a]`)].join('\n'),
    ],
    ['an alias of itself', 'devices: &a [*a]'],
  ])('%s', async (_, text) => expect(await read(text)).toBeUndefined())
})

describe('a duration', () => {
  it('is what it says, and says what it is', () => {
    fc.assert(
      fc.property(fc.nat(999_999_999), fc.constantFrom('s', 'm', 'h', 'd', 'w'), (count, unit) => {
        const ms = parseDuration(`${count}${unit}`)
        expect(ms).toBe(count * { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }[unit])
        if (count < 1e6) expect(parseDuration(formatDuration(ms!))).toBe(ms)
      }),
    )
  })
  it('is nothing else', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('1', '0', 's', 'm', 'h', ' ', '-', '.', 'e', '٣') }), (text) => {
        expect(parseDuration(text) !== undefined).toBe(/^[0-9]{1,9}[smh]$/.test(text))
      }),
    )
  })
})

describe('a time', () => {
  const dates = fc.date({ min: new Date('0100-01-01'), max: new Date('9999-12-30'), noInvalidDate: true })
  it('is the one that it names, in whatever zone', () => {
    fc.assert(
      fc.property(
        dates,
        fc.constantFrom('', 'Z', '+00:00', '-04:00', '+05:45', '+1400', '-1130'),
        fc.constantFrom('T', ' '),
        (date, zone, mark) => {
          const local = date.toISOString().slice(0, 19)
          const iso = `${local}${zone === '' ? 'Z' : zone.replace(/(\d\d)(\d\d)$/, '$1:$2')}`
          expect(parsePointInTime(`${local.replace('T', mark)}${zone}`)).toBe(Date.parse(iso))
          expect(parsePointInTime(local.slice(0, 10))).toBe(Date.parse(local.slice(0, 10)))
        },
      ),
    )
  })
  it('that no calendar has is none', () => {
    const parts = fc.tuple(fc.nat(9999), fc.nat(99), fc.nat(99), fc.nat(99), fc.nat(99))
    fc.assert(
      fc.property(
        fc.oneof(
          parts.map(([y, mo, d, h, mi]) => `${String(y).padStart(4, '0')}-${two(mo)}-${two(d)}T${two(h)}:${two(mi)}`),
          fc.string({ unit: 'binary' }),
        ),
        (text) => {
          const timeMs = parsePointInTime(text)
          if (timeMs !== undefined)
            expect(new Date(timeMs).toISOString().slice(0, 16)).toBe(text.slice(0, 16).replace(' ', 'T'))
        },
      ),
    )
  })
})

function two(number: number): string {
  return String(number).padStart(2, '0')
}
