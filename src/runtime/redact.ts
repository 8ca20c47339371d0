const HIDDEN = '***'
/** What is shorter is part of many words, and no secret. */
const MIN_LENGTH = 3

/** Takes texts that must not be shown out of others. */
export function redact(secrets: readonly string[]): (text: string) => string {
  const long = secrets.filter(({ length }) => length >= MIN_LENGTH)
  if (long.length === 0) return (text) => text
  // That of the most letters first: one may be part of another.
  const sorted = [...new Set(long.flatMap(formsOf))].sort((a, b) => Array.from(b).length - Array.from(a).length)
  const pattern = new RegExp(sorted.map(toPattern).join('|'), 'gu')
  return (text) => text.replace(pattern, HIDDEN)
}

/** As JSON, an address, a form, a web page or a log may repeat it. */
function formsOf(secret: string): string[] {
  const inForm = new URLSearchParams({ '': secret }).toString().slice(1)
  const inAddress = inForm.replaceAll('+', '%20')
  const inScript = inAddress.replace(/%(?:21|27|28|29|2A|7E)/g, decodeURIComponent)
  const encoded = [inForm, inAddress, inScript]
  const inLowerCase = encoded.map((text) => text.replace(/%../g, (letter) => letter.toLowerCase()))
  const inPage = secret.replace(/[&<>"]/g, (sign) => `&${PAGE_NAMES[sign]};`)
  const pages = [inPage, inPage.replaceAll("'", '&#39;')]
  return [secret, JSON.stringify(secret).slice(1, -1), ...encoded, ...inLowerCase, ...pages]
}

const PAGE_NAMES: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot' }

/** Letters beyond ASCII come back in whatever encoding. */
function toPattern(form: string): string {
  return form.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replace(/[^\x20-\x7e]/gu, '[^\\x20-\\x7e]{1,4}')
}
