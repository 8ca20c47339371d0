import * as z from 'zod'
import { at } from '../model/at.ts'
import { NO_VALUE, type Row, type RowBatch } from '../model/device.ts'
import { AnswerProblem, parseAnswer, quote } from './answer-problem.ts'
import type { BatchQuestion } from './batch-question.ts'

const batchSchema = z.object({
  range: z.tuple([z.number(), z.number()]),
  labels: z.array(z.string()),
  data: z.unknown(),
  limit: z.number().optional(),
})

type BatchAnswer = z.infer<typeof batchSchema>

/** Whether all of these rows were found damaged in the same answer before. */
export type SeenBefore = (timesMs: readonly number[]) => boolean

/** What is damaged on its way comes otherwise when it is asked for again; what the device itself prints so does not. */
export function rememberRows(): SeenBefore {
  const seen = new Set<number>()
  return (timesMs) => {
    const isKnown = timesMs.every((atMs) => seen.has(atMs))
    for (const atMs of timesMs) seen.add(atMs)
    return isKnown
  }
}

/**
 * The rows of an answer, when it is exactly an answer to the question; throws `AnswerProblem`. A cell that cannot be
 * used is NaN, or `NO_VALUE`; so are all cells of a row with too few or too many, once it was seen before.
 */
export function readBatch(body: string, question: BatchQuestion, wereSeen: SeenBefore = () => false): RowBatch {
  const result = batchSchema.safeParse(parseAnswer(body))
  if (!result.success) throw new AnswerProblem(`not an answer with range, labels and data: ${quote(body)}`)
  const answer = result.data
  checkHeader(answer, question)
  const rows = readRows(answer.data, question, wereSeen)
  return { rows, untilMs: checkEnd(answer.limit, rows.length, question) }
}

function checkHeader({ range, labels }: BatchAnswer, { fromMs, untilMs, columns }: BatchQuestion): void {
  if (range[0] * 1000 !== fromMs || range[1] * 1000 !== untilMs)
    throw new AnswerProblem(`the answer is for ${range.join(' to ')}, not ${fromMs / 1000} to ${untilMs / 1000}`)
  if (labels[0] !== 'Time' || labels.length !== columns.length + 1)
    throw new AnswerProblem(`${labels.length} labels from ${quote(labels[0] ?? '')} on, not Time and ${columns.length}`)
  const wrong = columns.findIndex(({ name }, index) => at(labels, index + 1) !== name)
  if (wrong >= 0)
    throw new AnswerProblem(
      `column ${wrong + 1} is ${quote(at(labels, wrong + 1))}, not ${quote(at(columns, wrong).name)}`,
    )
}

function readRows(data: unknown, question: BatchQuestion, wereSeen: SeenBefore): Row[] {
  if (!Array.isArray(data)) throw new AnswerProblem('its data is not an array')
  if (data.length > question.rowCount)
    throw new AnswerProblem(`${data.length} rows, where ${question.rowCount} were asked for`)
  const damagedMs: number[] = []
  const rows = data.map((cells: unknown, index) => {
    const row = readRow(cells, index, question)
    if (row) return row
    const atMs = question.fromMs + index * question.stepMs
    damagedMs.push(atMs)
    return { atMs, values: question.columns.map(() => NaN) }
  })
  const [firstMs] = damagedMs
  if (firstMs !== undefined && !wereSeen(damagedMs))
    throw new AnswerProblem(
      `row ${(firstMs - question.fromMs) / question.stepMs + 1} has not ${question.columns.length + 1} cells`,
    )
  return rows
}

/** Undefined for a row whose cells cannot be told apart. */
function readRow(cells: unknown, index: number, { columns, fromMs, stepMs }: BatchQuestion): Row | undefined {
  if (!Array.isArray(cells)) return undefined
  const list: readonly unknown[] = cells
  const atMs = fromMs + index * stepMs
  if (list.length > 0 && list[0] !== atMs / 1000)
    throw new AnswerProblem(`row ${index + 1} is at ${cellText(list[0])}, not ${atMs / 1000}`)
  return list.length === columns.length + 1 ? { atMs, values: readValues(list.slice(1)) } : undefined
}

/** All null: the device was not logging. Else a cell that is no number cannot be used. */
function readValues(cells: readonly unknown[]): (number | null)[] {
  if (cells.every((cell) => cell === null)) return cells.map(() => null)
  return cells.map(readValue)
}

function readValue(cell: unknown): number {
  if (cell === null) return NO_VALUE
  // The device also prints -0.
  return typeof cell === 'number' && Number.isFinite(cell) ? cell + 0 : NaN
}

/** Where the rows end: at the end of the question, or where the device says that it stopped. */
function checkEnd(limit: number | undefined, rowCount: number, question: BatchQuestion): number {
  const { fromMs, untilMs, stepMs } = question
  if (limit === undefined) {
    if (rowCount !== question.rowCount)
      throw new AnswerProblem(`${rowCount} rows, where ${question.rowCount} were asked for, and no limit`)
    return untilMs
  }
  const endMs = fromMs + rowCount * stepMs
  if (rowCount === 0 || limit * 1000 !== endMs || endMs >= untilMs)
    throw new AnswerProblem(`limit ${limit} after ${rowCount} rows from ${fromMs / 1000} on`)
  return endMs
}

/** Lists in lists are not shown: to print a million of them takes more stack than there is. */
function cellText(cell: unknown): string {
  return typeof cell === 'object' && cell !== null ? 'no number' : quote(JSON.stringify(cell) ?? 'nothing')
}
