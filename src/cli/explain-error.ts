import { ForeignPathError } from '../runtime/foreign-path.ts'
import { ConfigError } from '../config/config-error.ts'
import { describeError, type CrashOptions } from './crash-report.ts'

/** What an error that ended a command says, and the line that may be typed in its place. */
export function explainError(error: unknown, args: readonly string[], options: CrashOptions): string {
  const words = describeError(error, options)
  return error instanceof ForeignPathError ? `${words}\n  ${asUser(error.user, args)}` : words
}

/** The same command, as another user. */
export function asUser(user: string, args: readonly string[]): string {
  return `as that user: sudo -u ${quote(user)} ${['iotawatt-sync', ...args].map(quote).join(' ')}`
}

function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}

/** For a program that asked for JSON: what `check` finds is a list, other commands end with one error. */
export function errorAsJson(error: unknown, command: string | undefined, words: string): string {
  if (command !== 'check') return JSON.stringify({ error: words })
  if (!(error instanceof ConfigError)) return JSON.stringify([bad(words)])
  return JSON.stringify(error.problems.map(({ place, message }) => bad(`${place}: ${message}`)))
}

function bad(message: string): object {
  return { verdict: 'BAD', subject: 'config', message }
}
