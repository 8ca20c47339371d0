import { seriesKey, type Labels } from '../../model/series.ts'
import { StoreError } from '../../model/store.ts'
import { storedKey, storedLabels } from '../stored-labels.ts'
import type { Answer } from '../http/http-client.ts'
import type { Connection } from './connection.ts'
import { explainAnswer } from './explain-answer.ts'
import type { Questions } from './questions.ts'
import { readText } from '../http/read-body.ts'
import { labelsSelector } from './selector.ts'
import { withWait } from './write-import.ts'

export interface DeleteContext {
  readonly connection: Connection
  readonly questions: Questions
  /** A deletion misses what was written but cannot be seen yet, and that would then come to light. */
  readonly flush: (signal: AbortSignal) => Promise<void>
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const DELETE_PATH = '/api/v1/admin/tsdb/delete_series'
/** After so long a deletion that was not answered is executed or never will be. */
const VISIBLE_AFTER_MS = 70_000
const ATTEMPT_COUNT = 3

/** Deletes until nothing of the series is left, each time only after the selector was seen to find it alone. */
export async function deleteSeries(context: DeleteContext, labels: Labels, signal: AbortSignal): Promise<void> {
  const { connection, questions, flush } = context
  for (let attempt = 1; ; attempt++) {
    await flush(signal)
    const without = await findAlone(questions, labels, signal)
    if (without === undefined) return
    if (attempt > ATTEMPT_COUNT)
      throw new StoreError('unavailable', `${describe(labels)} is still there after ${ATTEMPT_COUNT} deletions`, {
        hint: 'look at the log of the store; does another program write this series?',
      })
    await sendDelete(connection, labelsSelector(labels, { nonce: questions.nonce(), without }), signal)
  }
}

/** The names of labels that others have, with which the selector finds this series alone; undefined where it is not there. */
async function findAlone(
  questions: Questions,
  labels: Labels,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  if (Object.keys(storedLabels(labels)).length === 0) throw new StoreError('rejected', 'a series without labels')
  const list = (without: readonly string[]) =>
    questions.listLabels(labelsSelector(labels, { nonce: questions.nonce(), without }), signal)
  const without = [...new Set((await list([])).flatMap((found) => Object.keys(found)))]
  const found = await list(without)
  const others = found.filter((each) => seriesKey(each) !== storedKey(labels))
  if (others.length === found.length) return undefined
  if (others.length > 0)
    throw new StoreError(
      'rejected',
      `not deleted: what selects ${describe(labels)} would select ${others.map(describe).join(' and ')} too`,
      { hint: 'rename the label with the unusual name in the other series, or delete the series yourself' },
    )
  return without
}

async function sendDelete(connection: Connection, selector: string, signal: AbortSignal): Promise<void> {
  const body = new URLSearchParams({ 'match[]': selector }).toString()
  const read = async (answer: Answer, stream: AsyncIterable<Buffer>) => {
    const text = await readText(answer, stream)
    if (answer.status !== 204) throw explainRefusal(answer, text)
  }
  try {
    await connection.exchange(
      { to: 'delete', method: 'POST', path: DELETE_PATH, headers: FORM, body },
      { read, signal },
    )
  } catch (error) {
    throw error instanceof StoreError && error.ambiguous ? withWait(error, VISIBLE_AFTER_MS) : error
  }
}

function explainRefusal(answer: Answer, text: string): StoreError {
  const error = explainAnswer(answer, text)
  if (error.reason !== 'rejected' && error.reason !== 'unauthorized') return error
  return new StoreError('rejected', `${error.message}; nothing was deleted`, {
    hint: 'the store must allow deletion: a -deleteAuthKey, or the proxy before the store, forbids it to this user',
    cause: error,
  })
}

function describe(labels: Labels): string {
  return JSON.stringify(labels).slice(0, 300)
}
