import { at } from '../../model/at.ts'
import { type Labels, seriesKey, type StoredSeries } from '../../model/series.ts'
import { isAskedFor, type SeriesQuery, type Store } from '../../model/store.ts'
import { minuteCount } from '../../model/time-window.ts'
import { storedLabels } from '../stored-labels.ts'
import { fromClause, identifier, tagConditions, whereClause } from './influxql.ts'
import type { Place } from './layout.ts'
import { readColumn, readTexts } from './questions.ts'
import type { Reader } from './read-series.ts'

/** By one question for each place and field. */
export function seriesLister(reader: Reader): Store['listSeries'] {
  return async (query, signal) => {
    const { metrics, window } = query
    if (metrics.length === 0 || minuteCount(window) === 0) return []
    const ask = async (place: Place) =>
      (await fieldsOf(reader, place, signal)).map(
        (field) => [selectLast(reader, { place, field, window }), field] as const,
      )
    const asked = await Promise.all(reader.layout.placesOf(query).map(ask))
    // Two places may be the same, or hold the same series.
    const fieldOf = new Map(asked.flat())
    const statements = [...fieldOf.keys()]
    if (statements.length === 0) return []
    const found = new Map<string, StoredSeries>()
    for (const part of await reader.questions.askRows(statements, signal)) {
      const field = fieldOf.get(statements[part.statement] ?? '') ?? ''
      const labels = reader.layout.labelsOf({ measurement: part.name, tags: storedLabels(part.tags), field })
      if (labels === undefined || !isAsked(labels, query)) continue
      found.set(seriesKey(labels), { labels, positionMs: at(readColumn(part, 'time'), 0) })
    }
    return [...found.values()]
  }
}

function isAsked(labels: Labels, query: Pick<SeriesQuery, 'metrics' | 'device'>): boolean {
  return query.metrics.includes(labels['__name__'] ?? '') && isAskedFor(query, labels)
}

function selectLast(
  { retentionPolicy }: Reader,
  { place, field, window }: { place: Place; field: string; window: SeriesQuery['window'] },
): string {
  const from = fromClause(place.source, retentionPolicy)
  const where = whereClause(window, tagConditions([place.tags]))
  return `SELECT last(${identifier(field)}) FROM ${from} WHERE ${where} GROUP BY *`
}

/** By their names: those that a pattern is to find are asked for. */
async function fieldsOf(
  { questions, retentionPolicy }: Reader,
  { source, field }: Place,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (typeof field === 'string') return [field]
  const rows = await questions.askRows([`SHOW FIELD KEYS FROM ${fromClause(source, retentionPolicy)}`], signal)
  const names = new Set(rows.flatMap((part) => readTexts(part, 'fieldKey')))
  return [...names].filter((name) => field.test(name))
}
