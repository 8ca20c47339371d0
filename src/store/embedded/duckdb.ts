import { setImmediate } from 'node:timers/promises'
import bindings from '@duckdb/node-bindings'
import { BIGINT, DOUBLE, type DuckDBConnection, DuckDBDataChunk, DuckDBInstance, INTEGER } from '@duckdb/node-api'

export type Database = Awaited<ReturnType<typeof openDatabase>>
type SampleTable = 'samples' | 'staged'

/** Of one series; the two arrays are of equal length. */
export interface SampleRows {
  readonly series: number
  readonly timesMs: BigInt64Array<ArrayBuffer>
  readonly values: Float64Array<ArrayBuffer>
}

const OPTIONS = {
  // Its cache of the file fills whatever it may take; loading years is as fast with little.
  memory_limit: '16MB',
  threads: '1',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
}
const CHUNK_ROWS = 2048
/** Its library frees memory only when the event loop turns. */
const CHUNKS_A_TURN = 8

/**
 * The one file that knows DuckDB's own library, which is not there on every platform; it is imported when needed.
 * Throws where any process has the database open, this one too: against itself the lock of the file does not protect.
 */
export async function openDatabase(path: string, { readOnly = false } = {}) {
  const instance = await DuckDBInstance.fromCache(path, { ...OPTIONS, ...(readOnly && { access_mode: 'READ_ONLY' }) })
  const connection = await instance.connect()
  const reader = await connection.runAndReadAll('FROM duckdb_connection_count()')
  if (Number(reader.getRows()[0]?.[0]) !== 1) {
    connection.closeSync()
    instance.closeSync()
    throw new Error('Conflicting lock is held in this process')
  }
  return {
    run: async (sql: string, values?: (string | number)[]): Promise<void> => {
      await connection.run(sql, values)
    },
    /** Each row as it comes; only numbers and texts come out. */
    read: (sql: string, onRow: (row: readonly (string | number)[]) => void): Promise<void> =>
      readChunks(connection, sql, (chunk) => {
        for (const row of chunk.getRows()) onRow(row.map(plainValue))
      }),
    /** Some rows at a time, a column after the other: for millions of rows, all of which are numbers, none of them BIGINT. */
    readColumns: (sql: string, onColumns: (columns: readonly (readonly number[])[]) => void): Promise<void> =>
      readChunks(connection, sql, (chunk) => onColumns(chunk.getColumns().map(numbersOf))),
    append: (table: SampleTable, parts: readonly SampleRows[]): Promise<void> => appendRows(connection, table, parts),
    close: () => {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

/** A statement that reads and writes files, without a database. */
export async function runOnFiles(sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { ...OPTIONS, memory_limit: '128MB' })
  const connection = await instance.connect()
  try {
    await connection.run(sql)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

async function readChunks(
  connection: DuckDBConnection,
  sql: string,
  onChunk: (chunk: DuckDBDataChunk) => void,
): Promise<void> {
  const result = await connection.stream(sql)
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    onChunk(chunk)
    await setImmediate()
  }
}

function numbersOf(column: readonly unknown[]): readonly number[] {
  if (!column.every((value) => typeof value === 'number'))
    throw new TypeError('the embedded store answered something else where numbers were asked for')
  return column
}

function plainValue(value: unknown): string | number {
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'number' || typeof value === 'string') return value
  throw new TypeError(`the embedded store answered ${typeof value} where a number was asked for`)
}

/** Columns are copied as they lie in memory: millions of rows, one value after the other, would take several times as long. */
async function appendRows(
  connection: DuckDBConnection,
  table: SampleTable,
  parts: readonly SampleRows[],
): Promise<void> {
  const appender = await (table === 'staged'
    ? connection.createAppender('staged', 'main', 'temp')
    : connection.createAppender('samples'))
  try {
    const chunk = DuckDBDataChunk.create([INTEGER, BIGINT, DOUBLE])
    let chunkCount = 0
    for (const { series, timesMs, values } of parts) {
      const ids = new Int32Array(Math.min(CHUNK_ROWS, timesMs.length)).fill(series)
      for (let from = 0; from < timesMs.length; from += CHUNK_ROWS) {
        const count = Math.min(CHUNK_ROWS, timesMs.length - from)
        chunk.reset()
        chunk.rowCount = count
        const columns = [
          ids.subarray(0, count),
          timesMs.subarray(from, from + count),
          values.subarray(from, from + count),
        ]
        for (const [index, { buffer, byteOffset, byteLength }] of columns.entries())
          bindings.copy_data_to_vector(
            bindings.data_chunk_get_vector(chunk.chunk, index),
            0,
            buffer,
            byteOffset,
            byteLength,
          )
        appender.appendDataChunk(chunk)
        if (++chunkCount % CHUNKS_A_TURN === 0) await setImmediate()
      }
    }
    await setImmediate()
  } finally {
    appender.closeSync()
  }
}
