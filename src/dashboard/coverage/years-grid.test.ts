import { expect, it } from 'vitest'
import { STATE } from '../chart/runs.ts'
import { storedShare } from './coverage-view.tsx'
import { yearRows } from './years-grid.tsx'

const days = { name: 'cellar', firstDate: '2023-12-30', days: [1, 2, 0, 1, 3, 1, 1, 400], missing: [3, 192] }

it('begins with the first day, and has one row per year', () => {
  const rows = yearRows(days, 1)
  expect(rows.map(({ year, cells }) => [year, cells.filter(Boolean).length])).toEqual([
    [2023, 2],
    [2024, 366],
    [2025, 36],
  ])
  expect(rows[0]?.cells[363]).toMatchObject({ date: '2023-12-30', state: STATE.stored, missingMinutes: 0 })
  expect(rows[0]?.cells[365]).toBeUndefined()
  expect(rows[1]?.cells[1]).toMatchObject({ date: '2024-01-02', state: STATE.missing, missingMinutes: 192 })
})

it('the worst day decides over a week, and is the one that is opened', () => {
  const [, row] = yearRows(days, 7)
  expect(row?.cells[0]).toMatchObject({ date: '2024-01-02', state: STATE.missing, missingMinutes: 192 })
  expect(row?.cells).toHaveLength(53)
})

it('knows how much of a day was not measured, whatever else is the matter with it', () => {
  const [row] = yearRows({ ...days, unmeasured: [0, 240, 1, 1440] }, 1)
  expect(row?.cells[363]).toMatchObject({ state: STATE.stored, offMinutes: 240, offShare: 240 / 1440 })
})

it.each([
  [56_000_000, 56_000_000, '100\u202f%'],
  [55_999_999, 56_000_000, '99.9\u202f%'],
  [53_816_000, 56_000_000, '96.1\u202f%'],
  [0, 0, '–'],
])('%i of %i minutes are %s', (storedMinutes, wantedMinutes, text) =>
  expect(storedShare({ storedMinutes, wantedMinutes })).toBe(text),
)
