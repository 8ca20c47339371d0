import { isList, isMapping, type KeyPath } from './key-path.ts'

const SECRET_KEYS = ['password', 'token', 'headers']

/** A value for a message: what stands there in one short line, and of a secret only its kind. */
export function showValue(value: unknown, path: KeyPath): string {
  if (value === undefined || value === null) return 'nothing'
  if (isList(value)) return 'a list'
  if (isMapping(value)) return 'a mapping'
  // A file that is one text is a file with a mistake in its beginning: anything may be in it.
  if (path.length === 0) return `a ${typeof value} (not shown)`
  if (path.some((key) => typeof key === 'string' && SECRET_KEYS.includes(key)))
    return typeof value === 'string' ? 'a text (not shown)' : `a ${typeof value} (not shown)`
  return shorten(JSON.stringify(value))
}

/** A key for a message; what is no word may hold the secret behind it, as in `password:secret`. */
export function showKey(key: string): string {
  return /^[\w .-]{1,60}$/.test(key) ? key : '***'
}

/** Control characters, users and passwords of addresses do not show. */
function shorten(text: string): string {
  const safe = text.replace(/(?<![^/\s"])[^/\s"]+@/g, '***@').replace(/[?#][^"\s]*/g, '?***')
  return safe.length > 80 ? `${safe.slice(0, 79)}…` : safe
}
