import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { SeriesSamples } from '../../model/series.ts'
import { StoreError } from '../../model/store.ts'
import { checkBatch } from '../check-batch.ts'
import type { Answer, Connection } from './connection.ts'
import { explainAnswer } from './explain-answer.ts'
import { importBodies } from './import-bodies.ts'
import { readText } from './read-body.ts'

const compress = promisify(gzip)

/** One body after another, each once; the first that fails ends it. `settlesInMs`: how long the store may sit on one. */
export async function writeSamples(
  connection: Connection,
  { batch, settlesInMs }: { batch: readonly SeriesSamples[]; settlesInMs: () => number },
  signal: AbortSignal,
): Promise<void> {
  checkBatch(batch)
  for (const text of importBodies(batch))
    try {
      await sendBody(connection, text, signal)
    } catch (error) {
      throw error instanceof StoreError && error.ambiguous ? withWait(error, settlesInMs()) : error
    }
}

/**
 * Compressed only where the way is encrypted, and so probably long; always whole, with its length: a cut-off gzip
 * stream counts as a good one to VictoriaMetrics.
 */
async function sendBody(connection: Connection, text: Buffer, signal: AbortSignal): Promise<void> {
  const zipped = connection.isEncrypted
  await connection.exchange(
    {
      to: 'write',
      method: 'POST',
      path: '/api/v1/import',
      headers: { 'content-type': 'application/json', ...(zipped ? { 'content-encoding': 'gzip' } : {}) },
      body: zipped ? await compress(text, { level: 1 }) : text,
    },
    { read: requireAccepted, signal },
  )
}

async function requireAccepted(answer: Answer, body: AsyncIterable<Buffer>): Promise<void> {
  const text = await readText(answer, body)
  if (answer.status !== 204) throw explainAnswer(answer, text)
}

/** The same ambiguous error, with how long what it may still do takes. */
export function withWait(error: StoreError, settlesInMs: number): StoreError {
  return new StoreError(error.reason, error.message, {
    ambiguous: true,
    settlesInMs,
    cause: error.cause,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  })
}
