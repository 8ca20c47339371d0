import { expect, test } from 'vitest'
import { HOUR_MS } from '../model/time-window.ts'
import { openTimeZone } from '../model/time-zone.ts'
import { readPriceFile } from './price-file.ts'

const zone = openTimeZone('Europe/Berlin')
const read = (...rows: string[]) => readPriceFile(['time,price', ...rows].join('\n'), zone)

test('times with a zone, or of the house; the last price holds as long as the step before it', () =>
  expect(read('2026-01-05T00:00Z,0.1', '2026-01-05 01:30,-0.2', '"2026-01-05T02:00:00+01:00",', '')).toEqual({
    startsMs: [Date.UTC(2026, 0, 5), Date.UTC(2026, 0, 5, 0, 30), Date.UTC(2026, 0, 5, 1)],
    prices: [0.1, -0.2, NaN],
    untilMs: Date.UTC(2026, 0, 5, 1, 30),
  }))

test('an hour that the clock shows twice is there twice, one that it jumps over not at all', () => {
  const twice = read('2026-10-25T01:00,1', '2026-10-25T02:00,2', '2026-10-25T02:00,3', '2026-10-25T03:00,4')
  const startMs = Date.parse('2026-10-25T01:00+02:00')
  expect(twice).toMatchObject({
    startsMs: [0, 1, 2, 3].map((hours) => startMs + hours * HOUR_MS),
    prices: [1, 2, 3, 4],
  })
  expect(read('2026-03-29T01:00,1', '2026-03-29T02:00,2', '2026-03-29T03:00,3')).toMatchObject({ prices: [1, 3] })
})

test.each([
  [
    ['2026-01-05,1', '2026-01-04,1'],
    3,
    'found "2026-01-04" after a time that is not before it; expected times in order',
  ],
  [['2026-01-05,1', '2026-01-05,1'], 3, 'expected times in order'],
  [['2026-01-05T00:00;1'], 2, 'found "2026-01-05T00:00;1"; expected a row such as'],
  [['2026-02-30,1'], 2, 'found "2026-02-30"; expected a row'],
  [['2026-01-05,cheap'], 2, 'found "2026-01-05,cheap"; expected a row'],
  [['2026-01-05,1'], 2, 'found fewer than two prices'],
])('%j', (rows, line, expected) => expect(read(...rows)).toEqual({ line, message: expect.stringContaining(expected) }))

test('a file without its header', () =>
  expect(readPriceFile('2026-01-05,1', zone)).toEqual({
    line: 1,
    message: expect.stringContaining('expected a header time,price'),
  }))
