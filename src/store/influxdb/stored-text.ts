/** Stands before a letter for what the line protocol cannot carry, and for itself twice. */
const ESCAPE = '\u241b'

const NAMES = [
  ['n', '\n'],
  ['r', '\r'],
  ['b', '\\'],
  ['q', '"'],
  ['h', '#'],
  ['t', '\t'],
  [ESCAPE, ESCAPE],
] as const
const NAME_OF: ReadonlyMap<string, string> = new Map(NAMES.map(([name, sign]) => [sign, name]))
const SIGN_OF: ReadonlyMap<string, string> = new Map(NAMES)

/**
 * A text as InfluxDB can keep it. The line protocol knows no way to write the end of a line, or a backslash before a
 * sign that it would escape; a field key has no quotes, and a measurement does not begin as a comment or with a space. InfluxQL reads a
 * carriage return as the end of a line.
 */
export function storedText(text: string, part: 'measurement' | 'tag' | 'field'): string {
  const plain = text.replace(/[\r\n\u241b]|\\(?=[,= "'\r\n]|$)/g, escaped)
  if (part === 'field') return plain.replaceAll('"', escaped)
  return part === 'measurement' ? plain.replace(/^[#\t]/, escaped) : plain
}

/** The text that was meant; one that another program wrote stays as it is. */
export function originalText(stored: string): string {
  return stored.replace(/\u241b(.)/gsu, (found, name: string) => SIGN_OF.get(name) ?? found)
}

function escaped(sign: string): string {
  return `${ESCAPE}${NAME_OF.get(sign) ?? ''}`
}
