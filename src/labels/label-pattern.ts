import { runInNewContext } from 'node:vm'
import { fitsGlob } from '../model/fits-glob.ts'

const REGULAR_EXPRESSION = /^\/(.+)\/([a-z]*)$/s
/** An expression can take longer than the universe lasts, and all else would wait; a busy machine makes a good one slow. */
const MAX_SEARCH_MS = 3_000

/**
 * Whether a location fits: a glob over all of it (`*` any text, `?` one character, case counts) or a regular
 * expression between slashes that is searched for (`/^ev/i`). Throws `SyntaxError` for one that does not compile, and
 * `Error` for one that does not come to an end.
 */
export function fitsPattern(match: string, location: string): boolean {
  const [, source, flags] = REGULAR_EXPRESSION.exec(match) ?? []
  return source === undefined ? fitsGlob(match, location) : isFound(new RegExp(source, flags), location)
}

/** The pattern that this location alone fits, whatever it reads as. */
export function exactPattern(location: string): string {
  const isPattern = /[*?]/.test(location) || REGULAR_EXPRESSION.test(location)
  return isPattern ? `/^${location.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$/` : location
}

function isFound(expression: RegExp, location: string): boolean {
  try {
    return runInNewContext('expression.test(location)', { expression, location }, { timeout: MAX_SEARCH_MS }) === true
  } catch (cause) {
    const shown = JSON.stringify(location.slice(0, 80))
    throw new Error(
      `the label rule ${expression} takes too long on ${shown}: change its match, where a repetition is repeated`,
      { cause },
    )
  }
}
