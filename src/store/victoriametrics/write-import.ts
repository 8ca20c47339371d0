import { type NewSamples, type Numbers, sampleCount } from '../../model/series.ts'
import { StoreError, type Store } from '../../model/store.ts'
import { checkBatch } from '../check-batch.ts'
import { storedLabels } from '../stored-labels.ts'
import { byteText, type ByteText } from './byte-text.ts'
import { type Answer, readText } from '../http/answer.ts'
import type { Connection } from './connection.ts'
import { explainAnswer } from './explain-answer.ts'

const IMPORT = {
  to: 'write',
  method: 'POST',
  path: '/api/v1/import',
  headers: { 'content-type': 'application/json' },
} as const

/** A batch this large is sent as two at a time: while the store is busy with one, it is short of work for its other core. */
const SAMPLES_FOR_TWO = 50_000

export interface ImportOptions {
  /** Learns what `mayLandForMs` needs, before the first body. */
  readonly prepare: (signal: AbortSignal) => Promise<void>
  /** How long the store may sit on a body. */
  readonly mayLandForMs: () => number
  /** Whatever came of it. */
  readonly onSent: () => void
}

/**
 * Sends each body once, those of a series one after another; the first that fails ends it, when all that is under way
 * has ended.
 */
export function importWriter(connection: Connection, { prepare, mayLandForMs, onSent }: ImportOptions): Store['write'] {
  return async function writeImport(batch, signal) {
    signal.throwIfAborted()
    checkBatch(batch)
    await prepare(signal)
    const errors: unknown[] = []
    await Promise.all(
      partsOf(batch).map(async (part) => {
        try {
          // Who has answered has read all of a body, so the next one takes its place.
          for (const text of importBodies(part))
            if (errors.length === 0)
              await connection.exchange({ ...IMPORT, body: text }, { read: requireAccepted, signal })
        } catch (error) {
          errors.push(error)
        }
      }),
    )
    onSent()
    if (errors.length === 0) return
    const ambiguous = errors.find((error) => error instanceof StoreError && error.ambiguous)
    throw ambiguous instanceof StoreError ? withWait(ambiguous, mayLandForMs()) : errors[0]
  }
}

/** No series is in both parts: it must not have newer samples while older ones fail. */
function partsOf(batch: readonly NewSamples[]): (readonly NewSamples[])[] {
  if (batch.length < 2 || sampleCount(batch) < SAMPLES_FOR_TWO) return [batch]
  const middle = Math.ceil(batch.length / 2)
  return [batch.slice(0, middle), batch.slice(middle)]
}

async function requireAccepted(answer: Answer): Promise<void> {
  const text = await readText(answer)
  if (answer.status !== 204) throw explainAnswer(answer, text)
}

/** The same ambiguous error, with how long what it may still do takes. */
export function withWait(error: StoreError, mayLandForMs: number): StoreError {
  return new StoreError(error.reason, error.message, {
    ambiguous: true,
    mayLandForMs,
    cause: error.cause,
    ...(error.hint !== undefined && { hint: error.hint }),
  })
}

/** The shape that VictoriaMetrics reads fastest; far below the 10 MiB that a line may hold. */
const SAMPLES_A_LINE = 1_000
const SAMPLES_A_BODY = 100_000

/** JSON lines for /api/v1/import, one body after another, in the order of the batch; each is valid until the next. */
export function* importBodies(batch: readonly NewSamples[]): Generator<Buffer> {
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
function timesWriter(text: ByteText): (timestampsMs: Numbers, from: number, until: number) => void {
  let known: Numbers = []
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
