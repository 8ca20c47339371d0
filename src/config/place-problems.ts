import { MAX_FOUND_PROBLEMS, type Problem } from './config-error.ts'
import type { Overridden } from './environment.ts'
import type { KeyProblem } from './schema-problems.ts'
import { showPath } from './show-value.ts'
import type { Position, YamlSource } from './yaml-source.ts'

interface Sources {
  readonly source: YamlSource
  readonly overridden: Overridden
  /** What messages call the file. */
  readonly file: string
}

interface Placed extends Problem, Position {}

/** Mistakes at the variable, or the line and column, that they come from: the file's in their order. */
export function placeProblems(mistakes: readonly KeyProblem[], { source, overridden, file }: Sources): Problem[] {
  const inFile = source.problems
    .slice(0, MAX_FOUND_PROBLEMS)
    .map(({ path, position, message }) => placed(file, { path, position, message }))
  const others = mistakes.slice(0, MAX_FOUND_PROBLEMS).map(({ path, message, atKey }): Placed => {
    const variable = overridden.variableOf(path)
    if (variable !== undefined) return { place: `${variable} (${showPath(path)})`, message, line: Infinity, column: 0 }
    return placed(file, { path, position: atKey ? source.positionOfKey(path) : source.positionOf(path), message })
  })
  return [...inFile, ...others]
    .sort((a, b) => (a.line === b.line ? a.column - b.column : a.line < b.line ? -1 : 1))
    .map(({ place, message }) => ({ place, message }))
}

function placed(file: string, { path, position, message }: YamlSource['problems'][number]): Placed {
  const key = showPath(path)
  const { line, column } = position
  return { place: `${file}:${line}:${column}${key === '' ? '' : ` ${key}`}`, message, line, column }
}
