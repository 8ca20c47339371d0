import * as z from 'zod'

/** What stands in a JSON text without quotes: a number, `true`, `null`; the firmware reads it when it is asked for. */
export interface BareWord {
  readonly word: string
}

/** A text, a bare word, a list or an object of them. */
export type FirmwareValue = string | BareWord | FirmwareValue[] | { readonly [key: string]: FirmwareValue } | undefined

const valueSchema: z.ZodType<FirmwareValue> = z.lazy(() =>
  z.union([z.string(), z.strictObject({ word: z.string() }), z.array(valueSchema), z.record(z.string(), valueSchema)]),
)

const TOKEN = /"((?:[^"\\]|\\[^])*)"|[^\s"[\]{},:]+/g

/**
 * JSON as the firmware's library reads it: no escapes by code (`\u00e9` is `u00e9`), bare words as they stand, and
 * nothing behind the end of the object. Throws a `SyntaxError`.
 */
export function parseFirmwareJson(text: string): FirmwareValue {
  const marked = firstObject(text).replace(TOKEN, (token, quoted: string | undefined) =>
    quoted === undefined ? `{"word":${JSON.stringify(token)}}` : plainString(quoted),
  )
  const value = valueSchema.parse(JSON.parse(marked))
  if (isWord(value)) throw new SyntaxError('neither a list nor an object')
  return value
}

/** Where there is none, the text as it is. */
function firstObject(text: string): string {
  let depth = 0
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\[^])*"|[[\]{}]/g)) {
    if (token.startsWith('"')) continue
    depth += token === '{' || token === '[' ? 1 : -1
    if (depth === 0) return text.slice(0, index + 1)
  }
  return text
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])

function plainString(quoted: string): string {
  return JSON.stringify(quoted.replace(/\\([^])/g, (_, char: string) => ESCAPES.get(char) ?? char))
}

export function isObject(value: FirmwareValue): value is { readonly [key: string]: FirmwareValue } {
  return typeof value === 'object' && !Array.isArray(value) && !isWord(value)
}

function isWord(value: FirmwareValue): value is BareWord {
  return typeof value === 'object' && 'word' in value && typeof value.word === 'string'
}

/** Undefined for `null`, a list and an object; numbers are texts too. */
export function asText(value: FirmwareValue): string | undefined {
  if (typeof value === 'string') return value
  return isWord(value) && value.word !== 'null' ? value.word : undefined
}

/** Digits up to the first other sign; `true` is 1, what is no number 0. */
export function asInteger(value: FirmwareValue): number {
  const text = rawText(value)
  return text.startsWith('t') ? 1 : Number(/^[-+]?\d+/.exec(text)?.[0] ?? 0)
}

/** Quoted, it is no truth. */
export function isTrue(value: FirmwareValue): boolean {
  return isWord(value) && value.word === 'true'
}

/** Seven digits and a power of ten, multiplied in single precision: the last bit may differ from the nearest number. */
export function asFloat(value: FirmwareValue): number {
  const [, sign, word, integer = '', part = '', power = '0'] =
    /^([-+]?)([tni])?(\d*)(?:\.(\d*))?(?:e([-+]?\d+))?/i.exec(rawText(value)) ?? []
  const factor = sign === '-' ? -1 : 1
  if (word !== undefined) return wordValue(word, factor)
  let mantissa = 0
  let exponent = Number(power)
  for (const [place, digit] of Array.from(integer + part, Number).entries())
    if (mantissa < MOST_MANTISSA) {
      mantissa = mantissa * 10 + digit
      if (place >= integer.length) exponent--
    } else if (place < integer.length) exponent++
  return factor * scale(mantissa, exponent)
}

const MOST_MANTISSA = Math.trunc((2 ** 23 - 1) / 10)
const POWERS = [1, 2, 4, 8, 16, 32]

function scale(mantissa: number, exponent: number): number {
  if (exponent > 38) return Infinity
  if (exponent < -63) return 0
  return POWERS.filter((power) => (Math.abs(exponent) & power) !== 0).reduce(
    (value, power) => Math.fround(value * Math.fround(10 ** (exponent > 0 ? power : -power))),
    mantissa,
  )
}

function wordValue(word: string, factor: number): number {
  if (word === 't') return 1
  return word.toLowerCase() === 'i' ? factor * Infinity : NaN
}

function rawText(value: FirmwareValue): string {
  if (typeof value === 'string') return value
  return isWord(value) ? value.word : ''
}

const BARE = '\u0000'

/** JSON as the firmware prints it: numbers that JSON has no word for are bare, and bytes that are no text stay bytes. */
export function printJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'number' && !Number.isFinite(item) ? `${BARE}${item}` : item,
  )
    .replace(/"\\u0000(NaN|-?Infinity)"/g, '$1')
    .replace(/\\u(dc[89a-f][0-9a-f])/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
