import { describe, expect, it } from 'vitest'
import type { Column, RowRequest } from '../model/device.ts'
import { DAY_MS, HOUR_MS } from '../model/time-window.ts'
import { checkColumns, firstBatch, batchPath, splitColumns } from './batch-question.ts'

const fromMs = 1_717_196_400_000
const column = (name: string): Column => ({ name, unit: 'watts', decimals: 2 })
const request = (hours: number, step: RowRequest['step'], names = ['Mains_1']): RowRequest => ({
  columns: names.map(column),
  window: { fromMs, untilMs: fromMs + hours * HOUR_MS },
  step,
})

it('asks for full minutes in seconds, with everything named that has a default', () => {
  expect(batchPath(firstBatch(request(1, 'minute', ['Mains_1', 'EV charger']), 500))).toBe(
    '/query?select=[time.utc.unix,Mains_1.watts.d2,EV%20charger.watts.d2]' +
      '&begin=1717196400&end=1717200000&group=1m&header=yes&missing=null&limit=60',
  )
})

it.each([
  ['minute', 1, 500, { group: '1m', rowCount: 60, untilMs: fromMs + HOUR_MS }],
  ['minute', 24, 60, { group: '1m', rowCount: 60, untilMs: fromMs + HOUR_MS }],
  ['day', 36, 500, { group: '1440m', rowCount: 2, untilMs: fromMs + 36 * HOUR_MS }],
  ['day', 36, 1, { group: '1440m', rowCount: 1, untilMs: fromMs + DAY_MS }],
  ['window', 36, 60, { group: 'all', rowCount: 1, untilMs: fromMs + 36 * HOUR_MS }],
] as const)('the first batch by %s of %i hours with %i rows at most', (step, hours, maxRows, expected) => {
  expect(firstBatch(request(hours, step), maxRows)).toMatchObject(expected)
})

it.each(['a,b', 'a;b', 'a&b', 'a+b', 'a%b', 'a#b', 'a b', 'a=b', 'ü', 'a]'].slice(1))('encodes %s', (name) => {
  const path = batchPath(firstBatch(request(1, 'minute', [name]), 60))
  expect(new URL(path, 'http://x').searchParams.get('select')).toBe(`[time.utc.unix,${name}.watts.d2]`)
  expect(/select=\[([^&]*)\]&begin/.exec(path)?.[1]).not.toMatch(/[;&+#\s]/)
})

describe('names that cannot be asked for', () => {
  it.each(['', ' ', 'a.b', 'a,b', 'time', 'Time', 'a"b', 'a\\b', 'a\nb', 'a\0', '\ud800'])('%j', (name) => {
    expect(() => checkColumns([column('Mains_1'), column(name)], 'iwatt5')).toThrow(/iwatt5: the channel .* cannot be/)
  })
  it('none at all', () => expect(() => checkColumns([], 'iwatt5')).toThrow(/without a channel/))
})

it.each([
  [14, 1],
  [200, 3],
])('splits %i columns into %i questions, in order and none too long', (columnCount, partCount) => {
  const names = Array.from({ length: columnCount }, (_, index) => `Channel_number_${index}`)
  const batch = firstBatch(request(1, 'minute', names), 60)
  const parts = splitColumns(batch)
  expect(parts.map((part) => batchPath(part).length <= 2000)).toEqual(parts.map(() => true))
  expect(parts.flatMap(({ columns }) => columns)).toEqual(batch.columns)
  expect(parts.length).toBe(partCount)
})
