export interface Use {
  readonly name: string
  readonly watts: number
  readonly fill: string
  readonly isUnmetered: boolean
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

export interface Bar {
  readonly x: number
  readonly y: number
  readonly height: number
  readonly fill: string
}

export interface FlowLayout {
  readonly bands: readonly Band[]
  readonly solar: Bar
  readonly grid: Bar
  readonly house: Bar
  readonly export: Bar
  readonly uses: readonly (Bar & { readonly use: Use; readonly labelY: number })[]
  readonly heightPx: number
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

/** Solar on top, first to the house, the rest to the grid; the grid enters the house from below. Widths to scale. */
export function layOutFlow(numbers: FlowNumbers, widthPx: number): FlowLayout {
  const { solar, fromGrid, house, toGrid, uses } = numbers
  const total = Math.max(solar + fromGrid, house + toGrid, 1)
  const scale = (DRAWN_PX - TOP_PX - (USE_GAP_PX + 4) * (uses.length + 1)) / total
  const used = Math.min(solar, house)
  const [leftX, middleX, rightX] = [LABELS_LEFT_PX, widthPx * 0.46, widthPx - LABELS_RIGHT_PX]
  const houseY = TOP_PX + 20
  const solarY = TOP_PX + 34
  const gridY = solarY + solar * scale + GRID_GAP_PX
  const seen = (watts: number) => (watts > 0 ? Math.max(LEAST_PX, watts * scale) : 0)

  const laidUses = stack(uses, scale)
  const exportY = Math.max((laidUses.at(-1)?.endY ?? houseY) + USE_GAP_PX, DRAWN_PX - toGrid * scale - 2)
  const band = (fill: string, opacity: number, path: Omit<Band, 'fill' | 'opacity'>): Band => ({
    fill,
    opacity,
    ...path,
  })
  const bands = [
    band('var(--solar)', 0.5, { fromX: leftX, fromY: solarY, toX: middleX, toY: houseY, height: used * scale }),
    band('var(--export)', 0.5, {
      fromX: leftX,
      fromY: solarY + used * scale,
      toX: rightX,
      toY: exportY,
      height: toGrid * scale,
    }),
    band('var(--import)', 0.5, {
      fromX: leftX,
      fromY: gridY,
      toX: middleX,
      toY: houseY + used * scale,
      height: fromGrid * scale,
    }),
    ...outOfHouse(laidUses, { x: middleX + BAR_PX, y: houseY, toX: rightX, scale }),
  ]
  return {
    bands: bands.filter(({ height }) => height > 0),
    solar: { x: leftX - BAR_PX, y: solarY, height: seen(solar), fill: 'var(--solar-line)' },
    grid: { x: leftX - BAR_PX, y: gridY, height: Math.max(LEAST_PX, fromGrid * scale), fill: 'var(--import-line)' },
    house: { x: middleX, y: houseY, height: seen(house), fill: 'var(--ink)' },
    export: { x: rightX, y: exportY, height: seen(toGrid), fill: 'var(--export-line)' },
    uses: laidUses.map((laid) => ({ ...laid, x: rightX })),
    heightPx: Math.max(DRAWN_PX, exportY + toGrid * scale, gridY + fromGrid * scale + 20) + 8,
  }
}

function stack(uses: readonly Use[], scale: number) {
  let y = TOP_PX - 10
  return uses.map((use) => {
    const drawn = Math.max(0, use.watts) * scale
    const height = use.watts > 0 ? Math.max(LEAST_PX, drawn) : 0
    const spacePx = Math.max(drawn, LEAST_USE_PX)
    const laid = {
      use,
      drawn,
      y: y + Math.max(0, (LEAST_USE_PX - height) / 2),
      height,
      labelY: y + spacePx / 2 + 4,
      endY: y + spacePx,
      fill: use.fill,
    }
    y += spacePx + USE_GAP_PX
    return laid
  })
}

function outOfHouse(
  laidUses: ReturnType<typeof stack>,
  { x, y, toX, scale }: { x: number; y: number; toX: number; scale: number },
): readonly Band[] {
  let fromY = y
  return laidUses.map(({ use, drawn, y: toY }) => {
    const height = Math.max(0, use.watts) * scale
    const band = {
      fill: use.isUnmetered ? 'var(--rest)' : use.fill,
      opacity: use.isUnmetered ? 0.25 : 0.32,
      fromX: x,
      fromY,
      toX,
      toY,
      height,
    }
    fromY += drawn
    return band
  })
}
