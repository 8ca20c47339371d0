import { access, constants, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import pLimit from 'p-limit'
import type { Durability, Store } from '../../model/store.ts'
import type { Clock } from '../../runtime/clock.ts'
import { isThere } from '../../runtime/is-there.ts'
import { makeFolder } from '../../runtime/make-folder.ts'
import { checkBatch } from '../check-batch.ts'
import type { Database } from './duckdb.ts'
import { explainDatabaseError, explainMissingLibrary, loadDuckdb } from './load-duckdb.ts'
import { seriesReader } from './read-series.ts'
import { type KnownSeries, loadKnownSeries } from './stored-series.ts'
import { writeRows } from './write-rows.ts'

export interface EmbeddedOptions {
  /** Made when it is not there. One process at a time can open it. */
  readonly folder: string
  /** It stays as it is: nothing is made, and nothing can be written. */
  readonly readOnly?: boolean
}

const FILE = 'store.duckdb'
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS series (id INTEGER NOT NULL, labels VARCHAR NOT NULL);
  CREATE TABLE IF NOT EXISTS samples (series INTEGER NOT NULL, at_ms BIGINT NOT NULL, value DOUBLE NOT NULL);`

/** Samples in a DuckDB file. A write is complete and durable when it returns; the same sample twice is kept once. */
export async function openEmbedded(
  { folder, readOnly = false }: EmbeddedOptions,
  { clock }: { clock: Clock },
): Promise<Store> {
  const path = join(folder, FILE)
  const { database, known, isYetToBeMade } = await (readOnly ? openToRead(path) : open(path))
  const startedAtMs = clock.nowMs()
  // One connection, whose open transaction every question would see: one thing at a time.
  const inTurn = pLimit(1)

  function task<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    return inTurn(async () => {
      signal.throwIfAborted()
      try {
        return await work()
      } catch (error) {
        if (signal.aborted) throw signal.reason
        throw explainDatabaseError(error, path)
      }
    })
  }

  const reader = seriesReader(database, known)
  return {
    name: `embedded store in ${path}`,
    status: (signal) =>
      task(signal, async () => ({
        startedAtMs,
        clockMs: clock.nowMs(),
        retainsFromMs: 0,
        deduplicates: true,
        buffers: false,
        ...(isYetToBeMade && { isYetToBeMade }),
      })),
    flush: (signal) => task(signal, async () => {}),
    listSeries: (query, signal) => task(signal, () => reader.listSeries(query, signal)),
    coverage: (series, window, signal) => task(signal, () => reader.coverage(series, window, signal)),
    firstSamples: (series, window, signal) => task(signal, () => reader.firstSamples(series, window, signal)),
    readSamples: (series, window, signal) => task(signal, () => reader.readSamples(series, window, signal)),
    totals: (series, window, signal) => task(signal, () => reader.totals(series, window, signal)),
    write: (batch, signal) =>
      task(signal, () => {
        checkBatch(batch)
        return writeRows(database, known, batch)
      }),
    persist: (signal) => task<Durability>(signal, async () => 'durable'),
    deleteSeries: (labels, signal) => task(signal, () => known.remove(labels)),
    // Closing writes the log of changes into the file.
    close: () => inTurn(() => database.close()),
  }
}

interface Opened {
  readonly database: Database
  readonly known: KnownSeries
  readonly isYetToBeMade?: boolean
}

async function openToRead(path: string): Promise<Opened> {
  const { openDatabase } = await loadDuckdb(explainMissingLibrary)
  // Neither makes anything; both find what would keep a later command from writing.
  if (await isThere(dirname(path))) await makeFolder(dirname(path))
  if (!(await isThere(path))) return openEmpty(openDatabase)
  let database: Database | undefined
  try {
    await access(path, constants.R_OK | constants.W_OK)
    database = await openDatabase(path, { readOnly: true })
    if (await hasTables(database)) return { database, known: await loadKnownSeries(database) }
  } catch (error) {
    database?.close()
    throw explainDatabaseError(error, path)
  }
  database.close()
  return openEmpty(openDatabase)
}

async function openEmpty(openDatabase: (path: string) => Promise<Database>): Promise<Opened> {
  const database = await openDatabase(':memory:')
  await database.run(SCHEMA)
  return { database, known: await loadKnownSeries(database), isYetToBeMade: true }
}

/** Its process may have been killed as soon as it had made the file. */
async function hasTables(database: Database): Promise<boolean> {
  let count = 0
  await database.read("SELECT 1 FROM duckdb_tables() WHERE table_name IN ('series', 'samples')", () => count++)
  return count === 2
}

async function open(path: string): Promise<Opened> {
  const { openDatabase } = await loadDuckdb(explainMissingLibrary)
  await makeFolder(dirname(path))
  const isNew = !(await isThere(path))
  let database: Database | undefined
  try {
    database = await openDatabase(path)
    await database.run(SCHEMA)
    return { database, known: await loadKnownSeries(database) }
  } catch (error) {
    database?.close()
    const explained = explainDatabaseError(error, path)
    // Half a header would look like a damaged store when there is space again.
    if (isNew && explained.reason === 'read-only') await rm(path, { force: true })
    throw explained
  }
}
