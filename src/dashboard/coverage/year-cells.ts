import type { DeviceDays } from '../api/answers.ts'
import { readPairs, spreadRuns, STATE, worstState } from '../chart/runs.ts'
import { addDays, DAY_MS } from '../text/house-time.ts'

/** A row a year, a cell a day or a week; beyond what is wanted there is no cell. */
export interface YearRow {
  readonly device: string
  readonly year: number
  readonly cells: readonly (YearCell | undefined)[]
}

export interface YearCell {
  readonly date: string
  readonly state: number
  readonly missingMinutes: number
  /** In which the device was off, and its share of the cell. */
  readonly offMinutes: number
  readonly offShare: number
}

export function yearRows(
  { name, firstDate, days, missing, unmeasured = [] }: DeviceDays,
  cellDays: number,
): readonly YearRow[] {
  const states = spreadRuns(days)
  const minutes = readPairs(missing)
  const off = readPairs(unmeasured)
  const firstYear = Number(firstDate.slice(0, 4))
  const lastYear = Number(addDays(firstDate, states.length - 1).slice(0, 4))
  const perYear = Math.ceil(366 / cellDays)
  return Array.from({ length: lastYear - firstYear + 1 }, (_, index) => {
    const year = firstYear + index
    const start = dayNumber(`${year}-01-01`) - dayNumber(firstDate)
    const length = dayNumber(`${year + 1}-01-01`) - dayNumber(`${year}-01-01`)
    const cells = Array.from({ length: perYear }, (__, cell) =>
      cellOf({ from: start + cell * cellDays, until: start + Math.min(length, (cell + 1) * cellDays) }),
    )
    return { device: name, year, cells }
  })

  function cellOf({ from, until }: { from: number; until: number }): YearCell | undefined {
    const first = Math.max(0, from)
    const inside = states.slice(first, Math.max(first, until))
    const state = worstState(inside)
    if (inside.length === 0 || state === STATE.unwanted) return undefined
    const sumOf = (of: ReadonlyMap<number, number>) =>
      inside.reduce((sum, _, index) => sum + (of.get(first + index) ?? 0), 0)
    const offMinutes = sumOf(off)
    const worst = inside.indexOf(state)
    return {
      date: addDays(firstDate, first + Math.max(0, worst)),
      state,
      missingMinutes: sumOf(minutes),
      offMinutes,
      offShare: offMinutes / (1440 * inside.length),
    }
  }
}

const dayNumber = (date: string): number => Math.round(Date.parse(`${date}T00:00Z`) / DAY_MS)
