/** One byte that is not UTF-8, as one half of a surrogate pair: no text has it alone. */
const BYTE_MARK = 0xdc00
const MARKED = /[\udc80-\udcff]/u

const SEQUENCE = new RegExp(
  [
    '[\\xc2-\\xdf][\\x80-\\xbf]',
    '\\xe0[\\xa0-\\xbf][\\x80-\\xbf]',
    '[\\xe1-\\xec\\xee\\xef][\\x80-\\xbf]{2}',
    '\\xed[\\x80-\\x9f][\\x80-\\xbf]',
    '\\xf0[\\x90-\\xbf][\\x80-\\xbf]{2}',
    '[\\xf1-\\xf3][\\x80-\\xbf]{3}',
    '\\xf4[\\x80-\\x8f][\\x80-\\xbf]{2}',
    '[\\x80-\\xff]',
  ].join('|'),
  'g',
)

/** Text of the device, which knows bytes alone: what is not UTF-8 can be turned back into the byte that it was. */
export function decodeDeviceText(bytes: Uint8Array): string {
  const plain = Buffer.from(bytes).toString('utf8')
  if (!plain.includes('\ufffd')) return plain
  return Buffer.from(bytes)
    .toString('latin1')
    .replace(SEQUENCE, (sequence) =>
      sequence.length > 1 ? Buffer.from(sequence, 'latin1').toString('utf8') : mark(sequence),
    )
}

export function encodeDeviceText(text: string): Buffer {
  if (!MARKED.test(text)) return Buffer.from(text)
  const parts = Array.from(text, (char) =>
    MARKED.test(char) ? Buffer.of(char.charCodeAt(0) - BYTE_MARK) : Buffer.from(char),
  )
  return Buffer.concat(parts)
}

function mark(byte: string): string {
  return String.fromCharCode(byte.charCodeAt(0) + BYTE_MARK)
}
