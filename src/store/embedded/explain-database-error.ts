import { at } from '../../model/at.ts'
import { StoreError } from '../../model/store.ts'

/** What DuckDB complains of, as a `StoreError`. */
export function explainDatabaseError(error: unknown, asked: string): StoreError {
  if (error instanceof StoreError) return error
  const message = error instanceof Error ? error.message : String(error)
  const text = `${asked}: ${at(message.split('\n'), 0)}`
  if (/lock/i.test(message) && /conflict|could not set|held/i.test(message))
    return new StoreError('locked', `${asked}: another process has it open${pidIn(message)}`, {
      hint: 'stop the other process, or let it do the work: while the daemon runs, commands go through it',
      cause: error,
    })
  if (/no space left|disk.*full|quota/i.test(message))
    return new StoreError('read-only', text, { hint: 'the disk is full: free some of it', cause: error })
  return new StoreError('unusable', text, {
    hint: 'if it stays so after a restart, move the file away: the history is loaded again from the devices',
    cause: error,
  })
}

function pidIn(message: string): string {
  const pid = /PID (\d+)/.exec(message)?.[1]
  return pid === undefined ? '' : ` (process ${pid})`
}

export function explainMissingLibrary(why: string): StoreError {
  return new StoreError('unusable', `the embedded store needs @duckdb/node-api, which cannot be loaded here: ${why}`, {
    hint: 'write to a VictoriaMetrics instead (store.url), or run it where DuckDB has a binary (Linux on x64 or arm64, macOS, Windows), installed with its optional packages',
  })
}
