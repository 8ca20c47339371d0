import { outOfRange } from '../../model/at.ts'
import type { NewSamples } from '../../model/series.ts'
import { StoreError } from '../../model/store.ts'
import { type Answer, readText } from '../http/answer.ts'
import { checkBatch } from '../check-batch.ts'
import type { Connection } from './connection.ts'
import { explainAnswer } from './explain-answer.ts'
import type { Layout, Point } from './layout.ts'

/** Far below the 25 MB that a body may have. */
const MAX_BODY_CHARACTERS = 2_000_000

/** Each body once, those of a series one after another; the first that fails ends it. */
export async function writeSamples(
  connection: Connection,
  { batch, layout }: { readonly batch: readonly NewSamples[]; readonly layout: Layout },
  signal: AbortSignal,
): Promise<void> {
  checkBatch(batch)
  const placed = batch.map((series) => ({ ...series, head: headOf(layout.pointOf(series.labels)) }))
  const read = async (answer: Answer) => {
    const text = await readText(answer)
    if (answer.status !== 204) throw explainAnswer(answer, text, connection.target)
  }
  for (const lines of bodies(placed)) await connection.write(lines, { read, signal })
}

interface PlacedSamples extends NewSamples {
  /** Of each of its lines. */
  readonly head: string
}

function* bodies(batch: readonly PlacedSamples[]): Generator<string> {
  let lines: string[] = []
  let length = 0
  for (const { head, timestampsMs, values } of batch)
    for (const [index, atMs] of timestampsMs.entries()) {
      const line = `${head}${values[index] ?? outOfRange(values, index)} ${atMs}\n`
      lines.push(line)
      length += line.length
      if (length < MAX_BODY_CHARACTERS) continue
      yield lines.join('')
      lines = []
      length = 0
    }
  if (lines.length > 0) yield lines.join('')
}

/** `power,device=house,location=Mains_1 value=`: a number without a suffix is a float, whatever its digits. */
export function headOf({ measurement, tags, field }: Point): string {
  const names = Object.keys(tags).sort()
  const reserved = [...names, field].find((name) => name === 'time')
  if (measurement === '' || field === '' || reserved !== undefined)
    throw new StoreError(
      'rejected',
      `not written: InfluxDB takes no ${measurement === '' ? 'measurement without a name' : field === '' ? 'field without a name' : 'tag and no field that is called time'}`,
      { hint: 'correct store.measurement, store.tags, store.field or the rules under labels' },
    )
  const pairs = names.map((name) => `,${escapeKey(name)}=${escapeKey(tags[name] ?? '')}`)
  return `${measurement.replace(/[, ]/g, '\\$&')}${pairs.join('')} ${escapeKey(field)}=`
}

function escapeKey(text: string): string {
  return text.replace(/[,= ]/g, '\\$&')
}
