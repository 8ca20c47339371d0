import type { KeyPath } from './key-path.ts'

/** One mistake. `place`: file, line, column and key, or the environment variable; `message`: found, and expected. */
export interface Problem {
  readonly place: string
  readonly message: string
  /** Of a mistake at a key; not to be shown, as a key may hold a secret. */
  readonly path?: KeyPath
  /** Absolute; of one in a file of `deviceFiles`. */
  readonly deviceFile?: string
}

/** Of more, nobody reads on; and what is in the wrong place may have very many. */
export const MAX_NAMED_PROBLEMS = 50
/** As many as are named, and one that says that there are more: each takes time that grows with the file. */
export const MAX_FOUND_PROBLEMS = MAX_NAMED_PROBLEMS + 1

/** What is wrong with a configuration, at once; the message is one line per mistake and what to do next. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[], next: string) {
    super([...problems.map(({ place, message }) => `${place}: ${message}`), next].join('\n'))
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/** The configuration is there, and this user may not read it. */
export class ForbiddenFileError extends ConfigError {
  /** Absolute. */
  readonly path: string

  constructor(path: string, problem: Problem) {
    super([problem], 'Give this user permission to read it, or run the command as its owner.')
    this.path = path
  }
}
