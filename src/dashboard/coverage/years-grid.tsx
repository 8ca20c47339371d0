import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import type { DeviceDays } from '../api/answers.ts'
import { type Cell, CellGrid } from '../chart/cell-grid.tsx'
import { FitText, Rule } from '../chart/lines.tsx'
import { offWords, readPairs, spreadRuns, STATE, stateName, worstState } from '../chart/runs.ts'
import { useIsPhone, useWidth } from '../chart/use-width.ts'
import { addDays, DAY_MINUTES, DAY_MS } from '../text/house-time.ts'
import { grouped, listedBriefly } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import { dateName, monthName } from '../text/time.ts'
import { CellBox } from './cell-box.tsx'

interface YearsGridProps {
  readonly devices: readonly DeviceDays[]
  readonly today: string
  readonly onChoose: (device: string, date: string) => void
}

const TOP_PX = 16
const LEAP_YEAR = 2024

/** All that is stored at one look. */
export function YearsGrid({ devices, today, onChoose }: YearsGridProps): JSX.Element {
  const [ref, widthPx] = useWidth()
  const isPhone = useIsPhone()
  const cellDays = isPhone ? 7 : 1
  const leftPx = isPhone ? 40 : 108
  const rowPx = isPhone ? 14 : 15
  const rows = useMemo(() => devices.flatMap((device) => yearRows(device, cellDays)), [devices, cellDays])
  const columnCount = Math.ceil(366 / cellDays)
  const cellPx = (widthPx - leftPx) / columnCount
  const tops = rowTops(rows, { rowPx, gapPx: isPhone ? 26 : 12, firstPx: TOP_PX + (isPhone ? 16 : 0) })
  const bottom = (tops.at(-1) ?? TOP_PX) + rowPx
  const height = rowPx - 3
  const xOf = (column: number) => leftPx + column * cellPx
  const boxOf = ({ row, column }: Cell) => ({ x: xOf(column), y: tops[row] ?? 0, width: cellPx, height })
  const cellAt = (x: number, y: number) => {
    const row = tops.findIndex((top) => y >= top && y < top + rowPx)
    const column = Math.floor((x - leftPx) / cellPx)
    return row >= 0 && column >= 0 && column < columnCount ? { row, column } : undefined
  }
  const nameOf = ({ row, column }: Cell) => {
    const cell = rows[row]?.cells[column]
    if (cell === undefined) return undefined
    const when = dateName(cell.date, 0)
    const what = cell.missingMinutes > 0 ? texts.missing(grouped(cell.missingMinutes)) : stateName(cell.state)
    return `${rows[row]?.device ?? ''}, ${isPhone ? texts.coverage.weekWith(when) : when}, ${what}${offWords(cell.state, cell.offMinutes)}`
  }
  const months = Array.from({ length: 12 }, (_, index) => ({
    name: monthName(index + 1),
    x: xOf((Date.UTC(LEAP_YEAR, index) - Date.UTC(LEAP_YEAR, 0)) / DAY_MS / cellDays),
  }))
  return (
    <div ref={ref} class="years">
      {widthPx > 0 && (
        <CellGrid
          label={texts.coverage.yearsLabel(listedBriefly(devices.map(({ name }) => name)), isPhone)}
          rowCount={rows.length}
          columnCount={columnCount}
          widthPx={widthPx}
          heightPx={bottom + 4}
          boxOf={boxOf}
          cellAt={cellAt}
          nameOf={nameOf}
          first={firstCell(rows, today)}
          onChoose={({ row, column }) => {
            const cell = rows[row]?.cells[column]
            if (cell) onChoose(rows[row]?.device ?? '', cell.date)
          }}
        >
          {months
            .filter((_, index) => !isPhone || index % 3 === 0)
            .map(({ name, x }) => (
              <text key={name} x={x} y={10}>
                {name}
              </text>
            ))}
          {rows.map((row, index) => {
            const y = tops[index] ?? 0
            const [nameY, namePx] = isPhone ? [y - 4, widthPx] : [y + 11, leftPx - 44]
            return (
              <g key={`${row.device} ${row.year}`}>
                {rows[index - 1]?.device !== row.device && (
                  <FitText x={0} y={nameY} class="v" text={row.device} widthPx={namePx} />
                )}
                <text x={leftPx - 10} y={y + 10} text-anchor="end">
                  {row.year}
                </text>
                <RowRuns row={row} x={xOf} y={y} height={height} />
              </g>
            )
          })}
          {!isPhone &&
            months
              .slice(1)
              .map(({ name, x }) => (
                <Rule key={name} x1={Math.round(x)} y1={TOP_PX} x2={Math.round(x)} y2={bottom} tone="bg" />
              ))}
        </CellGrid>
      )}
    </div>
  )
}

function rowTops(
  rows: readonly YearRow[],
  { rowPx, gapPx, firstPx }: { rowPx: number; gapPx: number; firstPx: number },
): readonly number[] {
  let top = firstPx
  return rows.map(({ device }, index) => {
    if (index > 0) top += rowPx + (rows[index - 1]?.device === device ? 0 : gapPx)
    return top
  })
}

function firstCell(rows: readonly YearRow[], today: string): Cell {
  const isMissing = (cell: YearCell | undefined) => cell?.state === STATE.missing
  const worst = rows.findIndex(({ cells }) => cells.some(isMissing))
  const row = worst >= 0 ? worst : rows.findIndex(({ year }) => year === Number(today.slice(0, 4)))
  const shown = rows[row] ?? rows[0]
  const column = shown?.cells.findIndex(worst >= 0 ? isMissing : Boolean) ?? 0
  return { row: Math.max(0, row), column: Math.max(0, column) }
}

interface RowRunsProps {
  readonly row: YearRow
  readonly x: (column: number) => number
  readonly y: number
  readonly height: number
}

/** Neighbours of one state are one box, but those with an outage; what is missing stands above all, wide enough to be seen. */
function RowRuns({ row, x, y, height }: RowRunsProps): JSX.Element {
  const runs: { state: number; offShare: number; from: number; until: number }[] = []
  row.cells.forEach((cell, index) => {
    const last = runs.at(-1)
    const { state, offShare } = cell ?? { state: STATE.unwanted, offShare: 0 }
    const isOne = last?.state === state && state !== STATE.missing && last?.offShare === 0 && offShare === 0
    if (last && isOne) last.until = index + 1
    else runs.push({ state, offShare, from: index, until: index + 1 })
  })
  const others = runs.filter(({ state }) => state !== STATE.missing)
  const missing = runs.filter(({ state }) => state === STATE.missing)
  return (
    <>
      {others.map(({ from, until, ...run }) => (
        <CellBox key={from} {...run} x={x(from)} y={y} width={x(until) - x(from)} height={height} />
      ))}
      {missing.map(({ from, until }) => (
        <rect
          key={from}
          x={x(from) - 1.5}
          y={y - 1.5}
          width={x(until) - x(from) + 3}
          height={height + 3}
          fill="var(--bg)"
          stroke="var(--missing)"
          stroke-width={2}
        />
      ))}
    </>
  )
}

/** One row per year, one cell per day or week; outside of what is expected there is no cell. */
interface YearRow {
  readonly device: string
  readonly year: number
  readonly cells: readonly (YearCell | undefined)[]
}

interface YearCell {
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
    const start = daysBetween(firstDate, `${year}-01-01`)
    const length = daysBetween(`${year}-01-01`, `${year + 1}-01-01`)
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
      offShare: offMinutes / (DAY_MINUTES * inside.length),
    }
  }
}

const daysBetween = (from: string, until: string): number => (Date.parse(until) - Date.parse(from)) / DAY_MS
