import { access, constants, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import pLimit from 'p-limit'
import { at, outOfRange } from '../../model/at.ts'
import type { Labels, Sample, StoredSeries } from '../../model/series.ts'
import type { SeriesQuery, Store } from '../../model/store.ts'
import { DAY_MS, minuteCount, type TimeWindow } from '../../model/time-window.ts'
import type { Clock } from '../../runtime/clock.ts'
import { makeFolder } from '../../runtime/make-folder.ts'
import { checkBatch } from '../check-batch.ts'
import { coverByDays, type DayReader, DayState, MINUTES_A_DAY } from '../cover-by-days.ts'
import { storedKey } from '../stored-labels.ts'
import type { Database } from './duckdb.ts'
import { explainDatabaseError, explainMissingLibrary, loadDuckdb } from './load-duckdb.ts'
import { readSamples, totalSamples, within } from './read-samples.ts'
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

  const days = dayReader(database, known)
  return {
    name: `embedded store in ${path}`,
    status: (signal) =>
      task(signal, () =>
        Promise.resolve({
          startedAtMs,
          clockMs: clock.nowMs(),
          retainsFromMs: 0,
          deduplicates: true,
          buffers: false,
          ...(isYetToBeMade && { isYetToBeMade }),
        }),
      ),
    flush: (signal) => task(signal, () => Promise.resolve()),
    listSeries: (query, signal) => task(signal, () => listSeries(database, known, query)),
    coverage: (series, window, signal) => task(signal, () => coverByDays(days, { series, window }, signal)),
    firstSamples: (series, window, signal) => task(signal, () => firstSamples(database, known, { series, window })),
    readSamples: (series, window, signal) => task(signal, () => readSamples(database, known, { series, window })),
    totals: (series, window, signal) => task(signal, () => totalSamples(database, known, { series, window })),
    write: (batch, signal) =>
      task(signal, () => {
        checkBatch(batch)
        return writeRows(
          database,
          known,
          batch.filter(({ timestampsMs }) => timestampsMs.length > 0),
        )
      }),
    persist: (signal) => task(signal, () => Promise.resolve('durable' as const)),
    deleteSeries: (labels, signal) => task(signal, () => known.remove(database, labels)),
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

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

async function listSeries(
  database: Database,
  known: KnownSeries,
  { metrics, device, window }: SeriesQuery,
): Promise<readonly StoredSeries[]> {
  const candidates = new Map(
    [...known.all()].filter(
      ([, labels]) =>
        (device === undefined || (labels['device'] ?? '') === device) && metrics.includes(labels['__name__'] ?? ''),
    ),
  )
  const found: StoredSeries[] = []
  if (candidates.size > 0)
    await database.read(
      `SELECT series, max(at_ms) FROM samples WHERE ${within([...candidates.keys()], window)} GROUP BY series`,
      ([id, positionMs]) => {
        const labels = candidates.get(Number(id))
        if (labels) found.push({ labels, positionMs: Number(positionMs) })
      },
    )
  return found
}

async function firstSamples(
  database: Database,
  known: KnownSeries,
  { series, window }: { series: readonly Labels[]; window: TimeWindow },
): Promise<readonly (Sample | undefined)[]> {
  const ids = series.map((labels) => known.find(labels))
  const first = new Map<number, Sample>()
  await database.read(
    `SELECT series, min(at_ms), arg_min(value, at_ms) FROM samples WHERE ${within(ids, window)} GROUP BY series`,
    ([id, atMs, value]) => first.set(Number(id), { atMs: Number(atMs), value: Number(value) }),
  )
  return ids.map((id) => (id === undefined ? undefined : first.get(id)))
}

function dayReader(database: Database, known: KnownSeries): DayReader {
  const keysOf = (series: readonly Labels[]) => {
    const keys = new Map<number, string>()
    for (const labels of series) {
      const id = known.find(labels)
      if (id !== undefined) keys.set(id, storedKey(labels))
    }
    return keys
  }
  return {
    async digestDays(series, days) {
      const keys = keysOf(series)
      const dayCount = minuteCount(days) / MINUTES_A_DAY
      const digest = new Map([...keys.values()].map((key) => [key, new Uint8Array(dayCount)]))
      await database.read(
        `SELECT series, (at_ms - ${days.fromMs}) // ${DAY_MS} AS day, count(*), count(*) FILTER (at_ms % 60000 = 0)
         FROM samples WHERE ${within([...keys.keys()], days)} GROUP BY series, day`,
        ([id, day, count, onMinute]) => {
          const states = digest.get(keys.get(Number(id)) ?? '')
          const isComplete = count === MINUTES_A_DAY && onMinute === MINUTES_A_DAY
          if (states) states[Number(day)] = isComplete ? DayState.complete : DayState.mixed
        },
      )
      return digest
    },
    async readTimes(series, { window, onSample }) {
      const keys = keysOf(series)
      await database.readColumns(
        `SELECT series, at_ms::DOUBLE FROM samples WHERE ${within([...keys.keys()], window)}`,
        (columns) => {
          const [series, times] = [at(columns, 0), at(columns, 1)]
          for (const [index, id] of series.entries())
            onSample(keys.get(id) ?? '', times[index] ?? outOfRange(times, index))
        },
      )
    },
  }
}
