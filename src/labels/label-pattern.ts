const REGULAR_EXPRESSION = /^\/(.+)\/([a-z]*)$/s

/**
 * A glob over the whole location (`*` any text, `?` one character, case counts) or a regular expression between
 * slashes that is searched for (`/^ev/i`). Throws `SyntaxError` for an expression that does not compile.
 */
export function labelPattern(match: string): RegExp {
  const expression = REGULAR_EXPRESSION.exec(match)
  return expression ? new RegExp(expression[1] ?? '', expression[2]) : globPattern(match)
}

function globPattern(glob: string): RegExp {
  const source = glob.replace(/[\\^$.|+()[\]{}*?/]/g, (character) =>
    character === '*' ? '.*' : character === '?' ? '.' : `\\${character}`,
  )
  return new RegExp(`^${source}$`, 'su')
}
