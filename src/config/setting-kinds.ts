import * as z from 'zod'
import { ceilToMinute, DAY_MS, HOUR_MS, MINUTE_MS } from '../model/time-window.ts'
import { parsePointInTime } from './point-in-time.ts'
import { readUrl } from './read-url.ts'
import { type Reading, textSetting } from './text-setting.ts'

export const flag = (description: string, byDefault: boolean) =>
  z.boolean({ error: 'true or false' }).meta({ description, default: byDefault })

export const name = (what: string, description: string) =>
  z
    .string({ error: what })
    .regex(/^(?!\s)(?!.*\s$)[^\p{Cc}\p{Cs}]{1,200}$/u, {
      error: `${what}: 1 to 200 characters, no space at either end`,
    })
    .meta({ description })

export const choice = <const T extends readonly [string, ...string[]]>(choices: T, description: string) =>
  z.enum(choices, { error: `one of ${choices.join(', ')}` }).meta({ description })

export function duration({ description, byDefault, fromMs, untilMs }: DurationOptions) {
  const expected = `a duration in full minutes from ${formatDuration(fromMs)} to ${formatDuration(untilMs)}, such as ${byDefault}`
  return textSetting({
    description,
    expected,
    default: byDefault,
    pattern: '^\\d{1,9}[smhdw]$',
    read: (text): Reading<number> => {
      const ms = parseDuration(text)
      const usable = ms !== undefined && ms % MINUTE_MS === 0 && ms >= fromMs && ms <= untilMs
      return usable ? { value: ms } : { expected }
    },
  })
}

interface DurationOptions {
  readonly description: string
  readonly byDefault: string
  readonly fromMs: number
  readonly untilMs: number
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

export const url = (description: string, example: string) =>
  textSetting({ description, expected: `an address such as ${example}`, examples: [example], read: readUrl })

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

export const secretText = (description: string) =>
  z.string({ error: 'text, in quotes' }).min(1, { error: 'text, in quotes' }).meta({ description })

/** What HTTP carries of one. */
export const TOKEN = /^[\x21-\x7e]+$/
export const TOKEN_WORDS = 'letters, digits and signs without spaces'
export const token = (description: string) =>
  z.string({ error: 'text, in quotes' }).regex(TOKEN, { error: TOKEN_WORDS }).meta({ description })

/** Long enough that nobody finds it by trying. */
export const WEB_TOKEN = /^[\x21-\x7e]{16,}$/
export const WEB_TOKEN_WORDS =
  'at least 16 letters, digits and signs without spaces, such as `openssl rand -hex 16` prints'
export const webToken = (description: string) =>
  z.string({ error: 'text, in quotes' }).regex(WEB_TOKEN, { error: WEB_TOKEN_WORDS }).meta({ description })

export const filePath = (description: string) =>
  z.string({ error: 'the path of a file' }).min(1, { error: 'the path of a file' }).meta({ description })

const METRIC = 'a metric name: letters, digits, _ and :, no digit first'
export const metric = (description: string) =>
  z
    .string({ error: METRIC })
    .regex(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,199}$/, { error: METRIC })
    .meta({ description })

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
