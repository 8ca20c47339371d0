import { at } from '../../model/at.ts'
import type { NewSamples, Numbers } from '../../model/series.ts'
import type { Database, SampleRows } from './duckdb.ts'
import type { KnownSeries } from './stored-series.ts'

/** All of the batch or, after any failure or death of the process, nothing; a sample that is there already stays as it is. */
export async function writeRows(database: Database, known: KnownSeries, batch: readonly NewSamples[]): Promise<void> {
  const filled = batch.filter(({ timestampsMs }) => timestampsMs.length > 0)
  if (filled.length === 0) return
  const added: number[] = []
  await database.run('BEGIN')
  try {
    const parts = []
    for (const { labels, timestampsMs, values } of filled) {
      const found = known.find(labels)
      const id = found ?? (await known.add(labels))
      if (found === undefined) added.push(id)
      parts.push({ id, timestampsMs, values })
    }
    if (isOrdered(parts) && !(await overlaps(database, parts))) await database.append('samples', rowsOf(parts))
    else await appendMissing(database, parts)
    await database.run('COMMIT')
  } catch (error) {
    known.forget(added)
    await database.run('ROLLBACK').catch(() => {})
    throw error
  }
}

type Part = Omit<NewSamples, 'labels'> & { readonly id: number }

function rowsOf(parts: readonly Part[]): SampleRows[] {
  // Channels of a device mostly share one list.
  const known = new Map<Numbers, SampleRows['timesMs']>()
  return parts.map(({ id, timestampsMs, values }) => {
    const timesMs = known.get(timestampsMs) ?? BigInt64Array.from(timestampsMs, BigInt)
    known.set(timestampsMs, timesMs)
    return { series: id, timesMs, values: values instanceof Float64Array ? values : Float64Array.from(values) }
  })
}

/** Each series once, each of its times once. */
function isOrdered(parts: readonly Part[]): boolean {
  return new Set(parts.map(({ id }) => id)).size === parts.length && timesOf(parts).every(isAscending)
}

function isAscending(times: Numbers): boolean {
  for (let index = 1; index < times.length; index++)
    if (!((times[index] ?? NaN) > (times[index - 1] ?? NaN))) return false
  return true
}

/** The lists of times, each once. */
function timesOf(parts: readonly Part[]): Numbers[] {
  return [...new Set(parts.map(({ timestampsMs }) => timestampsMs))]
}

/** The usual answer is no, and then nothing must be compared row by row. */
async function overlaps(database: Database, parts: readonly Part[]): Promise<boolean> {
  const spans = parts.map(
    ({ id, timestampsMs }) =>
      `(series = ${id} AND at_ms BETWEEN ${at(timestampsMs, 0)} AND ${at(timestampsMs, timestampsMs.length - 1)})`,
  )
  let found = false
  await database.read(`SELECT 1 FROM samples WHERE ${withinAll(parts)} AND (${spans.join(' OR ')}) LIMIT 1`, () => {
    found = true
  })
  return found
}

/** Lets complete blocks of the table be skipped. */
function withinAll(parts: readonly Part[]): string {
  let [first, last] = [Infinity, -Infinity]
  for (const times of timesOf(parts))
    for (const atMs of times) {
      first = Math.min(first, atMs)
      last = Math.max(last, atMs)
    }
  return `at_ms BETWEEN ${first} AND ${last}`
}

/** Without a key in the table (which would cost twenty times as much) the comparison is ours. */
async function appendMissing(database: Database, parts: readonly Part[]): Promise<void> {
  await database.run('CREATE OR REPLACE TEMP TABLE staged (series INTEGER, at_ms BIGINT, value DOUBLE)')
  await database.append('staged', rowsOf(parts))
  await database.run(
    `INSERT INTO samples SELECT series, at_ms, any_value(value) FROM staged
     ANTI JOIN (SELECT series, at_ms FROM samples WHERE ${withinAll(parts)}) USING (series, at_ms)
     GROUP BY series, at_ms ORDER BY series, at_ms`,
  )
  await database.run('DROP TABLE staged')
}
