import { expect, it } from 'vitest'
import { formatTable, indented } from './format-table.ts'

const HEAD = ['device', 'stored until', 'gaps in the last days']
const ROWS = [
  ['iwatt5', '2024-06-01T00:00Z', '0 min'],
  ['iwatt6', '–', '12 min'],
]

it('is a table where there is space', () => {
  const table = [
    'device  stored until       gaps in the last days',
    'iwatt5  2024-06-01T00:00Z                  0 min',
    'iwatt6  –                                 12 min',
  ]
  expect(formatTable(HEAD, ROWS)).toEqual(table)
  expect(formatTable(HEAD, ROWS, 48)).toEqual(table)
})

it('is a block for each row where there is none, broken between words alone', () => {
  expect(formatTable(HEAD, ROWS, 24)).toEqual([
    'device: iwatt5',
    '  stored until:',
    '    2024-06-01T00:00Z',
    '  gaps in the last days:',
    '    0 min',
    'device: iwatt6',
    '  stored until: –',
    '  gaps in the last days:',
    '    12 min',
  ])
})

it('is further in, and as narrow all the same', () => {
  const lines = indented(HEAD, ROWS, { columns: 30 })
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(30)
  expect(lines[0]).toBe('  device: iwatt5')
})
