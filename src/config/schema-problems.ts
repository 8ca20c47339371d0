import type * as z from 'zod'
import { MAX_FOUND_PROBLEMS } from './config-error.ts'
import { valueAt, type KeyPath } from './key-path.ts'
import { didYouMean } from '../model/nearest-name.ts'
import { knownKeys } from './settings.ts'
import { showKey, showValue } from './show-value.ts'

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
