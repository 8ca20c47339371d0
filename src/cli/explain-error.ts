import { writeSync } from 'node:fs'
import { ConfigError } from '../config/config-error.ts'
import type { Config } from '../config/config.ts'
import { explain } from '../runtime/errors.ts'
import { ForeignPathError } from '../runtime/foreign-path.ts'
import { printable } from '../runtime/printable.ts'
import { redact } from '../runtime/redact.ts'
import { ExitCode } from './exit-codes.ts'

/** What an error that ended a command says, and the line that may be typed in its place. */
export function explainError(error: unknown, args: readonly string[], options: CrashOptions): string {
  const words = describeError(error, options)
  return error instanceof ForeignPathError ? `${words}\n  ${asUser(error.user, args)}` : words
}

/** The same command, as another user. */
export function asUser(user: string, args: readonly string[]): string {
  return `as that user: sudo -u ${quote(user)} ${['iotawatt-sync', ...args].map(quote).join(' ')}`
}

/** As one word of a shell. */
export function quote(text: string): string {
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

export const DEBUG_VARIABLE = 'IOTAWATT_SYNC_DEBUG'

export interface CrashOptions {
  readonly redaction: Redaction
  /** Whether where it happened is shown too. */
  readonly showsStack: boolean
}

/** An error that nobody caught ends the process: in words, without secrets, and with 1. */
export function reportCrashes(options: CrashOptions): void {
  process.on('uncaughtException', (error) => {
    const words = `iotawatt-sync ended at an error that it does not know: ${describeError(error, options)}\n  what is stored stays, and it may be started again; to see where it was: ${DEBUG_VARIABLE}=1\n`
    try {
      // The process ends before a stream would have written it.
      writeSync(2, words)
    } catch {
      // Nobody reads it.
    }
    process.exit(ExitCode.failed)
  })
}

/** What an error says, for a terminal. */
function describeError(error: unknown, { redaction, showsStack }: CrashOptions): string {
  const stack = showsStack && error instanceof Error ? `\n${error.stack ?? ''}` : ''
  return printable(redaction.redact(`${explain(error)}${stack}`))
}

/** The secrets of the configurations that were read, to be kept out of the log and of errors that nobody foresaw. */
export interface Redaction {
  learn(config: Config): void
  redact(text: string): string
}

export function createRedaction(): Redaction {
  const known = new Set<string>()
  let hide = redact([])
  return {
    learn(config) {
      for (const text of secretsOf(config)) known.add(text)
      hide = redact([...known])
    },
    redact: (text) => hide(text),
  }
}

function secretsOf({ store, web, devices, alerts }: Config): string[] {
  const { auth } = store
  const headers = Object.values(store.headers ?? {})
  const secrets = [
    auth?.kind === 'basic' ? auth.password : auth?.token,
    ...headers,
    web.token,
    ...devices.map((device) => device.auth?.password),
    ...(alerts?.receivers ?? []).map(({ token }) => token),
  ].flatMap((secret) => (secret ? [secret.reveal()] : []))
  const sent = auth?.kind === 'basic' ? [`${auth.username}:${auth.password.reveal()}`] : []
  return [...secrets, ...sent.map((text) => Buffer.from(text).toString('base64'))]
}
