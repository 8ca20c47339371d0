import { writeSync } from 'node:fs'
import { explain } from '../runtime/errors.ts'
import { printable } from '../runtime/printable.ts'
import { ExitCode } from './exit-codes.ts'
import type { Redaction } from './redaction.ts'

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
export function describeError(error: unknown, { redaction, showsStack }: CrashOptions): string {
  const stack = showsStack && error instanceof Error ? `\n${error.stack ?? ''}` : ''
  return printable(redaction.redact(`${explain(error)}${stack}`))
}
