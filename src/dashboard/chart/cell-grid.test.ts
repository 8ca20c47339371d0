import { expect, it } from 'vitest'
import { nextCell } from './cell-grid.tsx'

const at = { row: 1, column: 3 }
it.each([
  ['ArrowLeft', { row: 1, column: 2 }],
  ['ArrowDown', { row: 2, column: 3 }],
  ['PageUp', { row: 1, column: 0 }],
  ['End', { row: 1, column: 23 }],
  ['a', undefined],
])('%s', (key, cell) => expect(nextCell(key, at, { rowCount: 3, columnCount: 24 })).toEqual(cell))

it('stays inside', () => {
  expect(nextCell('ArrowDown', { row: 2, column: 0 }, { rowCount: 3, columnCount: 24 })).toEqual({ row: 2, column: 0 })
})
