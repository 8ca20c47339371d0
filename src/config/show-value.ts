import { isList, isMapping, type KeyPath } from './key-path.ts'

const SECRET_KEYS = ['password', 'token', 'headers']

/** A value for a message: what stands there in one short line, and of a secret only its kind. */
export function showValue(value: unknown, path: KeyPath): string {
  if (value === undefined || value === null) return 'nothing'
  if (isList(value)) return 'a list'
  if (isMapping(value)) return 'a mapping'
  if (path.some((key) => typeof key === 'string' && SECRET_KEYS.includes(key)))
    return typeof value === 'string' ? 'a text (not shown)' : `a ${typeof value} (not shown)`
  return shorten(JSON.stringify(value))
}

/** Control characters, users and passwords of addresses do not show. */
function shorten(text: string): string {
  const safe = text.replace(/[^/\s"]+@/g, '***@').replace(/[?#][^"\s]*/g, '?***')
  return safe.length > 80 ? `${safe.slice(0, 79)}…` : safe
}
