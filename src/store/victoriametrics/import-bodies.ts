import type { SeriesSamples } from '../../model/series.ts'
import { storedLabels } from '../stored-labels.ts'

/** The shape that VictoriaMetrics reads fastest; far below the 10 MiB that a line may hold. */
const SAMPLES_A_LINE = 1_000
const SAMPLES_A_BODY = 100_000

/** JSON lines for /api/v1/import, one body after another, in the order of the batch. */
export function* importBodies(batch: readonly SeriesSamples[]): Generator<string> {
  let lines: string[] = []
  let room = SAMPLES_A_BODY
  for (const { labels, timestampsMs, values } of batch) {
    const metric = JSON.stringify(storedLabels(labels))
    for (let from = 0; from < timestampsMs.length;) {
      const until = Math.min(timestampsMs.length, from + Math.min(SAMPLES_A_LINE, room))
      const [lineValues, lineTimes] = [values.slice(from, until), timestampsMs.slice(from, until)]
      lines.push(`{"metric":${metric},"values":[${lineValues.join(',')}],"timestamps":[${lineTimes.join(',')}]}\n`)
      room -= until - from
      from = until
      if (room === 0) {
        yield lines.join('')
        lines = []
        room = SAMPLES_A_BODY
      }
    }
  }
  if (lines.length > 0) yield lines.join('')
}
