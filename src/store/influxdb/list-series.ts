import { at } from '../../model/at.ts'
import { type Labels, seriesKey, type StoredSeries } from '../../model/series.ts'
import type { SeriesQuery } from '../../model/store.ts'
import { minuteCount } from '../../model/time-window.ts'
import { storedLabels } from '../stored-labels.ts'
import { fromClause, identifier, tagConditions, whereClause } from './influxql.ts'
import type { Place } from './layout.ts'
import { readColumn, readTexts } from './questions.ts'
import type { Reader } from './select-series.ts'

/** Every label set with a sample in the window, and its newest. */
export async function listSeries(
  reader: Reader,
  query: SeriesQuery,
  signal: AbortSignal,
): Promise<readonly StoredSeries[]> {
  const { metrics, device, window } = query
  if (metrics.length === 0 || minuteCount(window) === 0) return []
  const places = reader.layout.placesOf({ metrics, device })
  const asked = await Promise.all(places.map((place) => askedFields(reader, place, signal)))
  const statements = asked
    .flat()
    .map(({ place, field }) => ({ text: selectLast(reader, { place, field, window }), field }))
  if (statements.length === 0) return []
  // Two places may be the same, or hold the same series.
  const byText = [...new Map(statements.map((statement) => [statement.text, statement])).values()]
  const { rows } = await reader.questions.askRows(
    byText.map(({ text }) => text),
    signal,
  )
  const found = new Map<string, StoredSeries>()
  for (const part of rows) {
    const field = byText[part.statement]?.field ?? ''
    const labels = reader.layout.labelsOf({ measurement: part.name, tags: storedLabels(part.tags), field })
    if (labels === undefined || !isAsked(labels, query)) continue
    found.set(seriesKey(labels), { labels, positionMs: at(readColumn(part, 'time'), 0) })
  }
  return [...found.values()]
}

function isAsked(labels: Labels, { metrics, device }: Pick<SeriesQuery, 'metrics' | 'device'>): boolean {
  if (!metrics.includes(labels['__name__'] ?? '')) return false
  return device === undefined || (labels['device'] ?? '') === device
}

function selectLast(
  { retentionPolicy }: Reader,
  { place, field, window }: { place: Place; field: string; window: SeriesQuery['window'] },
): string {
  const from = fromClause(place.source, retentionPolicy)
  const where = whereClause(window, tagConditions([place.tags]))
  return `SELECT last(${identifier(field)}) FROM ${from} WHERE ${where} GROUP BY *`
}

/** The fields by their names: those that a pattern is to find are asked for. */
async function askedFields(
  { questions, retentionPolicy }: Reader,
  place: Place,
  signal: AbortSignal,
): Promise<readonly { readonly place: Place; readonly field: string }[]> {
  const { field } = place
  if (typeof field === 'string') return [{ place, field }]
  const { rows } = await questions.askRows(
    [`SHOW FIELD KEYS FROM ${fromClause(place.source, retentionPolicy)}`],
    signal,
  )
  const names = new Set(rows.flatMap((part) => readTexts(part, 'fieldKey')))
  return [...names].filter((name) => field.test(name)).map((name) => ({ place, field: name }))
}
