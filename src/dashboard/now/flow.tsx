import type { JSX } from 'preact'
import { FitText, HATCH } from '../chart/lines.tsx'
import { useIsPhone, useWidth } from '../chart/use-width.ts'
import { token } from '../page/colours.ts'
import { useKnown } from '../page/page.ts'
import { listedBriefly, powerText } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import type { Moment } from './equation.tsx'
import { BAR_PX, layOutFlow, type Band, type FlowNumbers } from './flow-layout.ts'
import { useHeldOrder } from './use-held-order.ts'

/** Bands from what gives to what uses; on a phone two bars and a list. */
export function Flow(moment: Moment): JSX.Element {
  const { figures, silent } = moment
  const [ref, widthPx] = useWidth()
  const Drawing = useIsPhone() ? FlowBars : FlowBands
  const { hasSolar } = useKnown().house
  const uses = useHeldOrder(flowUses(moment), ({ watts }) => watts)
  const numbers = flowNumbers(moment, uses)
  return (
    <div ref={ref} class="flow">
      {numbers && widthPx > 0 ? (
        <Drawing
          numbers={numbers}
          widthPx={widthPx}
          hasSolar={hasSolar}
          hasExport={hasSolar || numbers.toGrid > 0}
          label={describe(numbers, hasSolar)}
        />
      ) : (
        <p class="dim">
          {figures.atMs !== undefined && silent.length > 0 ? texts.now.notDrawnWithout(listedBriefly(silent)) : '–'}
        </p>
      )}
    </div>
  )
}

/** A group of which nothing is known is not drawn: it is no zero. The list of circuits names it with a dash. */
function flowUses({ groups, figures: { channels } }: Moment) {
  return groups
    .filter(({ circuits }) => circuits.some(({ id }) => channels[id] != null))
    .map(({ name, token: hue, circuits }) => {
      const watts = circuits.reduce((sum, { id }) => sum + Math.round(channels[id] ?? 0), 0)
      return { key: name, name, watts, fill: token(hue) }
    })
}

function flowNumbers({ shown, unmetered }: Moment, uses: FlowNumbers['uses']): FlowNumbers | undefined {
  const { solar, fromGrid, house, toGrid } = shown
  if (solar === null || fromGrid === null || house === null || toGrid === null) return undefined
  const rest = unmetered === null ? [] : [{ name: texts.unmetered, watts: unmetered, fill: HATCH }]
  return { solar, fromGrid, house, toGrid, uses: [...uses, ...rest] }
}

function describe({ solar, fromGrid, house, toGrid }: FlowNumbers, hasSolar: boolean): string {
  const words = texts.now
  const grid = toGrid > 0 ? words.goesToGrid(powerText(toGrid)) : words.comesFromGrid(powerText(fromGrid))
  if (!hasSolar) return `${words.onlyHouseUses(powerText(house))}, ${grid}.`
  return `${words.solarGives(powerText(solar))}, ${words.houseUses(powerText(house))}, ${grid}.`
}

interface DrawingProps {
  readonly numbers: FlowNumbers
  readonly widthPx: number
  readonly hasSolar: boolean
  readonly hasExport: boolean
  readonly label: string
}

/** What a figure takes at the right. */
const VALUE_PX = 66

function FlowBands({ numbers, widthPx, hasSolar, hasExport, label }: DrawingProps): JSX.Element {
  const layout = layOutFlow(numbers, widthPx)
  const { solar, grid, house, export: out, heightPx } = layout
  const left = solar.x - 10
  const right = out.x + BAR_PX + 10
  const exportY = out.y + out.height / 2 + 4
  const band = layout.bands.find(({ fill }) => fill === 'var(--export)')
  return (
    <svg width={widthPx} height={heightPx} viewBox={`0 0 ${widthPx} ${heightPx}`} role="img" aria-label={label}>
      {layout.bands.map((one) => (
        <path
          key={`${one.fill} ${one.toY}`}
          d={bandPath(one)}
          fill={one.fill}
          fill-opacity={one.opacity}
          class="band"
        />
      ))}
      {[solar, grid, house, out, ...layout.uses].map(({ x, y, height, fill }) => (
        <rect key={`${x} ${y}`} x={x} y={y} width={BAR_PX} height={height} fill={fill} class="band" />
      ))}
      {hasSolar && (
        <>
          <text x={left} y={solar.y + 13} class="i" text-anchor="end">
            {texts.solar}
          </text>
          <text x={left} y={solar.y + 30} class="v" text-anchor="end">
            {powerText(numbers.solar)}
          </text>
        </>
      )}
      <text x={left} y={grid.y + Math.max(4, grid.height / 2 - 4)} class="i" text-anchor="end">
        {texts.grid}
      </text>
      <text x={left} y={grid.y + Math.max(20, grid.height / 2 + 12)} class="v" text-anchor="end">
        {powerText(numbers.fromGrid)}
      </text>
      <text x={house.x + BAR_PX / 2} y={house.y - 8} class="i" text-anchor="middle">
        {texts.house} <tspan font-weight="600">{powerText(numbers.house)}</tspan>
      </text>
      {layout.uses.map(({ name, watts, labelY }) => (
        <g key={name}>
          <FitText x={right} y={labelY} class="i" text={name} widthPx={widthPx - right - VALUE_PX} />
          <text x={widthPx} y={labelY} class="v" text-anchor="end">
            {powerText(watts)}
          </text>
        </g>
      ))}
      {hasExport && (
        <>
          <text x={right} y={exportY} class="i">
            {texts.toGrid}
          </text>
          <text x={widthPx} y={exportY} class="v" text-anchor="end">
            {powerText(numbers.toGrid)}
          </text>
        </>
      )}
      {band && band.height > 30 && (
        <text
          x={(band.fromX + band.toX) / 2}
          y={(band.fromY + band.toY + band.height) / 2 + 4}
          class="m"
          text-anchor="middle"
        >
          {texts.now.spareSolar}
        </text>
      )}
    </svg>
  )
}

