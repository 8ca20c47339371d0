import { expect, it } from 'vitest'
import { type Cells, formatTable, indented } from './format-table.ts'

const ROWS = [
  { device: 'iwatt5', until: '2024-06-01T00:00Z', gapMinutes: 0 },
  { device: 'iwatt6', until: '–', gapMinutes: 12 },
]
const CELLS: Cells<(typeof ROWS)[number]> = {
  device: ({ device }) => device,
  'stored until': ({ until }) => until,
  'gaps in the last days': ({ gapMinutes }) => `${gapMinutes} min`,
}

it('is a table where there is space', () => {
  const table = [
    'device  stored until       gaps in the last days',
    'iwatt5  2024-06-01T00:00Z                  0 min',
    'iwatt6  –                                 12 min',
  ]
  expect(formatTable(ROWS, CELLS)).toEqual(table)
  expect(formatTable(ROWS, CELLS, { columns: 48 })).toEqual(table)
})

it('is a block for each row where there is none, broken between words alone', () => {
  expect(formatTable(ROWS, CELLS, { columns: 24 })).toEqual([
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
  const lines = indented(ROWS, CELLS, { columns: 30 })
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(30)
  expect(lines[0]).toBe('  device: iwatt5')
})
