import type * as z from 'zod'
import { didYouMean } from '../model/nearest-name.ts'
import { MAX_FOUND_PROBLEMS, type Problem } from './config-error.ts'
import type { Overridden } from './environment.ts'
import { type KeyPath, valueAt } from './key-path.ts'
import { knownKeys } from './settings.ts'
import { showKey, showPath, showValue } from './show-value.ts'
import type { Position, YamlSource } from './yaml-source.ts'

/** A mistake at a key of the configuration, not yet at a line of a file. */
export interface KeyProblem {
  readonly path: KeyPath
  readonly message: string
  /** The key itself is wrong, not its value. */
  readonly atKey?: true
}

type Issue = z.core.$ZodIssue

export function schemaProblems(tree: unknown, issues: readonly Issue[]): KeyProblem[] {
  return issues.slice(0, MAX_FOUND_PROBLEMS).flatMap((issue) => problemsOf(tree, issue, keyPathOf(issue)))
}

function problemsOf(tree: unknown, issue: Issue, path: KeyPath): KeyProblem[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.slice(0, MAX_FOUND_PROBLEMS).map((key) => unknownKey(path, key))
  if (issue.code === 'invalid_union')
    return likeliestBranch(issue.errors).flatMap((inner) => problemsOf(tree, inner, [...path, ...keyPathOf(inner)]))
  if (issue.code === 'invalid_key')
    return [
      {
        path,
        atKey: true,
        message: `found "${showKey(path)}"; expected ${issue.issues.map(({ message }) => message).join('; ')}`,
      },
    ]
  const value = valueAt(tree, path)
  const found: unknown = issue.code === 'custom' ? issue.params?.['found'] : undefined
  const shown = typeof found === 'string' ? found : value === undefined ? 'nothing' : showValue(value, path)
  const hint =
    issue.code === 'invalid_value' && typeof value === 'string' ? didYouMean(value, issue.values.map(String)) : ''
  return [{ path, message: `found ${shown}; expected ${issue.message}${hint}` }]
}

function unknownKey(path: KeyPath, key: string): KeyProblem {
  const known = knownKeys(path)
  const message = `found an unknown key${didYouMean(key, known)}; expected one of ${known.join(', ')}`
  return { path: [...path, key], atKey: true, message }
}

/** The branch that took the value for what it is and found faults inside, else the last. */
function likeliestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] {
  const wrongKind = (issues: readonly Issue[]) =>
    issues.some((issue) => issue.code === 'invalid_type' && issue.path.length === 0)
  return branches.find((issues) => !wrongKind(issues)) ?? branches.at(-1) ?? []
}

function keyPathOf(issue: Issue): KeyPath {
  return issue.path.map((key) => (typeof key === 'number' ? key : String(key)))
}

interface Sources {
  readonly source: YamlSource
  /** Left out: no variable changes it. */
  readonly overridden?: Pick<Overridden, 'variableOf'>
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
    const variable = overridden?.variableOf(path)
    if (variable !== undefined)
      return { place: `${variable} (${showPath(path)})`, message, path, line: Infinity, column: 0 }
    return placed(file, { path, position: atKey ? source.positionOfKey(path) : source.positionOf(path), message })
  })
  return [...inFile, ...others]
    .sort((a, b) => (a.line === b.line ? a.column - b.column : a.line < b.line ? -1 : 1))
    .map(({ line: _line, column: _column, ...problem }) => problem)
}

function placed(file: string, { path, position, message }: YamlSource['problems'][number]): Placed {
  const key = showPath(path)
  const { line, column } = position
  return { place: `${file}:${line}:${column}${key === '' ? '' : ` ${key}`}`, message, path, line, column }
}
