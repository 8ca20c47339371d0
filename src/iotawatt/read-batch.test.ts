import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Column, RowBatch } from '../model/device.ts'
import { MINUTE_MS } from '../model/time-window.ts'
import { loadRecordings } from '../simulator/fixtures/load-fixtures.ts'
import { NO_VALUE } from '../model/device.ts'
import { AnswerProblem } from './answer-problem.ts'
import type { BatchQuestion } from './batch-question.ts'
import { readBatch, rememberRows } from './read-batch.ts'

const FROM_S = 1_717_199_700

function question(rowCount: number, names = ['a', 'b']): BatchQuestion {
  const fromMs = FROM_S * 1000
  const columns = names.map((name): Column => ({ name, unit: 'watts', decimals: 2 }))
  return { columns, group: '1m', fromMs, untilMs: fromMs + rowCount * MINUTE_MS, stepMs: MINUTE_MS, rowCount }
}

/** An answer as the firmware prints it. */
function body(
  rows: readonly unknown[],
  { range = [FROM_S, FROM_S + 180], labels = ['Time', 'a', 'b'], tail = '' } = {},
) {
  return `{"range":${JSON.stringify(range)},"labels":${JSON.stringify(labels)},\r\n"data":${JSON.stringify(rows)}${tail}}`
}

const ROWS = [
  [FROM_S, 591.9, -1],
  [FROM_S + 60, null, null],
  [FROM_S + 120, 0, 2],
]

describe('recorded answers with all channels of a unit', () => {
  const recordings = (['iwatt5', 'iwatt6'] as const)
    .flatMap(loadRecordings)
    .filter(({ path, status }) => status === 200 && path.includes('missing=null') && path.includes('limit=1000'))

  it.each(recordings)('$path', ({ path, body: recorded }) => {
    const args = new URL(path, 'http://x').searchParams
    const [fromMs, endMs] = ['begin', 'end'].map((name) => Number(args.get(name)) * 1000) as [number, number]
    const names = args
      .get('select')!
      .slice(1, -1)
      .split(',')
      .slice(1)
      .map((text) => text.split('.')[0]!)
    const untilMs = endMs
    const asked = { ...question(0, names), fromMs, untilMs, rowCount: (untilMs - fromMs) / MINUTE_MS }
    const { data, limit } = JSON.parse(recorded)
    expect(readBatch(recorded, asked)).toEqual({
      rows: data.map(([timeS, ...values]: number[]) => ({
        atMs: timeS! * 1000,
        values: values.map((v) => v && v + 0),
      })),
      untilMs: limit === undefined ? untilMs : limit * 1000,
    })
  })
  it('are there', () => expect(recordings.length).toBeGreaterThan(10))
})

it('reads rows, with null where the device was not logging', () => {
  expect(readBatch(body(ROWS), question(3))).toEqual({
    rows: [
      { atMs: FROM_S * 1000, values: [591.9, -1] },
      { atMs: (FROM_S + 60) * 1000, values: [null, null] },
      { atMs: (FROM_S + 120) * 1000, values: [0, 2] },
    ],
    untilMs: (FROM_S + 180) * 1000,
  })
})

it('takes the minus from a zero', () => {
  expect(readBatch(body(ROWS).replace('591.9', '-0'), question(3)).rows[0]?.values[0]).toBe(0)
})

describe('a cell that cannot be used is NaN, and the others stay', () => {
  const cells = (row: readonly unknown[]) => readBatch(body([ROWS[0], row, ROWS[2]]), question(3)).rows[1]?.values
  it.each([
    ['a null among numbers', [1, null], [1, NO_VALUE]],
    ['text', ['1', 1], [NaN, 1]],
    ['a list', [[1], 1], [NaN, 1]],
    ['true', [1, true], [1, NaN]],
    ['a null beside text', ['x', null], [NaN, NO_VALUE]],
  ])('%s', (_, given, expected) => expect(cells([FROM_S + 60, ...given])).toEqual(expected))
  it.each(['inf', '-inf', 'nan', '-nan', 'NaN', 'Infinity', '1e999'])('%s', (text) => {
    const [row, ...others] = readBatch(body(ROWS).replace('591.9', text), question(3)).rows
    expect(row?.values).toEqual([NaN, -1])
    expect(others.map(({ values }) => values)).toEqual([
      [null, null],
      [0, 2],
    ])
  })
  it('inf in the only column is not a minute without a log', () =>
    expect(
      readBatch(
        `{"range":[${FROM_S},${FROM_S + 60}],"labels":["Time","a"],"data":[[${FROM_S},inf]]}`,
        question(1, ['a']),
      ).rows[0]?.values,
    ).toEqual([NaN]))
})

