import type { JSX } from 'preact'
import { FitText } from '../chart/fit-text.tsx'
import { useKnown } from '../page/page.ts'
import { powerText } from '../text/number.ts'
import { BAR_PX, type FlowNumbers } from './flow-layout.ts'

const GAP_PX = 14
const IN_Y = 20
const OUT_Y = 74
const LIST_Y = 100
const ROW_PX = 22
const NAME_PX = 140
const VALUE_PX = 70

/** For a phone: two bars of equal length, what comes in and what goes out, then a list. */
export function FlowBars({
  numbers,
  widthPx,
  label,
}: {
  numbers: FlowNumbers
  widthPx: number
  label: string
}): JSX.Element {
  const { solar, fromGrid, house, toGrid, uses } = numbers
  const { house: described } = useKnown()
  const hasExport = described.hasSolar || toGrid > 0
  const used = Math.min(solar, house)
  const [inGap, outGap] = [solar > 0 && fromGrid > 0 ? GAP_PX : 0, house > 0 && toGrid > 0 ? GAP_PX : 0]
  // Both rows end under their labels, whether or not there is a gap in them.
  const inScale = (widthPx - inGap) / Math.max(1, solar + fromGrid)
  const outScale = (widthPx - outGap) / Math.max(1, house + toGrid)
  const gridX = solar * inScale + inGap
  const outX = house * outScale + outGap
  const ribbon = (fromX: number, toX: number, watts: number) => ({
    top: { x: fromX, width: watts * inScale },
    bottom: { x: toX, width: watts * outScale },
  })
  const most = Math.max(1, ...uses.map(({ watts }) => watts))
  const heightPx = LIST_Y + uses.length * ROW_PX
  return (
    <svg width={widthPx} height={heightPx} viewBox={`0 0 ${widthPx} ${heightPx}`} role="img" aria-label={label}>
      <Pair
        y={12}
        widthPx={widthPx}
        left={described.hasSolar ? ['Solar', solar] : ['Grid', fromGrid]}
        right={described.hasSolar ? ['Grid', fromGrid] : undefined}
      />
      <rect x={0} y={IN_Y} width={solar * inScale} height={BAR_PX} fill="var(--solar-line)" class="band" />
      <rect x={gridX} y={IN_Y} width={fromGrid * inScale} height={BAR_PX} fill="var(--import-line)" class="band" />
      <Ribbon {...ribbon(0, 0, used)} fill="var(--solar)" />
      <Ribbon {...ribbon(used * inScale, outX, toGrid)} fill="var(--export)" />
      <Ribbon {...ribbon(gridX, used * outScale, fromGrid)} fill="var(--import)" />
      <rect x={0} y={OUT_Y} width={house * outScale} height={BAR_PX} fill="var(--ink)" class="band" />
      <rect x={outX} y={OUT_Y} width={toGrid * outScale} height={BAR_PX} fill="var(--export-line)" class="band" />
      <Pair y={66} widthPx={widthPx} left={['House', house]} right={hasExport ? ['To the grid', toGrid] : undefined} />
      {uses.map(({ name, watts, fill }, index) => {
        const y = LIST_Y + index * ROW_PX
        return (
          <g key={name}>
            <FitText x={0} y={y + 10} class="i" text={name} widthPx={NAME_PX - 8} />
            {watts > 0 && (
              <rect
                x={NAME_PX}
                y={y + 2}
                width={Math.max(2, (watts / most) * (widthPx - NAME_PX - VALUE_PX))}
                height={8}
                fill={fill}
                class="band"
              />
            )}
            <text x={widthPx} y={y + 10} class="v" text-anchor="end">
              {powerText(watts)}
            </text>
          </g>
        )
      })}
    </svg>
  )
}

type Named = readonly [name: string, watts: number]

interface PairProps {
  readonly y: number
  readonly widthPx: number
  readonly left: Named
  readonly right: Named | undefined
}

function Pair({ y, widthPx, left, right }: PairProps): JSX.Element {
  return (
    <>
      <text x={0} y={y} class="i">
        {left[0]} <tspan font-weight="600">{powerText(left[1])}</tspan>
      </text>
      {right && (
        <text x={widthPx} y={y} class="i" text-anchor="end">
          {right[0]} <tspan font-weight="600">{powerText(right[1])}</tspan>
        </text>
      )}
    </>
  )
}

interface Edge {
  readonly x: number
  readonly width: number
}

function Ribbon({ top, bottom, fill }: { top: Edge; bottom: Edge; fill: string }): JSX.Element | null {
  if (top.width <= 0) return null
  const [topY, bottomY] = [IN_Y + BAR_PX, OUT_Y]
  const middle = (topY + bottomY) / 2
  const [topEnd, bottomEnd] = [top.x + top.width, bottom.x + bottom.width]
  const path = `M${top.x} ${topY}C${top.x} ${middle} ${bottom.x} ${middle} ${bottom.x} ${bottomY}H${bottomEnd}C${bottomEnd} ${middle} ${topEnd} ${middle} ${topEnd} ${topY}Z`
  return <path d={path} fill={fill} fill-opacity={0.5} class="band" />
}
