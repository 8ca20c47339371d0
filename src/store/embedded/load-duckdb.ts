import { createRequire } from 'node:module'
import { at } from '../../model/at.ts'
import { StoreError } from '../../model/store.ts'
import type * as Duckdb from './duckdb.ts'

/**
 * Why DuckDB's library cannot be loaded here, in a line; undefined where it can. Its binary, a package that is not
 * bundled, may be missing. With `require`: an import of a module that throws while it is loaded also ends the process on
 * Node 20, as a rejection that nobody handles.
 */
export function findMissingDuckdb(): string | undefined {
  try {
    createRequire(import.meta.url)('@duckdb/node-bindings')
    return undefined
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return `${at(message.split('\n'), 0)} (${process.platform} ${process.arch}, Node ${process.version})`
  }
}

/** @throws the Error that `explain` makes, where it cannot be loaded. */
export async function loadDuckdb(explain: (why: string) => Error): Promise<typeof Duckdb> {
  const why = findMissingDuckdb()
  if (why !== undefined) throw explain(why)
  return import('./duckdb.ts')
}

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
    hint: 'if it stays so after a restart, move the file away: everything is loaded again from the devices',
    cause: error,
  })
}

function pidIn(message: string): string {
  const pid = /PID (\d+)/.exec(message)?.[1]
  return pid === undefined ? '' : ` (process ${pid})`
}

export function explainMissingLibrary(why: string): StoreError {
  return new StoreError(
    'unusable',
    `the embedded store needs @duckdb/node-bindings, which cannot be loaded here: ${why}`,
    {
      hint: 'write to a VictoriaMetrics instead (store.url), or run it where DuckDB has a binary (Linux on x64 or arm64, macOS, Windows), installed with its optional packages',
    },
  )
}
