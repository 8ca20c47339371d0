import { seriesKey, type Labels } from '../../model/series.ts'
import { type Store, StoreError } from '../../model/store.ts'
import { describeLabels, storedKey, storedLabels } from '../stored-labels.ts'
import { type Answer, readText } from '../http/answer.ts'
import type { Connection } from './connection.ts'
import { explainAnswer } from './explain-answer.ts'
import { listLabels } from './list-series.ts'
import type { AskQuestion } from './questions.ts'
import { labelsSelector } from './selector.ts'
import { withWait } from './write-import.ts'

export interface DeleteContext {
  readonly connection: Connection
  readonly ask: AskQuestion
  /** A deletion misses what was written but cannot be seen yet, and that would then come to light. */
  readonly flush: (signal: AbortSignal) => Promise<void>
}

const DELETE_PATH = '/api/v1/admin/tsdb/delete_series'
/** After so long a deletion that was not answered is executed or never will be. */
const VISIBLE_AFTER_MS = 70_000
const ATTEMPT_COUNT = 3

/** Deletes until nothing of the series is left, each time only after the selector was seen to find it alone. */
export function seriesDeleter({ connection, ask, flush }: DeleteContext): Store['deleteSeries'] {
  return async (labels, signal) => {
    for (let attempt = 1; ; attempt++) {
      await flush(signal)
      const without = await findAlone(ask, labels, signal)
      if (without === undefined) return
      if (attempt > ATTEMPT_COUNT)
        throw new StoreError(
          'unavailable',
          `${describeLabels(labels)} is still there after ${ATTEMPT_COUNT} deletions`,
          {
            hint: 'look at the log of the store; does another program write this series?',
          },
        )
      await sendDelete(connection, labelsSelector(labels, without), signal)
    }
  }
}

/** The names of labels that others have, with which the selector finds this series alone; undefined where it is not there. */
async function findAlone(
  ask: AskQuestion,
  labels: Labels,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  if (Object.keys(storedLabels(labels)).length === 0) throw new StoreError('rejected', 'a series without labels')
  const list = (without: readonly string[]) => listLabels(ask, labelsSelector(labels, without), signal)
  const without = [...new Set((await list([])).flatMap((found) => Object.keys(found)))]
  const found = await list(without)
  const others = found.filter((each) => seriesKey(each) !== storedKey(labels))
  if (others.length === found.length) return undefined
  if (others.length > 0)
    throw new StoreError(
      'rejected',
      `not deleted: what selects ${describeLabels(labels)} would select ${others.map(describeLabels).join(' and ')} too`,
      { hint: 'rename the label with the unusual name in the other series, or delete the series yourself' },
    )
  return without
}

async function sendDelete(connection: Connection, selector: string, signal: AbortSignal): Promise<void> {
  const ask = { to: 'delete', method: 'POST', path: DELETE_PATH, form: { 'match[]': selector } } as const
  const read = async (answer: Answer) => {
    const text = await readText(answer)
    if (answer.status !== 204) throw explainRefusal(answer, text)
  }
  try {
    await connection.exchange(ask, { read, signal })
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