describe('a row with another number of cells', () => {
  const damaged = body([ROWS[0], [FROM_S + 60, 1], ROWS[2]])
  it('is refused at first, and left out when it comes again', () => {
    const wereSeen = rememberRows()
    expect(() => readBatch(damaged, question(3), wereSeen)).toThrow('row 2 has not 3 cells')
    expect(readBatch(damaged, question(3), wereSeen).rows.map(({ values }) => values)).toEqual([
      [591.9, -1],
      [NaN, NaN],
      [0, 2],
    ])
  })
  it('is refused again where another row is damaged too', () => {
    const wereSeen = rememberRows()
    expect(() => readBatch(damaged, question(3), wereSeen)).toThrow(AnswerProblem)
    expect(() => readBatch(body([ROWS[0], [FROM_S + 60, 1], 5]), question(3), wereSeen)).toThrow(AnswerProblem)
  })
})

it('ends where the device stopped', () => {
  expect(readBatch(body(ROWS.slice(0, 2), { tail: `,"limit":${FROM_S + 120}` }), question(3))).toMatchObject({
    rows: { length: 2 },
    untilMs: (FROM_S + 120) * 1000,
  })
})

describe('refuses', () => {
  const limited = (rowCount: number, limitS: number) => body(ROWS.slice(0, rowCount), { tail: `,"limit":${limitS}` })
  it.each([
    ['a row too few', body(ROWS.slice(0, 2)), '2 rows, where 3 were asked for, and no limit'],
    ['no rows', body([]), '0 rows'],
    ['a row too many', body([...ROWS, [FROM_S + 180, 1, 1]]), '4 rows, where 3'],
    ['a row left out', body([ROWS[0], ROWS[2]]), `row 2 is at "${FROM_S + 120}", not ${FROM_S + 60}`],
    ['a row twice', body([ROWS[0], ROWS[0], ROWS[1]]), 'row 2 is at'],
    ['a row off its minute', body([ROWS[0], [FROM_S + 65, 1, 1], ROWS[2]]), 'row 2 is at'],
    ['a short row', body([ROWS[0], [FROM_S + 60, 1], ROWS[2]]), 'row 2 has not 3 cells'],
    ['a long row', body([ROWS[0], [FROM_S + 60, 1, 1, 1], ROWS[2]]), 'row 2 has not 3 cells'],
    ['a row that is none', body([ROWS[0], 5, ROWS[2]]), 'row 2 has not 3 cells'],
    ['a row without a cell', body([ROWS[0], [], ROWS[2]]), 'row 2 has not 3 cells'],
    [
      'an unterminated answer with a cell that is none',
      body(ROWS).replace('591.9', 'nan').slice(0, -2),
      'not complete JSON',
    ],
    ['an empty cell', body(ROWS).replace('591.9', ''), 'not complete JSON'],
    ['another range', body(ROWS, { range: [FROM_S, FROM_S + 120] }), 'the answer is for 1717199700 to 1717199820'],
    ['columns in another order', body(ROWS, { labels: ['Time', 'b', 'a'] }), 'column 1 is "b", not "a"'],
    ['a label too few', body(ROWS, { labels: ['Time', 'a'] }), '2 labels'],
    ['no time', body(ROWS, { labels: ['a', 'b', 'c'] }), '3 labels from "a" on'],
    ['rows without a header', JSON.stringify(ROWS), 'not an answer with range'],
    ['an unterminated answer', body(ROWS).slice(0, -2), 'not complete JSON'],
    ['an error', '{"error":"invalid query. unspecified"}', 'not an answer with range'],
    ['HTML', '<html><body>It works!</body></html>', 'HTML instead of JSON'],
    ['nothing', '', 'not complete JSON'],
    ['a limit that leaves a row out', limited(2, FROM_S + 180), 'limit 1717199880 after 2 rows'],
    ['a limit that repeats a row', limited(2, FROM_S + 60), 'limit 1717199760 after 2 rows'],
    ['a limit without a row', limited(0, FROM_S), 'limit 1717199700 after 0 rows'],
    ['a limit at the end', limited(3, FROM_S + 180), 'limit 1717199880 after 3 rows'],
  ])('%s', (_, text, message) => {
    expect(() => readBatch(text, question(3))).toThrow(AnswerProblem)
    expect(() => readBatch(text, question(3))).toThrow(message)
  })
})

