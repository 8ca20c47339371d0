import type { Labels } from '../../model/series.ts'
import { storedKey, storedLabels } from '../stored-labels.ts'
import type { Database } from './duckdb.ts'

/** In place of the labels of a removed series; no other is without labels, and its number is not given again. */
const REMOVED = '{}'

export type KnownSeries = Awaited<ReturnType<typeof loadKnownSeries>>

/** The series that the file knows, all in memory: a house has dozens. */
export async function loadKnownSeries(database: Database) {
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
    find: (labels: Labels) => idOf.get(storedKey(labels)),
    all: (): ReadonlyMap<number, Labels> => labelsOf,
    /** New ones become part of the transaction that is open; `forget` undoes that here when it is rolled back. */
    async add(labels: Labels): Promise<number> {
      const id = ++lastId
      await database.run('INSERT INTO series VALUES (?, ?)', [id, JSON.stringify(storedLabels(labels))])
      remember(id, storedLabels(labels))
      return id
    },
    forget,
    /** Its rows stay in the file, out of reach: to take them out of a large table needs more memory than the store has. */
    async remove(labels: Labels): Promise<void> {
      const id = idOf.get(storedKey(labels))
      if (id === undefined) return
      await database.run(`UPDATE series SET labels = '${REMOVED}' WHERE id = ${id}`)
      forget([id])
    },
  }
}

function parseLabels(text: string): Labels {
  const parsed: unknown = JSON.parse(text)
  if (typeof parsed !== 'object' || parsed === null) throw new TypeError(`not labels: ${text}`)
  return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, String(value)]))
}
