import { outOfRange } from '../../model/at.ts'
import type { Numbers } from '../../model/series.ts'

/** A few minutes of a device; it is doubled for more. */
const FIRST_BYTES = 1 << 14
/** `-1.2345678901234567e-308` and a comma. */
const NUMBER_BYTES = 26
const [POINT, MINUS, COMMA, ZERO] = [46, 45, 44, 48]
/** More decimals are rare enough to be written slowly. */
const SCALE = 1e4
/** Scaled it is an integer of 31 bits, with which the engine calculates without making objects of numbers. */
const MAX_SHORT = 1e5
/** A time in milliseconds, in two parts of which that is true as well. */
const [MIN_TIME, MAX_TIME, TIME_SCALE] = [1e12, 1e13, 1e6]
/** `0000` to `9999`, each as the word that is written at once. */
const FOUR_DIGITS = Uint32Array.from({ length: SCALE }, (_, n) =>
  Buffer.from(String(n).padStart(4, '0'), 'latin1').readUInt32LE(),
)

export type ByteText = ReturnType<typeof byteText>

/** Text that is written as bytes: a hundred thousand numbers at a time as texts of their own would be mostly garbage. */
export function byteText() {
  let bytes: Buffer = Buffer.alloc(0)
  let words = wordsOf(bytes)
  let end = 0

  function makeSpace(count: number): void {
    if (end + count <= bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(FIRST_BYTES, 2 * bytes.length, end + count))
    bytes.copy(larger, 0, 0, end)
    bytes = larger
    words = wordsOf(larger)
  }

  return {
    add(text: string): void {
      makeSpace(3 * text.length)
      end += bytes.write(text, end)
    },
    /** `list[from]` to `list[until - 1]` with commas between them. */
    addNumbers(list: Numbers, from: number, until: number): void {
      makeSpace((until - from) * NUMBER_BYTES)
      end = writeNumbers({ bytes, words }, end, { list, from, until })
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
    /** All that was added since it was taken last; valid until more is added. */
    take(): Buffer {
      const taken = bytes.subarray(0, end)
      end = 0
      return taken
    },
  }
}

/** The same bytes, to write four at a time. */
function wordsOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}

/** Each as `String(value)`, which takes several times as long; returns where the text ends. */
function writeNumbers(
  { bytes, words }: { bytes: Buffer; words: DataView },
  start: number,
  { list, from, until }: { list: Numbers; from: number; until: number },
): number {
  let at = start
  for (let index = from; index < until; index++) {
    const value = list[index] ?? outOfRange(list, index)
    const size = Math.abs(value)
    const scaled = Math.floor(size * SCALE + 0.5)
    if (index > from) words.setUint8(at++, COMMA)
    if (size < MAX_SHORT && scaled / SCALE === size) {
      if (value < 0) words.setUint8(at++, MINUS)
      at = writeScaled(words, at, scaled | 0)
    } else if (value >= MIN_TIME && value < MAX_TIME && Number.isInteger(value)) {
      const high = Math.floor(value / TIME_SCALE)
      at = writeTime(words, at, { high: high | 0, low: (value - high * TIME_SCALE) | 0 })
    } else at += bytes.write(String(value), at)
  }
  return at
}

function writeScaled(words: DataView, start: number, scaled: number): number {
  const integer = (scaled / SCALE) | 0
  const at = writeShort(words, start, integer)
  const decimals = scaled - integer * SCALE
  if (decimals === 0) return at
  words.setUint8(at, POINT)
  writeFour(words, at + 1, decimals)
  // Without trailing zeros.
  return at + (decimals % 10 !== 0 ? 5 : decimals % 100 !== 0 ? 4 : decimals % 1000 !== 0 ? 3 : 2)
}

/** Up to eight digits, without leading zeros. */
function writeShort(words: DataView, start: number, integer: number): number {
  if (integer >= SCALE) {
    const rest = (integer / SCALE) | 0
    return writeFour(words, writeShort(words, start, rest), integer - rest * SCALE)
  }
  const zeros = integer >= 1000 ? 0 : integer >= 100 ? 1 : integer >= 10 ? 2 : 3
  words.setUint32(start, (FOUR_DIGITS[integer] ?? outOfRange(FOUR_DIGITS, integer)) >>> (8 * zeros), true)
  return start + 4 - zeros
}

/** Seven digits and six. */
function writeTime(words: DataView, start: number, { high, low }: { high: number; low: number }): number {
  const [highRest, lowRest] = [(high / SCALE) | 0, (low / SCALE) | 0]
  let at = writeFour(words, writeShort(words, start, highRest), high - highRest * SCALE)
  words.setUint8(at++, ZERO + ((lowRest / 10) | 0))
  words.setUint8(at++, ZERO + (lowRest % 10))
  return writeFour(words, at, low - lowRest * SCALE)
}

function writeFour(words: DataView, at: number, short: number): number {
  words.setUint32(at, FOUR_DIGITS[short] ?? outOfRange(FOUR_DIGITS, short), true)
  return at + 4
}
