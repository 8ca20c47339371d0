import type { JSX } from 'preact'
import type { Now } from '../api/answers.ts'
import { FitText } from '../chart/fit-text.tsx'
import { useIsPhone, useWidth } from '../chart/use-width.ts'
import { token, type Group } from '../page/colours.ts'
import { useKnown } from '../page/page.ts'
import { powerText } from '../text/number.ts'
import type { Balance } from './balance.ts'
import { BAR_PX, layOutFlow, type Band, type FlowNumbers, type Use } from './flow-layout.ts'
import { FlowBars } from './flow-bars.tsx'

/** What a figure takes at the right. */
const VALUE_PX = 66

interface FlowProps {
  readonly now: Now | undefined
  readonly groups: readonly Group[]
  readonly shown: Balance
  readonly unmetered: number | null
  /** Devices of which nothing is known of this minute. */
  readonly silent: readonly string[]
}

export function Flow({ now, groups, shown, unmetered, silent }: FlowProps): JSX.Element {
  const [ref, widthPx] = useWidth()
  const isPhone = useIsPhone()
  const { house } = useKnown()
  const numbers = now && flowNumbers(now, groups, { shown, unmetered })
  return (
    <div ref={ref} class="flow">
      {numbers && widthPx > 0 ? (
        isPhone ? (
          <FlowBars numbers={numbers} widthPx={widthPx} label={describe(numbers, house.hasSolar)} />
        ) : (
          <FlowBands numbers={numbers} widthPx={widthPx} />
        )
      ) : (
        <p class="dim">
          {now !== undefined && silent.length > 0
            ? `It cannot be drawn without ${silent.join(' and ')}; the circuits of the others are listed.`
            : '–'}
        </p>
      )}
    </div>
  )
}

function flowNumbers(
  { channels }: Now,
  groups: readonly Group[],
  { shown, unmetered }: { shown: Balance; unmetered: number | null },
): FlowNumbers | undefined {
  const { solar, fromGrid, house, toGrid } = shown
  if (solar === null || fromGrid === null || house === null || toGrid === null) return undefined
  // A group of which nothing is known is not drawn: it is no zero. The list of circuits names it with a dash.
  const uses = groups
    .filter(({ circuits }) => circuits.some(({ id }) => channels[id] != null))
    .map(({ name, token: hue, circuits }): Use => {
      const watts = circuits.reduce((sum, { id }) => sum + Math.round(channels[id] ?? 0), 0)
      return { name, watts, fill: token(hue), isUnmetered: false }
    })
    .toSorted((a, b) => b.watts - a.watts)
  const rest: Use[] =
    unmetered === null ? [] : [{ name: 'Unmetered', watts: unmetered, fill: 'url(#hatch)', isUnmetered: true }]
  return { solar, fromGrid, house, toGrid, uses: [...uses, ...rest] }
}

function FlowBands({ numbers, widthPx }: { numbers: FlowNumbers; widthPx: number }): JSX.Element {
  const { house: described } = useKnown()
  const hasExport = described.hasSolar || numbers.toGrid > 0
  const layout = layOutFlow(numbers, widthPx)
  const { solar, grid, house, export: out } = layout
  const left = solar.x - 10
  const right = out.x + BAR_PX + 10
  const exportY = out.y + out.height / 2 + 4
  const band = layout.bands.find(({ fill }) => fill === 'var(--export)')
  return (
    <svg
      width={widthPx}
      height={layout.heightPx}
      viewBox={`0 0 ${widthPx} ${layout.heightPx}`}
      role="img"
      aria-label={describe(numbers, described.hasSolar)}
    >
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
      {described.hasSolar && (
        <>
          <text x={left} y={solar.y + 13} class="i" text-anchor="end">
            Solar
          </text>
          <text x={left} y={solar.y + 30} class="v" text-anchor="end">
            {powerText(numbers.solar)}
          </text>
        </>
      )}
      <text x={left} y={grid.y + Math.max(4, grid.height / 2 - 4)} class="i" text-anchor="end">
        Grid
      </text>
      <text x={left} y={grid.y + Math.max(20, grid.height / 2 + 12)} class="v" text-anchor="end">
        {powerText(numbers.fromGrid)}
      </text>
      <text x={house.x + BAR_PX / 2} y={house.y - 8} class="i" text-anchor="middle">
        House <tspan font-weight="600">{powerText(numbers.house)}</tspan>
      </text>
      {layout.uses.map(({ use, labelY }) => (
        <g key={use.name}>
          <FitText x={right} y={labelY} class="i" text={use.name} widthPx={widthPx - right - VALUE_PX} />
          <text x={widthPx} y={labelY} class="v" text-anchor="end">
            {powerText(use.watts)}
          </text>
        </g>
      ))}
      {hasExport && (
        <>
          <text x={right} y={exportY} class="i">
            To the grid
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
          solar that the house does not need
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

function describe({ solar, fromGrid, house, toGrid }: FlowNumbers, hasSolar: boolean): string {
  const grid = toGrid > 0 ? `${powerText(toGrid)} goes to the grid` : `${powerText(fromGrid)} comes from the grid`
  if (!hasSolar) return `The house uses ${powerText(house)}, ${grid}.`
  return `Solar gives ${powerText(solar)}, the house uses ${powerText(house)}, ${grid}.`
}
