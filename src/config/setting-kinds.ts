import * as z from 'zod'
import { ceilToMinute, DAY_MS, HOUR_MS, MINUTE_MS } from '../model/time-window.ts'

/** A mapping of these keys and no others; where there is none, they are named. `or`: what may stand there too. */
export const mapping = <T extends z.core.$ZodLooseShape>(shape: T, or = '') => {
  const keys = Object.keys(shape)
  return z.strictObject(shape, { error: `${or}a mapping with ${keys.join(keys.length === 2 ? ' and ' : ', ')}` })
}

export const flag = (description: string, byDefault: boolean) =>
  z.boolean({ error: 'true or false' }).meta({ description }).prefault(byDefault)

export const choice = <const T extends readonly [string, ...string[]]>(choices: T, description: string) =>
  z.enum(choices, { error: `one of ${choices.join(', ')}` }).meta({ description })

/** `[from, until]`, both included; the default is the example too. */
export function duration(description: string, byDefault: string, range: readonly [string, string]) {
  const { expected, read } = durationsIn(range, byDefault)
  return textSetting({
    description: `${description} From \`${range[0]}\` to \`${range[1]}\`.`,
    expected,
    pattern: '^\\d{1,9}[smhdw]$',
    read,
  }).prefault(byDefault)
}

/** The same, or `off`, which is undefined; in seconds where the least is. */
export function durationOrOff(description: string, byDefault: string, range: readonly [string, string]) {
  const { expected, read } = durationsIn(range, byDefault)
  const orOff = `${expected}, or off`
  return textSetting({
    description: `${description} From \`${range[0]}\` to \`${range[1]}\`, or \`off\`.`,
    expected: orOff,
    pattern: '^(off|\\d{1,9}[smhdw])$',
    read: (text): Reading<number | undefined> => {
      if (text === 'off') return { value: undefined }
      const reading = read(text)
      return 'value' in reading ? reading : { expected: orOff }
    },
  }).prefault(byDefault)
}

function durationsIn([from, until]: readonly [string, string], example: string) {
  const [fromMs = 0, untilMs = 0] = [from, until].map(parseDuration)
  const stepMs = fromMs < MINUTE_MS ? 1 : MINUTE_MS
  const kind = stepMs === MINUTE_MS ? ' in full minutes' : ''
  const expected = `a duration${kind} from ${from} to ${until}, such as ${example}`
  return {
    expected,
    read: (text: string): Reading<number> => {
      const ms = parseDuration(text)
      const usable = ms !== undefined && ms % stepMs === 0 && ms >= fromMs && ms <= untilMs
      return usable ? { value: ms } : { expected }
    },
  }
}

const DATE = 'a date such as 2021-09-18, or a time such as 2021-09-18T06:30Z (UTC where no zone is given)'
export const since = (description: string) =>
  textSetting({
    description,
    expected: DATE,
    examples: ['2021-09-18', '2021-09-18T06:30-04:00'],
    read: (text): Reading<number> => {
      const ms = parsePointInTime(text)
      return ms === undefined ? { expected: DATE } : { value: ceilToMinute(ms) }
    },
  })

const POINT_IN_TIME = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?(Z|[+-]\d\d:?\d\d)?)?$/i

/**
 * `2021-09-18`, `2021-09-18T06:30`, `2021-09-18T06:30:00-04:00` in Unix ms. Without a zone it is what `instantMs` makes of
 * the time that UTC shows so; UTC, where that is left out.
 */
export function parsePointInTime(text: string, instantMs = (localMs: number) => localMs): number | undefined {
  const match = POINT_IN_TIME.exec(text)
  if (!match) return undefined
  const part = (group: number) => Number(match[group] ?? 0)
  const local = [part(1), part(2) - 1, part(3), part(4), part(5), part(6)] as const
  const localMs = Date.UTC(...local)
  const date = new Date(localMs)
  const parts = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), date.getUTCHours()]
  const exists = [...parts, date.getUTCMinutes(), date.getUTCSeconds()].every((one, index) => one === local[index])
  if (exists && match[7] === undefined) return instantMs(localMs)
  const offsetMs = zoneOffsetMs(match[7])
  return exists && offsetMs !== undefined ? localMs - offsetMs : undefined
}

function zoneOffsetMs(zone = 'Z'): number | undefined {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? []
  if (sign === undefined) return 0
  if (Number(hours) > 14 || Number(minutes) > 59) return undefined
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
}

export const url = (description: string, example: string) =>
  textSetting({
    description,
    expected: `an address such as ${example}`,
    examples: [example],
    read: (text) => readUrl(text, example),
  })

