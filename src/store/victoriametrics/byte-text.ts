import { outOfRange } from '../../model/at.ts'

/** A few minutes of a device; it is doubled for more. */
const FIRST_BYTES = 1 << 14
const NOTHING = Buffer.alloc(0)
/** `-1.2345678901234567e-308` and a comma. */
const NUMBER_BYTES = 26
const [POINT, MINUS, COMMA, ZERO] = [46, 45, 44, 48]
/** More decimals are rare enough to be written slowly. */
const SCALE = 1e4
/** Scaled it is an integer of 31 bits, with which the engine calculates without making objects of numbers. */
const MAX_SHORT = 1e5
/** A time in milliseconds, in two parts of which that is true as well. */
const [MIN_TIME, MAX_TIME, TIME_SCALE] = [1e12, 1e13, 1e6]
/** `0000` to `9999`. */
const FOUR_DIGITS = Buffer.from(Array.from({ length: SCALE }, (_, n) => String(n).padStart(4, '0')).join(''), 'latin1')

export type ByteText = ReturnType<typeof byteText>

/** Text that is written as bytes: a hundred thousand numbers at a time as texts of their own would be mostly garbage. */
export function byteText() {
  let bytes = NOTHING
  let end = 0
  /** What was needed last. */
  let size = FIRST_BYTES

  function makeSpace(count: number): void {
    if (end + count <= bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(size, 2 * bytes.length, end + count))
    bytes.copy(larger, 0, 0, end)
    bytes = larger
  }

  return {
    add(text: string): void {
      makeSpace(3 * text.length)
      end += bytes.write(text, end)
    },
    /** `list[from]` to `list[until - 1]` with commas between them. */
    addNumbers(list: readonly number[], from: number, until: number): void {
      makeSpace((until - from) * NUMBER_BYTES)
      end = writeNumbers(bytes, end, { list, from, until })
    },
    addBytes(more: Buffer): void {
      makeSpace(more.length)
      end += more.copy(bytes, end)
    },
    get length(): number {
      return end
    },
    /** What was added from a place on; valid until more is added. */
    since: (start: number): Buffer => bytes.subarray(start, end),
    /** All that was added since it was taken last. */
    take(): Buffer {
      const taken = bytes.subarray(0, end)
      size = Math.max(size, bytes.length)
      bytes = NOTHING
      end = 0
      return taken
    },
  }
}

/** Each as `String(value)`, which takes several times as long; returns where the text ends. */
function writeNumbers(
  bytes: Buffer,
  start: number,
  { list, from, until }: { list: readonly number[]; from: number; until: number },
): number {
  let at = start
  for (let index = from; index < until; index++) {
    const value = list[index] ?? outOfRange(list, index)
    const size = Math.abs(value)
    const scaled = Math.floor(size * SCALE + 0.5)
    if (index > from) bytes[at++] = COMMA
    if (size < MAX_SHORT && scaled / SCALE === size) {
      if (value < 0) bytes[at++] = MINUS
      at = writeScaled(bytes, at, scaled | 0)
    } else if (value >= MIN_TIME && value < MAX_TIME && Number.isInteger(value)) {
      const high = Math.floor(value / TIME_SCALE)
      at = writeTime(bytes, at, { high: high | 0, low: (value - high * TIME_SCALE) | 0 })
    } else at += bytes.write(String(value), at)
  }
  return at
}

function writeScaled(bytes: Buffer, start: number, scaled: number): number {
  const integer = (scaled / SCALE) | 0
  const at = writeShort(bytes, start, integer)
  const decimals = scaled - integer * SCALE
  return decimals === 0 ? at : writeDecimals(bytes, at, decimals)
}

/** Up to six digits, without leading zeros. */
function writeShort(bytes: Buffer, start: number, integer: number): number {
  if (integer >= SCALE) {
    const rest = (integer / SCALE) | 0
    return writeFour(bytes, writeShort(bytes, start, rest), integer - rest * SCALE)
  }
  let at = start
  if (integer >= 1000) return writeFour(bytes, at, integer)
  if (integer >= 100) bytes[at++] = FOUR_DIGITS[4 * integer + 1] ?? outOfRange(FOUR_DIGITS, 4 * integer + 1)
  if (integer >= 10) bytes[at++] = FOUR_DIGITS[4 * integer + 2] ?? outOfRange(FOUR_DIGITS, 4 * integer + 2)
  bytes[at++] = FOUR_DIGITS[4 * integer + 3] ?? outOfRange(FOUR_DIGITS, 4 * integer + 3)
  return at
}

/** Seven digits and six. */
function writeTime(bytes: Buffer, start: number, { high, low }: { high: number; low: number }): number {
  const [highRest, lowRest] = [(high / SCALE) | 0, (low / SCALE) | 0]
  let at = writeFour(bytes, writeShort(bytes, start, highRest), high - highRest * SCALE)
  bytes[at++] = ZERO + ((lowRest / 10) | 0)
  bytes[at++] = ZERO + (lowRest % 10)
  return writeFour(bytes, at, low - lowRest * SCALE)
}

function writeFour(bytes: Buffer, at: number, short: number): number {
  const digits = 4 * short
  bytes[at] = FOUR_DIGITS[digits] ?? outOfRange(FOUR_DIGITS, digits)
  bytes[at + 1] = FOUR_DIGITS[digits + 1] ?? outOfRange(FOUR_DIGITS, digits + 1)
  bytes[at + 2] = FOUR_DIGITS[digits + 2] ?? outOfRange(FOUR_DIGITS, digits + 2)
  bytes[at + 3] = FOUR_DIGITS[digits + 3] ?? outOfRange(FOUR_DIGITS, digits + 3)
  return at + 4
}

/** Without trailing zeros. */
function writeDecimals(bytes: Buffer, start: number, decimals: number): number {
  bytes[start] = POINT
  let end = writeFour(bytes, start + 1, decimals)
  while (bytes[end - 1] === ZERO) end--
  return end
}
