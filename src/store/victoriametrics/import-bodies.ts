import type { SeriesSamples } from '../../model/series.ts'
import { storedLabels } from '../stored-labels.ts'
import { byteText, type ByteText } from './byte-text.ts'

/** The shape that VictoriaMetrics reads fastest; far below the 10 MiB that a line may hold. */
const SAMPLES_A_LINE = 1_000
const SAMPLES_A_BODY = 100_000

/** JSON lines for /api/v1/import, one body after another, in the order of the batch. */
export function* importBodies(batch: readonly SeriesSamples[]): Generator<Buffer> {
  const text = byteText()
  const addTimes = timesWriter(text)
  let count = 0
  for (const { labels, timestampsMs, values } of batch) {
    const head = `{"metric":${JSON.stringify(storedLabels(labels))},"values":[`
    for (let from = 0; from < timestampsMs.length; from += SAMPLES_A_LINE) {
      const until = Math.min(timestampsMs.length, from + SAMPLES_A_LINE)
      text.add(head)
      text.addNumbers(values, from, until)
      text.add('],"timestamps":[')
      addTimes(timestampsMs, from, until)
      text.add(']}\n')
      count += until - from
      if (count < SAMPLES_A_BODY) continue
      yield text.take()
      count = 0
    }
  }
  if (count > 0) yield text.take()
}

/** Series of one device often share the list of their times: its text is made once. */
function timesWriter(text: ByteText): (timestampsMs: readonly number[], from: number, until: number) => void {
  let known: readonly number[] = []
  let textByStart = new Map<number, Buffer>()
  return (timestampsMs, from, until) => {
    if (timestampsMs !== known) textByStart = new Map()
    known = timestampsMs
    const made = textByStart.get(from)
    if (made) text.addBytes(made)
    else {
      const start = text.length
      text.addNumbers(timestampsMs, from, until)
      textByStart.set(from, Buffer.from(text.since(start)))
    }
  }
}
