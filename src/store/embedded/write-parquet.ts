import { StoreError } from '../../model/store.ts'
import { explainDatabaseError, findMissingDuckdb, loadDuckdb } from './load-duckdb.ts'

export interface ParquetOptions {
  /** Compressed with gzip; its head names the columns: time, local_time where it has one, device, location, metric, value. */
  readonly csvPath: string
  readonly path: string
  readonly hasLocalTime: boolean
}

/** A CSV file as Parquet, in little memory, whatever its size. */
export async function writeParquet({ csvPath, path, hasLocalTime }: ParquetOptions): Promise<void> {
  const { runOnFiles } = await loadDuckdb(explainMissingParquet)
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

/** To be asked before there is anything to write. @throws StoreError `unusable` */
export function requireParquet(): void {
  const why = findMissingDuckdb()
  if (why !== undefined) throw explainMissingParquet(why)
}

function explainMissingParquet(why: string): StoreError {
  return new StoreError('unusable', `Parquet needs @duckdb/node-bindings, which cannot be loaded here: ${why}`, {
    hint: 'export to CSV or NDJSON, which other programs turn into Parquet',
  })
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
