import type { Box, Cell } from './cell-grid.tsx'

interface EvenCellsOptions {
  readonly rowCount: number
  readonly columnCount: number
  readonly leftPx: number
  readonly topPx: number
  /** From one column, or row, to the next. */
  readonly cellPx: number
  readonly rowPx: number
  /** What of it is left free. */
  readonly columnGapPx: number
  readonly rowGapPx: number
}

/** Where cells of one size lie, and which one lies at a point. */
export function evenCells(options: EvenCellsOptions) {
  const { rowCount, columnCount, leftPx, topPx, cellPx, rowPx, columnGapPx, rowGapPx } = options
  return {
    boxOf: ({ row, column }: Cell): Box => ({
      x: leftPx + column * cellPx,
      y: topPx + row * rowPx,
      width: cellPx - columnGapPx,
      height: rowPx - rowGapPx,
    }),
    cellAt(x: number, y: number): Cell | undefined {
      const cell = { row: Math.floor((y - topPx) / rowPx), column: Math.floor((x - leftPx) / cellPx) }
      return cell.row >= 0 && cell.row < rowCount && cell.column >= 0 && cell.column < columnCount ? cell : undefined
    },
  }
}
