import * as z from 'zod'
import { StoreError } from '../../model/store.ts'
import { parseJson } from '../../runtime/parse-json.ts'
import type { Clock, Random } from '../../runtime/clock.ts'
import type { Log } from '../../runtime/log.ts'
import type { Once, Retried } from '../../runtime/retry.ts'
import { askAgain } from '../http/ask-again.ts'
import type { Answer } from '../http/http-client.ts'
import { readLines, readText } from '../http/read-body.ts'
import type { Connection } from './connection.ts'
import { excerpt, explainAnswer, explainStatement } from './explain-answer.ts'

/** Some rows of one series of an answer. */
export interface Rows {
  /** Counted from 0, in the order in which they were asked. */
  readonly statement: number
  readonly name: string
  /** Of a series without one of the tags, it is empty. */
  readonly tags: Readonly<Record<string, string>>
  readonly columns: readonly string[]
  /** Each a list of cells, to be read by `readColumn`. */
  readonly values: readonly unknown[]
}

export interface Ask {
  readonly statements: readonly string[]
  /** Comes first, and again when it is asked anew. */
  readonly begin: () => void
  readonly onRows: (rows: Rows) => void
}

export interface Questions {
  readonly connection: Connection
  /** Each part of the answer as it arrives; returns when all of it has. */
  ask(ask: Ask, signal: AbortSignal): Retried<Answer>
  /** The same for what is short. */
  askRows(statements: readonly string[], signal: AbortSignal): Promise<{ answer: Answer; rows: readonly Rows[] }>
  /** Whatever else is asked, a few times while the store is away or busy. */
  tryAgain<T>(once: () => Once<T>, signal: AbortSignal): Retried<T>
}

export interface Deps {
  readonly clock: Clock
  readonly log: Log
  readonly random: Random
  /** Somebody waits: a store that cannot be reached is given up soon. */
  readonly isBrief?: boolean | undefined
}

const answerSchema = z.object({
  error: z.string().optional(),
  results: z
    .array(
      z.object({
        statement_id: z.number().int().min(0),
        error: z.string().optional(),
        /** More of this statement follows. */
        partial: z.boolean().optional(),
        series: z
          .array(
            z.object({
              name: z.string().optional(),
              tags: z.record(z.string(), z.string()).optional(),
              columns: z.array(z.string()),
              values: z.custom<readonly unknown[]>(Array.isArray).optional(),
            }),
          )
          .optional(),
      }),
    )
    .optional(),
})

export function askQuestions(connection: Connection, deps: Deps): Questions {
  function tryAgain<T>(once: () => Once<T>, signal: AbortSignal): Retried<T> {
    return askAgain(once, { ...deps, signal })
  }

  function ask({ statements, begin, onRows }: Ask, signal: AbortSignal): Retried<Answer> {
    const read = async (answer: Answer, body: AsyncIterable<Buffer>) => {
      if (answer.status !== 200) throw explainAnswer(answer, await readText(answer, body), connection.target)
      begin()
      const unanswered = new Set(statements.keys())
      for await (const line of readLines(answer, body)) readLine({ answer, line, unanswered, onRows })
      if (unanswered.size > 0) throw brokenOff(answer)
      return answer
    }
    return tryAgain(() => connection.query(statements.join(';\n'), { read, signal }), signal)
  }

  /** Takes each statement out of `unanswered` that is answered to its end. */
  function readLine({ answer, line, unanswered, onRows }: LineOptions): void {
    const { error, results = [] } = parseLine(answer, line)
    if (error !== undefined) throw explainStatement(answer, error, connection.target)
    for (const { statement_id: statement, error: reason, partial, series = [] } of results) {
      if (reason !== undefined) throw explainStatement(answer, reason, connection.target)
      for (const { name = '', tags = {}, columns, values = [] } of series)
        onRows({ statement, name, tags, columns, values })
      if (partial !== true) unanswered.delete(statement)
    }
  }

  return {
    connection,
    ask,
    async askRows(statements, signal) {
      let rows: Rows[] = []
      const begin = () => (rows = [])
      const answer = await ask({ statements, begin, onRows: (found) => rows.push(found) }, signal)
      return { answer, rows }
    },
    tryAgain,
  }
}

interface LineOptions {
  readonly answer: Answer
  readonly line: string
  readonly unanswered: Set<number>
  readonly onRows: Ask['onRows']
}

function parseLine(answer: Answer, line: string): z.infer<typeof answerSchema> {
  const json = parseJson(line)
  // Some proxies end an answer cleanly that was cut: it is asked again.
  if (json === undefined && line.startsWith('{"results":')) throw brokenOff(answer)
  const parsed = answerSchema.safeParse(json)
  if (parsed.success && (parsed.data.results ?? parsed.data.error) !== undefined) return parsed.data
  throw new StoreError('bad-answer', `${answer.asked}: not the answer of an InfluxDB${excerpt(answer, line)}`, {
    hint: 'check the address of the store, and its type',
  })
}

function brokenOff({ asked }: Answer): StoreError {
  return new StoreError('unavailable', `${asked}: the answer broke off`, {
    hint: 'look at the log of the store, or of the proxy before it',
  })
}

/** Reads the cells of a column that holds numbers: times in ms, counts, or values. */
export function readColumn({ columns, values }: Rows, column: string): number[] {
  const index = columns.indexOf(column)
  return values.map((row) => {
    const cell: unknown = Array.isArray(row) ? row[index] : undefined
    if (typeof cell === 'number' && Number.isFinite(cell)) return cell
    throw new StoreError('bad-answer', `the store answered ${JSON.stringify(cell)} for ${column}, which is no number`)
  })
}

/** The same of texts. */
export function readTexts({ columns, values }: Rows, column: string): string[] {
  const index = columns.indexOf(column)
  return values.map((row) => {
    const cell: unknown = Array.isArray(row) ? row[index] : undefined
    if (typeof cell === 'string') return cell
    throw new StoreError('bad-answer', `the store answered ${JSON.stringify(cell)} for ${column}, which is no text`)
  })
}
