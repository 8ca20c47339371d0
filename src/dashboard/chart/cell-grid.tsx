import type { ComponentChildren, JSX } from 'preact'
import { useId, useState } from 'preact/hooks'
import { texts } from '../text/texts.ts'

export interface Cell {
  readonly row: number
  readonly column: number
}

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

interface GridSize {
  readonly rowCount: number
  readonly columnCount: number
}

interface CellGridProps extends GridSize {
  readonly label: string
  readonly widthPx: number
  readonly heightPx: number
  readonly boxOf: (cell: Cell) => Box
  /** The cell at a point of the drawing. */
  readonly cellAt: (x: number, y: number) => Cell | undefined
  /** What a cell says; undefined where there is none, which keys skip. */
  readonly nameOf: (cell: Cell) => string | undefined
  readonly first: Cell
  readonly onChoose?: (cell: Cell) => void
  readonly children: ComponentChildren
}

/**
 * A drawing of many cells, which is one stop of the keyboard. Only the present cell is an element: thousands would be
 * slow, and a grid may tell how much of it is there.
 */
export function CellGrid(props: CellGridProps): JSX.Element {
  const { label, rowCount, columnCount, widthPx, heightPx, boxOf, cellAt, nameOf, first, onChoose, children } = props
  const id = useId()
  const [chosen, setChosen] = useState<Cell>()
  const [pointed, setPointed] = useState<Cell>()
  const [hasFocus, setHasFocus] = useState(false)
  const active = chosen ?? first
  const shown = hasFocus ? active : pointed
  const ring = shown && boxOf(shown)
  const at = (event: MouseEvent & { currentTarget: Element }) => {
    const { left, top } = event.currentTarget.getBoundingClientRect()
    const cell = cellAt(event.clientX - left, event.clientY - top)
    return cell && nameOf(cell) !== undefined ? cell : undefined
  }
  const move = (event: KeyboardEvent) => {
    const isChoice = event.key === 'Enter' || event.key === ' '
    if (isChoice) onChoose?.(active)
    const next = nextCell(event.key, active, { rowCount, columnCount })
    if (next === undefined && !isChoice) return
    event.preventDefault()
    if (next && nameOf(next) !== undefined) setChosen(next)
  }
  return (
    <>
      <div
        class={onChoose ? 'cells choosable' : 'cells'}
        role="grid"
        tabIndex={0}
        aria-label={label}
        aria-rowcount={rowCount}
        aria-colcount={columnCount}
        aria-activedescendant={id}
        onKeyDown={move}
        onFocus={() => setHasFocus(true)}
        onBlur={() => setHasFocus(false)}
        onPointerMove={(event) => setPointed(at(event))}
        onPointerLeave={() => setPointed(undefined)}
        onClick={(event) => {
          const cell = at(event)
          if (cell === undefined) return
          setChosen(cell)
          onChoose?.(cell)
        }}
      >
        <svg width={widthPx} height={heightPx} viewBox={`0 0 ${widthPx} ${heightPx}`} aria-hidden="true">
          {children}
          {ring && (
            <rect
              x={ring.x - 1.5}
              y={ring.y - 1.5}
              width={ring.width + 3}
              height={ring.height + 3}
              fill="none"
              stroke="var(--focus)"
              stroke-width={2}
            />
          )}
        </svg>
        <div role="row" aria-rowindex={active.row + 1}>
          <div role="gridcell" id={id} class="vh" aria-colindex={active.column + 1}>
            {nameOf(active) ?? texts.nothing}
          </div>
        </div>
      </div>
      <p class="readline">{(shown && nameOf(shown)) ?? '\u00a0'}</p>
    </>
  )
}

export function nextCell(key: string, { row, column }: Cell, size: GridSize): Cell | undefined {
  const { rowCount, columnCount } = size
  const inRow = nextInRow(key, column, columnCount)
  if (inRow !== undefined) return { row: within(row, rowCount), column: inRow }
  const down = { ArrowUp: -1, ArrowDown: 1 }[key]
  return down === undefined ? undefined : { row: within(row + down, rowCount), column: within(column, columnCount) }
}

/** Where a key goes from one of so many side by side. */
export function nextInRow(key: string, at: number, count: number): number | undefined {
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: count - 1, PageUp: at - 7, PageDown: at + 7 }[key]
  return to === undefined || count === 0 ? undefined : within(to, count)
}

const within = (index: number, count: number): number => Math.min(count - 1, Math.max(0, index))

interface EvenCellsOptions extends GridSize {
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
