import { HATCH } from '../chart/lines.tsx'

interface Use {
  readonly name: string
  readonly watts: number
  readonly fill: string
}

export interface FlowNumbers {
  readonly solar: number
  readonly fromGrid: number
  readonly house: number
  readonly toGrid: number
  readonly uses: readonly Use[]
}

export interface Band {
  readonly fill: string
  readonly opacity: number
  readonly fromX: number
  readonly fromY: number
  readonly toX: number
  readonly toY: number
  readonly height: number
}

export const BAR_PX = 8
const LABELS_LEFT_PX = 92
const LABELS_RIGHT_PX = 216
const DRAWN_PX = 338
const TOP_PX = 20
const LEAST_PX = 2
const USE_GAP_PX = 11
const LEAST_USE_PX = 12
const GRID_GAP_PX = 26
/** What each name takes beyond what is drawn, from the fourth on. */
const MORE_USE_PX = 8

/** Solar on top, first to the house, the rest to the grid; the grid enters the house from below. Widths to scale. */
export function layOutFlow({ solar, fromGrid, house, toGrid, uses }: FlowNumbers, widthPx: number) {
  const total = Math.max(solar + fromGrid, house + toGrid, 1)
  const scale = (DRAWN_PX - TOP_PX - (USE_GAP_PX + 4) * (uses.length + 1)) / total
  const [leftX, middleX, rightX] = [LABELS_LEFT_PX, widthPx * 0.46, widthPx - LABELS_RIGHT_PX]
  const [usedPx, toGridPx, fromGridPx] = [Math.min(solar, house) * scale, toGrid * scale, fromGrid * scale]
  const houseY = TOP_PX + 20
  const solarY = TOP_PX + 34
  const gridY = solarY + solar * scale + GRID_GAP_PX
  const laidUses = layOutUses(uses, scale, houseY)
  const exportY = Math.max((laidUses.at(-1)?.endY ?? houseY) + USE_GAP_PX, DRAWN_PX - toGridPx - 2)

  const fromLeft = { opacity: 0.5, fromX: leftX }
  const bands: readonly Band[] = [
    { ...fromLeft, fill: 'var(--solar)', fromY: solarY, toX: middleX, toY: houseY, height: usedPx },
    { ...fromLeft, fill: 'var(--export)', fromY: solarY + usedPx, toX: rightX, toY: exportY, height: toGridPx },
    { ...fromLeft, fill: 'var(--import)', fromY: gridY, toX: middleX, toY: houseY + usedPx, height: fromGridPx },
    ...laidUses.map(({ fill, fromY, y, drawnPx }) => ({
      fill: fill === HATCH ? 'var(--rest)' : fill,
      opacity: fill === HATCH ? 0.25 : 0.32,
      fromX: middleX + BAR_PX,
      fromY,
      toX: rightX,
      toY: y,
      height: drawnPx,
    })),
  ]
  return {
    bands: bands.filter(({ height }) => height > 0),
    solar: { x: leftX - BAR_PX, y: solarY, height: seen(solar, scale), fill: 'var(--solar-line)' },
    grid: { x: leftX - BAR_PX, y: gridY, height: Math.max(LEAST_PX, fromGridPx), fill: 'var(--import-line)' },
    house: { x: middleX, y: houseY, height: seen(house, scale), fill: 'var(--ink)' },
    export: { x: rightX, y: exportY, height: seen(toGrid, scale), fill: 'var(--export-line)' },
    uses: laidUses.map((laid) => ({ ...laid, x: rightX })),
    // Of the number of names alone, unless the parts are more than their sum: with other figures nothing moves.
    heightPx:
      Math.max(DRAWN_PX + MORE_USE_PX * Math.max(0, uses.length - 3), exportY + toGridPx, gridY + fromGridPx + 20) + 8,
  }
}

/** Little is drawn as 2 px, nothing as nothing. */
const seen = (watts: number, scale: number): number => (watts > 0 ? Math.max(LEAST_PX, watts * scale) : 0)

/** Below each other, with space for a name each; `fromY` is where they leave the house. */
function layOutUses(uses: readonly Use[], scale: number, houseY: number) {
  let fromY = houseY
  let nextY = TOP_PX - 10
  return uses.map(({ name, watts, fill }) => {
    const drawnPx = Math.max(0, watts) * scale
    const height = seen(watts, scale)
    const spacePx = Math.max(drawnPx, LEAST_USE_PX)
    const y = nextY + Math.max(0, (LEAST_USE_PX - height) / 2)
    const laid = {
      name,
      watts,
      fill,
      drawnPx,
      fromY,
      y,
      height,
      labelY: nextY + spacePx / 2 + 4,
      endY: nextY + spacePx,
    }
    fromY += drawnPx
    nextY += spacePx + USE_GAP_PX
    return laid
  })
}
