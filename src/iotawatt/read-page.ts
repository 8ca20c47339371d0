import * as z from 'zod'
import type { Row, RowPage } from '../model/device.ts'
import { AnswerProblem, parseAnswer, quote } from './answer-problem.ts'
import type { PageQuestion } from './page-question.ts'

const pageSchema = z.object({
  range: z.tuple([z.number(), z.number()]),
  labels: z.array(z.string()),
  data: z.unknown(),
  limit: z.number().optional(),
})

type PageAnswer = z.infer<typeof pageSchema>

/** The rows of an answer, when it is exactly an answer to the question; throws `AnswerProblem`. */
export function readPage(body: string, question: PageQuestion): RowPage {
  const result = pageSchema.safeParse(parseAnswer(body))
  if (!result.success) throw new AnswerProblem(`not an answer with range, labels and data: ${quote(body)}`)
  const answer = result.data
  checkHeader(answer, question)
  const rows = readRows(answer.data, question)
  return { rows, untilMs: checkEnd(answer.limit, rows.length, question) }
}

function checkHeader({ range, labels }: PageAnswer, { fromMs, untilMs, columns }: PageQuestion): void {
  if (range[0] * 1000 !== fromMs || range[1] * 1000 !== untilMs)
    throw new AnswerProblem(`the answer is for ${range.join(' to ')}, not ${fromMs / 1000} to ${untilMs / 1000}`)
  if (labels[0] !== 'Time' || labels.length !== columns.length + 1)
    throw new AnswerProblem(`${labels.length} labels from ${quote(labels[0] ?? '')} on, not Time and ${columns.length}`)
  const wrong = columns.findIndex(({ name }, index) => labels[index + 1] !== name)
  if (wrong >= 0)
    throw new AnswerProblem(
      `column ${wrong + 1} is ${quote(labels[wrong + 1] ?? '')}, not ${quote(columns[wrong]?.name ?? '')}`,
    )
}

function readRows(data: unknown, question: PageQuestion): Row[] {
  if (!Array.isArray(data)) throw new AnswerProblem('its data is not an array')
  if (data.length > question.rowCount)
    throw new AnswerProblem(`${data.length} rows, where ${question.rowCount} were asked for`)
  return data.map((cells: unknown, index) => readRow(cells, index, question))
}

function readRow(cells: unknown, index: number, { columns, fromMs, stepMs }: PageQuestion): Row {
  if (!Array.isArray(cells) || cells.length !== columns.length + 1)
    throw new AnswerProblem(`row ${index + 1} has not ${columns.length + 1} cells`)
  const list: readonly unknown[] = cells
  const atMs = fromMs + index * stepMs
  if (list[0] !== atMs / 1000)
    throw new AnswerProblem(`row ${index + 1} is at ${cellText(list[0])}, not ${atMs / 1000}`)
  const values = readValues(list, index)
  return { atMs, values }
}

/** The device was logging or not: a row is all numbers or all null. */
function readValues(cells: readonly unknown[], index: number): (number | null)[] {
  const values: (number | null)[] = []
  for (let column = 1; column < cells.length; column += 1) {
    const cell = cells[column]
    if (cell !== null && (typeof cell !== 'number' || !Number.isFinite(cell)))
      throw new AnswerProblem(`row ${index + 1} has ${cellText(cell)} in column ${column}`)
    if ((cell === null) !== (cells[1] === null))
      throw new AnswerProblem(`row ${index + 1} has null in some columns and numbers in others`)
    // The device also prints -0.
    values.push(cell === null ? null : cell + 0)
  }
  return values
}

/** Where the rows end: at the end of the question, or where the device says that it stopped. */
function checkEnd(limit: number | undefined, rowCount: number, question: PageQuestion): number {
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
