/** A string, or what firmware prints bare for a number that is none: ArduinoJson 5 `NaN`, printf `inf`, Print `ovf`. */
const STRING_OR_NO_NUMBER = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|-?\b(?:nan|infinity|inf|ovf)\b/gi

const NO_NUMBER = /^-?(?:nan|infinity|inf|ovf)$/i

/** JSON in which a number may be none, which becomes its text, and a string may hold control characters. */
export function parseLenientJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const repaired = text.replace(STRING_OR_NO_NUMBER, (found) =>
      found.startsWith('"') ? withoutControls(found) : `"${found}"`,
    )
    if (repaired === text) throw error
    return JSON.parse(repaired)
  }
}

/** Whether a value was printed where a number belongs and is none. */
export function isNoNumber(value: unknown): boolean {
  return typeof value === 'string' && NO_NUMBER.test(value)
}

function withoutControls(string: string): string {
  // eslint-disable-next-line no-control-regex
  return string.replace(/[\u0000-\u001f]/g, ' ')
}
