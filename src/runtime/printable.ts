/**
 * What steers a terminal, hides in a text or turns it round: control characters, halves of characters, and all that
 * Unicode calls format, but for the two joiners that scripts and emoji need. Line ends stay.
 */
const STEERING = /(?![\n\u200c\u200d])[\p{Cc}\p{Cs}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Foreign text for people: what would not show is written as JSON does, `\u001b`, so that JSON means the same. */
export function printable(text: string): string {
  return text.replace(STEERING, (found) =>
    Array.from({ length: found.length }, (_, index) => escaped(found.charCodeAt(index))).join(''),
  )
}

/** No line of a log is longer, whatever it quotes. */
export const MAX_MESSAGE = 10_000

export function printableMessage(text: string): string {
  return printable(text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}…` : text)
}

/** The same for a name that stands within a line: in one line, and short. */
export function printableName(text: string, maxLength = 100): string {
  const line = printable(text.slice(0, maxLength)).replaceAll('\n', escaped(10))
  return text.length > maxLength ? `${line}…` : line
}

function escaped(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`
}
