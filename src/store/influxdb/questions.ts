import * as z from 'zod'
import { StoreError } from '../../model/store.ts'
import { parseJson } from '../../runtime/parse-json.ts'
import type { Retried } from '../../runtime/retry.ts'
import { askAgain, type StoreDeps } from '../http/ask-again.ts'
import { type Answer, readLines, readText } from '../http/answer.ts'
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

export interface Ask<T> {
  readonly statements: readonly string[]
  /** What rows are gathered in: a new one each time that it is asked anew. */
  readonly begin: () => T
  readonly onRows: (rows: Rows, found: T) => void
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

export type Questions = ReturnType<typeof askQuestions>

export function askQuestions(connection: Connection, deps: StoreDeps) {
  /** Takes each part of the answer as it arrives; returns when all of it has. */
  function ask<T>({ statements, begin, onRows }: Ask<T>, signal: AbortSignal): Retried<T> {
    const read = async (answer: Answer) => {
      if (answer.status !== 200) throw explainAnswer(answer, await readText(answer), connection.target)
      const found = begin()
      const unanswered = new Set(statements.keys())
      for await (const line of readLines(answer)) {
        const { error, results = [] } = parseLine(answer, line)
        if (error !== undefined) throw explainStatement(answer, error, connection.target)
        for (const { statement_id: statement, error: reason, partial, series = [] } of results) {
          if (reason !== undefined) throw explainStatement(answer, reason, connection.target)
          for (const { name = '', tags = {}, columns, values = [] } of series)
            onRows({ statement, name, tags, columns, values }, found)
          if (partial !== true) unanswered.delete(statement)
        }
      }
      if (unanswered.size > 0) throw brokenOff(answer)
      return found
    }
    return askAgain(() => connection.query(statements.join(';\n'), { read, signal }), deps, signal)
  }

  return {
    connection,
    ask,
    /** The same for what is short. */
    askRows: (statements: readonly string[], signal: AbortSignal): Retried<readonly Rows[]> =>
      ask<Rows[]>({ statements, begin: () => [], onRows: (rows, found) => found.push(rows) }, signal),
  }
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

/** The cells of a column that holds numbers: times in ms, counts, or values. */
export function readColumn(rows: Rows, column: string): number[] {
  return cellsOf(rows, column).map((cell) => {
    if (typeof cell === 'number' && Number.isFinite(cell)) return cell
    throw new StoreError('bad-answer', `the store answered ${JSON.stringify(cell)} for ${column}, which is no number`)
  })
}

/** The same of texts. */
export function readTexts(rows: Rows, column: string): string[] {
  return cellsOf(rows, column).map((cell) => {
    if (typeof cell === 'string') return cell
    throw new StoreError('bad-answer', `the store answered ${JSON.stringify(cell)} for ${column}, which is no text`)
  })
}

export function cellsOf({ columns, values }: Rows, column: string): unknown[] {
  const index = columns.indexOf(column)
  return values.map((row): unknown => (Array.isArray(row) ? row[index] : undefined))
}
