/** Text that is written as bytes: a hundred thousand numbers at a time as texts of their own would be mostly garbage. */
export interface ByteText {
  add(text: string): void
  /** `list[from]` to `list[until - 1]` with commas between them. */
  addNumbers(list: readonly number[], from: number, until: number): void
  /** What was added since it was taken last. */
  take(): Buffer
}

const FIRST_BYTES = 1 << 20
/** `-1.2345678901234567e-308` and a comma. */
const NUMBER_BYTES = 26
const [POINT, MINUS, COMMA, ZERO] = [46, 45, 44, 48]
/** A number of at most so many digits is the only one that its text can mean. */
const MAX_WHOLE = 1e15
/** More decimals are rare enough to be written slowly. */
const SCALE = 1e4
/** `0000` to `9999`. */
const FOUR_DIGITS = Buffer.from(Array.from({ length: 10_000 }, (_, n) => String(n).padStart(4, '0')).join(''), 'latin1')

export function byteText(): ByteText {
  let bytes = Buffer.allocUnsafe(FIRST_BYTES)
  let end = 0

  function makeRoom(count: number): void {
    if (end + count <= bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(2 * bytes.length, end + count))
    bytes.copy(larger, 0, 0, end)
    bytes = larger
  }

  return {
    add(text) {
      makeRoom(3 * text.length)
      end += bytes.write(text, end)
    },
    addNumbers(list, from, until) {
      makeRoom((until - from) * NUMBER_BYTES)
      for (let index = from; index < until; index++) {
        if (index > from) bytes[end++] = COMMA
        end = writeNumber(bytes, end, list[index] ?? NaN)
      }
    },
    take() {
      const taken = bytes.subarray(0, end)
      bytes = Buffer.allocUnsafe(bytes.length)
      end = 0
      return taken
    },
  }
}

/** As `String(value)`, which takes several times as long; returns where the text ends. */
function writeNumber(bytes: Buffer, start: number, value: number): number {
  const size = Math.abs(value)
  const scaled = Math.round(size * SCALE)
  const isWhole = Number.isInteger(size)
  if (!((isWhole ? size : scaled) < MAX_WHOLE) || (!isWhole && scaled / SCALE !== size))
    return start + bytes.write(String(value), start)
  const whole = isWhole ? size : Math.floor(scaled / SCALE)
  let at = start
  if (value < 0) bytes[at++] = MINUS
  at = writeWhole(bytes, at, whole)
  return isWhole ? at : writeDecimals(bytes, at, scaled - whole * SCALE)
}

function writeWhole(bytes: Buffer, start: number, whole: number): number {
  if (whole < SCALE) return writeShort(bytes, start, whole)
  const rest = Math.floor(whole / SCALE)
  return writeFour(bytes, writeWhole(bytes, start, rest), whole - rest * SCALE)
}

/** Without leading zeros. */
function writeShort(bytes: Buffer, start: number, short: number): number {
  let at = start
  if (short >= 1000) return writeFour(bytes, at, short)
  if (short >= 100) bytes[at++] = FOUR_DIGITS[4 * short + 1] ?? ZERO
  if (short >= 10) bytes[at++] = FOUR_DIGITS[4 * short + 2] ?? ZERO
  bytes[at++] = FOUR_DIGITS[4 * short + 3] ?? ZERO
  return at
}

function writeFour(bytes: Buffer, at: number, short: number): number {
  const digits = 4 * short
  bytes[at] = FOUR_DIGITS[digits] ?? ZERO
  bytes[at + 1] = FOUR_DIGITS[digits + 1] ?? ZERO
  bytes[at + 2] = FOUR_DIGITS[digits + 2] ?? ZERO
  bytes[at + 3] = FOUR_DIGITS[digits + 3] ?? ZERO
  return at + 4
}

/** Without trailing zeros. */
function writeDecimals(bytes: Buffer, start: number, decimals: number): number {
  bytes[start] = POINT
  let end = writeFour(bytes, start + 1, decimals)
  while (bytes[end - 1] === ZERO) end--
  return end
}
