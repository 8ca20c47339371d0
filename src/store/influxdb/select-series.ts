import type { Labels } from '../../model/series.ts'
import type { TimeWindow } from '../../model/time-window.ts'
import { storedKey, storedLabels } from '../stored-labels.ts'
import { fromClause, identifier, tagConditions, whereClause } from './influxql.ts'
import { type Layout, type Point, pointKey } from './layout.ts'
import type { Questions, Rows } from './questions.ts'

/** What every look into the store works with. */
export interface Reader {
  readonly questions: Questions
  readonly layout: Layout
  /** Left out: that of the database. */
  readonly retentionPolicy: string | undefined
}

export interface Selection {
  readonly series: readonly Labels[]
  readonly window: TimeWindow
  /** What is selected of a field, such as `last("value")`; its name in quotes. */
  readonly select: (field: string) => string
  /** Behind `GROUP BY`, beside the tags. */
  readonly every?: string
}

interface SelectHandlers {
  readonly begin: () => void
  readonly onRows: (key: string, rows: Rows) => void
}

/** Asks for exactly these series, by one statement for each field; rows come with the `storedKey` of their series. */
export async function selectSeries(
  { questions, layout, retentionPolicy }: Reader,
  { series, window, select, every }: Selection,
  { begin, onRows, signal }: SelectHandlers & { readonly signal: AbortSignal },
): Promise<void> {
  const points = series.map((labels) => ({ key: storedKey(labels), point: layout.pointOf(labels) }))
  const keys = new Map(points.map(({ key, point }) => [pointKey(point), key]))
  const groups = groupByField(points.map(({ point }) => point))
  if (groups.length === 0) return
  const statements = groups.map(({ field, members }) => {
    const from = fromClause({ names: [...new Set(members.map(({ measurement }) => measurement))] }, retentionPolicy)
    const where = whereClause(window, tagConditions(members.map(({ tags }) => tags)))
    const grouping = every === undefined ? '*' : `${every}, * fill(none)`
    return `SELECT ${select(identifier(field))} FROM ${from} WHERE ${where} GROUP BY ${grouping}`
  })
  const take = (rows: Rows) => {
    const field = groups[rows.statement]?.field ?? ''
    const key = keys.get(pointKey({ measurement: rows.name, tags: storedLabels(rows.tags), field }))
    if (key !== undefined) onRows(key, rows)
  }
  await questions.ask({ statements, begin, onRows: take }, signal)
}

interface FieldGroup {
  readonly field: string
  readonly members: readonly Point[]
}

function groupByField(points: readonly Point[]): readonly FieldGroup[] {
  const groups = new Map<string, Point[]>()
  for (const point of points) {
    const group = groups.get(point.field)
    if (group) group.push(point)
    else groups.set(point.field, [point])
  }
  return [...groups].map(([field, members]) => ({ field, members }))
}
