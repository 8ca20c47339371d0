import type { Labels } from '../../model/series.ts'
import { StoreError } from '../../model/store.ts'
import { exactTags, fromClause, identifier } from './influxql.ts'
import { type Rows, readTexts } from './questions.ts'
import type { Reader } from './read-series.ts'
import { isOwn, policiesOf } from './read-status.ts'

/** Of 1.x: `DELETE` reaches all fields, in all retention policies, so it is refused where another one would lose something. */
export async function deleteSeries(
  { questions, layout, retentionPolicy }: Reader,
  labels: Labels,
  signal: AbortSignal,
): Promise<void> {
  const point = layout.pointOf(labels)
  const from = fromClause({ names: [point.measurement] }, undefined)
  const tagKeys = await questions.askRows([`SHOW TAG KEYS FROM ${from}`], signal)
  const names = tagKeys.flatMap((rows) => readTexts(rows, 'tagKey'))
  // Who has none of these tags at all cannot be selected: no series of this program is without tags.
  const where = exactTags(point.tags, names).join(' AND ')
  const policies = await policiesOf(questions, signal)
  const own = policies.find(isOwn(retentionPolicy))
  const looks = policies.map(({ name }) => {
    const source = fromClause({ names: [point.measurement] }, name)
    return `SELECT last(*) FROM ${source} WHERE ${where}`
  })
  const rows = await questions.askRows(looks, signal)
  if (rows.length === 0) return
  for (const part of rows) {
    const policy = policies[part.statement]?.name ?? ''
    const fields = fieldsIn(part)
    const others = policy === own?.name ? fields.filter((field) => field !== point.field) : fields
    if (others.length > 0)
      throw new StoreError(
        'rejected',
        `nothing is deleted: InfluxDB would delete ${others.map(identifier).join(', ')} of ${identifier(point.measurement)} in the retention policy ${identifier(policy)} too`,
        { hint: 'what is not of this program stays; delete the series in InfluxDB itself where nothing else needs it' },
      )
  }
  await questions.askRows([`DELETE FROM ${from} WHERE ${where}`], signal)
}

/** Fields of which `last(*)` found a value: it names all that the measurement has. */
function fieldsIn({ columns, values }: Rows): readonly string[] {
  const isThere = (index: number) => values.some((row) => Array.isArray(row) && row[index] !== null)
  return columns.flatMap((column, index) => (column !== 'time' && isThere(index) ? [column.replace(/^last_/, '')] : []))
}
