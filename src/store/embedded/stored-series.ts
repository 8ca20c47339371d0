import type { Labels } from '../../model/series.ts'
import { storedKey, storedLabels } from '../stored-labels.ts'
import type { Database } from './duckdb.ts'

/** The series that the file knows, all in memory: a house has dozens. */
export interface KnownSeries {
  find(labels: Labels): number | undefined
  all(): Iterable<readonly [id: number, labels: Labels]>
  /** New ones become part of the transaction that is open; `forget` undoes that here when it is rolled back. */
  add(database: Database, labels: Labels): Promise<number>
  forget(ids: readonly number[]): void
  /** Its rows stay in the file, out of reach: to take them out of a large table needs more memory than the store has. */
  remove(database: Database, labels: Labels): Promise<void>
}

/** In place of the labels of a removed series; no other is without labels, and its number is not given again. */
const REMOVED = '{}'

export async function loadKnownSeries(database: Database): Promise<KnownSeries> {
  const labelsOf = new Map<number, Labels>()
  const idOf = new Map<string, number>()
  const remember = (id: number, labels: Labels) => {
    labelsOf.set(id, labels)
    idOf.set(storedKey(labels), id)
  }
  const forget = (ids: readonly number[]) => {
    for (const id of ids) {
      idOf.delete(storedKey(labelsOf.get(id) ?? {}))
      labelsOf.delete(id)
    }
  }
  let lastId = 0
  await database.read('SELECT id, labels FROM series', ([id, labels]) => {
    lastId = Math.max(lastId, Number(id))
    if (labels !== REMOVED) remember(Number(id), parseLabels(String(labels)))
  })

  return {
    find: (labels) => idOf.get(storedKey(labels)),
    all: () => labelsOf,
    async add(target, labels) {
      const id = ++lastId
      await target.insert('INSERT INTO series VALUES (?, ?)', [id, JSON.stringify(storedLabels(labels))])
      remember(id, storedLabels(labels))
      return id
    },
    forget,
    async remove(target, labels) {
      const id = idOf.get(storedKey(labels))
      if (id === undefined) return
      await target.run(`UPDATE series SET labels = '${REMOVED}' WHERE id = ${id}`)
      forget([id])
    },
  }
}

function parseLabels(text: string): Labels {
  const parsed: unknown = JSON.parse(text)
  if (typeof parsed !== 'object' || parsed === null) throw new TypeError(`not labels: ${text}`)
  return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, String(value)]))
}