function bandPath({ fromX, fromY, toX, toY, height }: Band): string {
  const bend = (toX - fromX) / 2
  const [a, b] = [fromX + bend, toX - bend]
  return `M${fromX} ${fromY}C${a} ${fromY} ${b} ${toY} ${toX} ${toY}V${toY + height}C${b} ${toY + height} ${a} ${fromY + height} ${fromX} ${fromY + height}Z`
}

const GAP_PX = 14
const IN_Y = 20
const OUT_Y = 74
const LIST_Y = 100
const ROW_PX = 22
const NAME_PX = 140
const BAR_VALUE_PX = 70

interface RibbonEnds {
  readonly fromX: number
  readonly toX: number
  readonly watts: number
}

/** For a phone: two bars of equal length, what comes in and what goes out, then a list. */
function FlowBars({ numbers, widthPx, hasSolar, hasExport, label }: DrawingProps): JSX.Element {
  const { solar, fromGrid, house, toGrid, uses } = numbers
  const used = Math.min(solar, house)
  const [inGap, outGap] = [solar > 0 && fromGrid > 0 ? GAP_PX : 0, house > 0 && toGrid > 0 ? GAP_PX : 0]
  // Both rows end under their labels, whether or not there is a gap in them.
  const inScale = (widthPx - inGap) / Math.max(1, solar + fromGrid)
  const outScale = (widthPx - outGap) / Math.max(1, house + toGrid)
  const gridX = solar * inScale + inGap
  const outX = house * outScale + outGap
  const ribbon = (source: string, { fromX, toX, watts }: RibbonEnds) => {
    const [fromEnd, toEnd] = [fromX + watts * inScale, toX + watts * outScale]
    const [top, bottom] = [IN_Y + BAR_PX, OUT_Y]
    const middle = (top + bottom) / 2
    const path = `M${fromX} ${top}C${fromX} ${middle} ${toX} ${middle} ${toX} ${bottom}H${toEnd}C${toEnd} ${middle} ${fromEnd} ${middle} ${fromEnd} ${top}Z`
    return watts > 0 && <path d={path} fill={`var(--${source})`} fill-opacity={0.5} class="band" />
  }
  const most = Math.max(1, ...uses.map(({ watts }) => watts))
  const heightPx = LIST_Y + uses.length * ROW_PX
  return (
    <svg width={widthPx} height={heightPx} viewBox={`0 0 ${widthPx} ${heightPx}`} role="img" aria-label={label}>
      <Pair
        y={12}
        widthPx={widthPx}
        left={hasSolar ? [texts.solar, solar] : [texts.grid, fromGrid]}
        right={hasSolar ? [texts.grid, fromGrid] : undefined}
      />
      <rect x={0} y={IN_Y} width={solar * inScale} height={BAR_PX} fill="var(--solar-line)" class="band" />
      <rect x={gridX} y={IN_Y} width={fromGrid * inScale} height={BAR_PX} fill="var(--import-line)" class="band" />
      {ribbon('solar', { fromX: 0, toX: 0, watts: used })}
      {ribbon('export', { fromX: used * inScale, toX: outX, watts: toGrid })}
      {ribbon('import', { fromX: gridX, toX: used * outScale, watts: fromGrid })}
      <rect x={0} y={OUT_Y} width={house * outScale} height={BAR_PX} fill="var(--ink)" class="band" />
      <rect x={outX} y={OUT_Y} width={toGrid * outScale} height={BAR_PX} fill="var(--export-line)" class="band" />
      <Pair
        y={66}
        widthPx={widthPx}
        left={[texts.house, house]}
        right={hasExport ? [texts.toGrid, toGrid] : undefined}
      />
      {uses.map(({ name, watts, fill }, index) => {
        const y = LIST_Y + index * ROW_PX
        return (
          <g key={name}>
            <FitText x={0} y={y + 10} class="i" text={name} widthPx={NAME_PX - 8} />
            {watts > 0 && (
              <rect
                x={NAME_PX}
                y={y + 2}
                width={Math.max(2, (watts / most) * (widthPx - NAME_PX - BAR_VALUE_PX))}
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
