import { createRequire } from 'node:module'
import { at } from '../../model/at.ts'
import type * as Duckdb from './duckdb.ts'

/**
 * Why DuckDB's library cannot be loaded here, in a line; undefined where it can. It is its binary, another package, that
 * may be missing. With `require`: an import of a module that throws while it is loaded also ends the process on Node 20,
 * as a rejection that nobody handles.
 */
export function findMissingDuckdb(): string | undefined {
  try {
    createRequire(createRequire(import.meta.url).resolve('@duckdb/node-api'))('@duckdb/node-bindings')
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