it('says what came back on one short line, whatever it was', () => {
  const rubbish = '{"range":"\u001b[31m\u0007\n' + 'x'.repeat(10_000)
  expect(() => readBatch(rubbish, question(3))).toThrow(/^[^\p{Cc}]{0,300}$/u)
})

function tryRead(text: string, asked: BatchQuestion): RowBatch | undefined {
  try {
    return readBatch(text, asked)
  } catch (error) {
    expect(error).toBeInstanceOf(AnswerProblem)
    return undefined
  }
}

const cell = fc.oneof(
  fc.constant(null),
  fc.integer({ min: -1e6, max: 1e6 }).map((n) => n / 100),
)
const batch = fc
  .array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 })
  .map((values) =>
    values.map(([a, b], index) => [FROM_S + 60 * index, ...(a === null || b === null ? [null, null] : [a, b])]),
  )
const bodyOf = (rows: readonly unknown[], count: number) => body(rows, { range: [FROM_S, FROM_S + 60 * count] })

describe('a damaged answer is refused, or says the same', () => {
  it('cut anywhere', () => {
    fc.assert(
      fc.property(batch, fc.nat(), (rows, at) => {
        const text = bodyOf(rows, rows.length)
        expect(tryRead(text.slice(0, at % text.length), question(rows.length))).toBeUndefined()
      }),
    )
  })

  it('with a stretch cut out of it, or repeated', () => {
    fc.assert(
      fc.property(batch, fc.nat(), fc.integer({ min: 1, max: 60 }), fc.boolean(), (rows, start, length, doubled) => {
        const text = bodyOf(rows, rows.length)
        const at = start % text.length
        const stretch = text.slice(at, at + length)
        const damaged = text.slice(0, at) + (doubled ? stretch + stretch : '') + text.slice(at + length)
        expectSameTimes(tryRead(damaged, question(rows.length)), rows)
      }),
      { numRuns: 1000 },
    )
  })

  it('with rows left out, repeated, exchanged, or other cells', () => {
    const change = fc.constantFrom<(rows: unknown[][], i: number, j: number) => unknown[][]>(
      (rows, i) => rows.filter((_, index) => index !== i),
      (rows, i) => rows.flatMap((row, index) => (index === i ? [row, row] : [row])),
      (rows, i, j) => rows.map((row, index) => (index === i ? rows[j]! : index === j ? rows[i]! : row)),
      (rows, i, j) => rows.map((row, index) => (index === i ? row.filter((_, k) => k !== j % 3) : row)),
      (rows, i, j) => rows.map((row, index) => (index === i ? [...row, row[j % 3]] : row)),
      (rows, i, j) =>
        rows.map((row, index) => (index === i ? [(row[0] as number) + (j - 4) * 5, ...row.slice(1)] : row)),
    )
    fc.assert(
      fc.property(batch, change, fc.nat(7), fc.nat(7), (rows, apply, i, j) => {
        const [a, b] = [i % rows.length, j % rows.length]
        const read = tryRead(bodyOf(apply(rows, a, b), rows.length), question(rows.length))
        if (read !== undefined) expect(read).toEqual(readBatch(bodyOf(rows, rows.length), question(rows.length)))
      }),
      { numRuns: 1000 },
    )
  })
})

/** A digit more or less within a number cannot be noticed; its time, its column and the count of rows can. */
function expectSameTimes(read: RowBatch | undefined, rows: readonly unknown[][]): void {
  if (read === undefined) return
  expect(read.rows.map(({ atMs }) => atMs / 1000)).toEqual(rows.map(([timeS]) => timeS))
  expect(read.rows.every(({ values }) => values.length === 2)).toBe(true)
}
