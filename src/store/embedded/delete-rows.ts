import type { Labels } from '../../model/series.ts'
import type { Database } from './duckdb.ts'
import type { KnownSeries } from './stored-series.ts'

/** All samples of the series and the series itself or, after any failure or death of the process, nothing. */
export async function deleteRows(database: Database, known: KnownSeries, labels: Labels): Promise<void> {
  const id = known.find(labels)
  if (id === undefined) return
  await database.run('BEGIN')
  try {
    await database.run(`DELETE FROM samples WHERE series = ${id}`)
    await database.run(`DELETE FROM series WHERE id = ${id}`)
    await database.run('COMMIT')
  } catch (error) {
    await database.run('ROLLBACK').catch(() => {})
    throw error
  }
  known.forget([id])
}
