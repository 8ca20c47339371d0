import { StoreError } from '../../model/store.ts'
import { explainDatabaseError } from './explain-database-error.ts'

export interface ParquetOptions {
  /** Compressed with gzip; its head names the columns: time, local_time where it has one, device, location, metric, value. */
  readonly csvPath: string
  readonly path: string
  readonly hasLocalTime: boolean
}

/** A CSV file as Parquet, in little memory, whatever its size. */
export async function writeParquet({ csvPath, path, hasLocalTime }: ParquetOptions): Promise<void> {
  const { runOnFiles } = await import('./duckdb.ts').catch((error: unknown) => {
    throw new StoreError('unusable', 'Parquet needs @duckdb/node-api, which is not there for this platform', {
      hint: 'export to CSV or NDJSON, which other programs turn into Parquet',
      cause: error,
    })
  })
  const columns = [
    "'time': 'VARCHAR'",
    ...(hasLocalTime ? ["'local_time': 'VARCHAR'"] : []),
    "'device': 'VARCHAR', 'location': 'VARCHAR', 'metric': 'VARCHAR', 'value': 'DOUBLE'",
  ]
  const csv = `header = true, auto_detect = false, delim = ',', quote = '"', escape = '"'`
  const limits = 'buffer_size = 1048576, max_line_size = 65536'
  const source = `read_csv(${quoted(csvPath)}, ${csv}, ${limits}, columns = {${columns.join(', ')}})`
  try {
    // Its reader of CSV makes nothing of a time that it cannot read; this refuses it.
    const rows = `SELECT * REPLACE (time::TIMESTAMPTZ AS time) FROM ${source}`
    await runOnFiles(`COPY (${rows}) TO ${quoted(path)} (FORMAT parquet, COMPRESSION zstd)`)
  } catch (error) {
    throw explainDatabaseError(error, path)
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
