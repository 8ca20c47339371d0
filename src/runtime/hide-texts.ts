const HIDDEN = '***'
/** What is shorter is part of many words, and no secret. */
const MIN_LENGTH = 3

/** Takes texts that must not be shown out of others. */
export function hideTexts(secrets: readonly string[]): (text: string) => string {
  const long = secrets.filter(({ length }) => length >= MIN_LENGTH)
  if (long.length === 0) return (text) => text
  // The longest first: one may be part of another.
  const sorted = long.sort((a, b) => b.length - a.length)
  const pattern = new RegExp(sorted.map(toPattern).join('|'), 'gu')
  return (text) => text.replace(pattern, HIDDEN)
}

/** Letters beyond ASCII come back in whatever encoding. */
function toPattern(secret: string): string {
  return secret.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replace(/[^\x20-\x7e]/gu, '[^\\x20-\\x7e]{1,4}')
}
