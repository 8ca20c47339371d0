import { formatKeyPath, isList, isMapping, type KeyPath } from './key-path.ts'

/** What is below one of these is a secret, also where the key is written as in other programs. */
const SECRET_KEY = /^(pass(word|wort|wd)?|token|headers?|secret|authorization)$/i
const HIDDEN = '***'

/** A value for a message: what stands there in one short line, and of a secret only its kind. */
export function showValue(value: unknown, path: KeyPath): string {
  if (value === undefined || value === null) return 'nothing'
  if (isList(value)) return 'a list'
  if (isMapping(value)) return 'a mapping'
  // A file that is one text is a file with a mistake in its beginning: anything may be in it.
  if (path.length === 0) return `a ${typeof value} (not shown)`
  if (isInSecret(path)) return typeof value === 'string' ? 'a text (not shown)' : `a ${typeof value} (not shown)`
  return shorten(JSON.stringify(typeof value === 'string' ? withoutPassword(value) : value))
}

/** The last key of a path for a message. */
export function showKey(path: KeyPath): string {
  return isInSecret(path.slice(0, -1)) ? HIDDEN : showWord(String(path.at(-1)))
}

/**
 * A secret may also stand where none belongs, as in a line that lost its beginning. Those shorter than
 * 6 letters stay, as hiding them would hide common words.
 */
export function withoutSecrets(message: string, secrets: readonly unknown[]): string {
  const texts = secrets.filter((secret) => typeof secret === 'string').filter(({ length }) => length >= 6)
  const quoted = texts.map((text) => JSON.stringify(text).slice(1, -1))
  return [...texts, ...quoted].reduce((shown, text) => shown.replaceAll(text, HIDDEN), message)
}

/** A path for a message: below the key of a secret no key shows. */
export function showPath(path: KeyPath): string {
  return formatKeyPath(path.map((key, index) => (typeof key === 'number' ? key : showKey(path.slice(0, index + 1)))))
}

function isInSecret(path: KeyPath): boolean {
  return path.some(isSecretKey)
}

export function isSecretKey(key: string | number): boolean {
  return typeof key === 'string' && SECRET_KEY.test(key)
}

/** What is no word may hold a secret, as in `password:secret` and `password secret`. */
function showWord(key: string): string {
  const [first = '', ...others] = key.split(' ')
  const isWord = /^[\w .-]{1,60}$/.test(key) && !(isSecretKey(first) && others.length > 0)
  return isWord ? key : HIDDEN
}

/** Of a text that may be an address: what is before its last @ may be a password, of any letters. */
export function withoutPassword(text: string): string {
  return text.replace(/^(https?:\/\/)?.*@/is, `$1${HIDDEN}@`)
}

/** Of a quoted text: what follows ? or # may be a token, of any letters. */
function shorten(text: string): string {
  const safe = text.replace(/[?#].*(?="$)/, '?***')
  return safe.length > 80 ? `${safe.slice(0, 79)}…` : safe
}