/** An http or https address of a host, with a path at most; the slash at its end goes. */
export function readUrl(text: string, example = 'http://iotawatt.local'): Reading<string> {
  const expected = `an address such as ${example}`
  // Also behind the host, where a password with a slash in it would stand.
  if (text.includes('@'))
    return {
      found: 'an address with a user or password in it',
      expected: 'the address alone; the keys username, and password or passwordFile, hold the rest',
    }
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return { expected: `${expected}${suggestScheme(text)}` }
  if (!URL.canParse(text)) return { expected }
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return { expected: `${expected}, with http or https` }
  if (/[?#]/.test(text))
    return {
      found: 'an address with ? or # in it',
      expected: 'host, port and path alone; a token goes into token or headers',
    }
  const endpoint = /\/(api\/v1\/\w+|query|status)\/?$/.exec(url.pathname)
  if (endpoint) return { expected: `the address without ${endpoint[0]}, which is added` }
  return { value: url.href.replace(/\/+$/, '') }
}

function suggestScheme(text: string): string {
  const withScheme = `http://${text}`
  return /^[^\s?#]+$/.test(text) && URL.canParse(withScheme) ? ` (did you mean "${withScheme}"?)` : ''
}

const MAC = 'a MAC such as 5c:cf:7f:01:02:0a, in quotes'
export const macAddress = (description: string) =>
  textSetting({
    description,
    expected: MAC,
    examples: ['5c:cf:7f:01:02:0a'],
    read: (text): Reading<string> => {
      const mac = readMac(text)
      return mac === undefined ? { expected: MAC } : { value: mac }
    },
  })

/** In small letters, with colons. */
export function readMac(text: string): string | undefined {
  const digits = /^[0-9a-f]{2}([:-]?[0-9a-f]{2}){5}$/i.test(text) ? text.replace(/[:-]/g, '').toLowerCase() : ''
  return digits.match(/../g)?.join(':')
}

/** `expected`: where there is no text at all; `shape`: where there is one of another shape. */
export const text =
  (pattern: RegExp, expected: string, shape = expected) =>
  (description: string) =>
    z.string({ error: expected }).regex(pattern, { error: shape }).meta({ description })

export const name = (what: string, description: string) =>
  text(
    /^(?!\s)(?!.*\s$)[^\p{Cc}\p{Cs}]{1,200}$/u,
    what,
    `${what}: 1 to 200 characters, no space at either end`,
  )(description)

const filled = (expected: string) => (description: string) =>
  z.string({ error: expected }).min(1, { error: expected }).meta({ description })
export const secretText = filled('text, in quotes')
export const filePath = filled('the path of a file')

/** What HTTP carries of one. */
const TOKEN = 'letters, digits and signs without spaces'
export const token = text(/^[\x21-\x7e]+$/, 'text, in quotes', TOKEN)
/** Long enough that nobody finds it by trying. */
const WEB_TOKEN = `at least 16 ${TOKEN}, such as \`openssl rand -hex 16\` prints`
export const webToken = text(/^[\x21-\x7e]{16,}$/, 'text, in quotes', WEB_TOKEN)

export const metric = text(
  /^[a-zA-Z_:][a-zA-Z0-9_:]{0,199}$/,
  'a metric name: letters, digits, _ and :, no digit first',
)

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS }

/** `90s`, `5m`, `12h`, `30d`, `2w` in ms; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,9})([smhdw])$/.exec(text) ?? []
  const unitMs = UNIT_MS[unit ?? '']
  return unitMs === undefined ? undefined : Number(count) * unitMs
}

export function formatDuration(durationMs: number): string {
  const [unit, unitMs] = Object.entries(UNIT_MS)
    .filter(([name, ms]) => name !== 'w' && durationMs % ms === 0)
    .at(-1) ?? ['ms', 1]
  return `${durationMs / unitMs}${unit}`
}

export const DEVICE_LOAD = 'a percentage from 1% to 100%, such as 25%'

/** The share of its time that a device may spend answering, 0.01 to 1. */
export function readDeviceLoad(text: string): Reading<number> {
  const percent = Number(/^(\d{1,3})%$/.exec(text)?.[1] ?? 0)
  return percent >= 1 && percent <= 100 ? { value: percent / 100 } : { expected: DEVICE_LOAD }
}

export interface ListenAddress {
  readonly host: string
  readonly port: number
}

/** Whether this machine alone can connect to it. */
export function isLoopback(host: string): boolean {
  return /^(localhost\.?|127\.\d+\.\d+\.\d+|::1)$/i.test(host)
}

/** `127.0.0.1:8480`, `[::1]:8480`, `:8480` for every address of the machine; port 0 is any free one. */
/** `https://home.example.org:8123`, or `self`. */
export function isAncestor(text: string): boolean {
  return text === 'self' || (/^https?:\/\/[\w.:[\]-]+$/.test(text) && URL.canParse(text))
}

export function readListenAddress(text: string): Reading<ListenAddress> {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]/@]*)):(\d{1,5})$/i.exec(text) ?? []
  if (port === undefined || Number(port) > 65_535)
    return { expected: 'host:port such as 127.0.0.1:8480, or :8480 for every address of the machine' }
  return { value: { host: bracketed ?? (plain || '0.0.0.0'), port: Number(port) } }
}

interface TextOptions<T> {
  readonly read: (text: string) => Reading<T>
  /** What is expected where there is no text at all. */
  readonly expected: string
  readonly description: string
  readonly examples?: readonly string[]
  readonly pattern?: string
}

/** A setting that is text in the file and becomes something else; a refusal becomes a problem at its place. */
export function textSetting<T>({ read, expected, ...meta }: TextOptions<T>) {
  return z
    .string({ error: expected })
    .meta(meta)
    .transform((text, context) => {
      const reading = read(text)
      if ('value' in reading) return reading.value
      context.issues.push({ code: 'custom', message: reading.expected, params: { found: reading.found }, input: text })
      return z.NEVER
    })
}

/** A text that was understood, or what was expected instead; `found` says what is wrong where the text alone does not. */
export type Reading<T> = { readonly value: T } | Refusal

interface Refusal {
  readonly expected: string
  readonly found?: string
}
