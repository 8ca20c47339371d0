import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { usePage } from '../page/page.ts'
import { grouped } from '../text/number.ts'
import { canvasColours, type CanvasColours } from './canvas-colours.ts'
import { Rule } from './lines.tsx'
import type { TimeMark } from './time-marks.ts'

export interface PlotSeries {
  readonly column: readonly (number | null)[]
  /** CSS colours, or `hatch`. */
  readonly stroke?: string | undefined
  readonly fill?: string | undefined
  readonly fillOpacity?: number
  readonly width?: number
  readonly isDashed?: boolean
  /** Fills what lies between this one and the next. */
  readonly toNext?: string
}

export interface PlotProps {
  readonly startsMs: readonly number[]
  readonly fromMs: number
  readonly untilMs: number
  readonly series: readonly PlotSeries[]
  readonly minW: number
  readonly maxW: number
  readonly yMarks: readonly number[]
  readonly xMarks: readonly TimeMark[]
  readonly hasTimes: boolean
  readonly widthPx: number
  readonly heightPx: number
  readonly children?: ComponentChildren
}

export const PLOT_LEFT_PX = 46
export const PLOT_TOP_PX = 8
const TIMES_PX = 24
const TICKS_PX = 8
const HALF_NAME_PX = 16
/** From so many pixels a point on, a mean is drawn as the level that it is. */
const STEPPED_FROM_PX = 2
const BAND_OPACITY = 0.35

export const plotHeight = (heightPx: number, hasTimes: boolean): number =>
  PLOT_TOP_PX + heightPx + (hasTimes ? TIMES_PX : TICKS_PX)

/** A canvas of uPlot; what is over it (cursor, holes) is drawn by its children. */
export function Plot(props: PlotProps): JSX.Element {
  const { theme } = usePage()
  const ref = useRef<HTMLDivElement>(null)
  const chosenTheme = theme.value
  const { startsMs, series, fromMs, untilMs, minW, maxW, yMarks, widthPx, heightPx, hasTimes, children } = props
  useEffect(() => {
    const element = ref.current
    if (element === null || widthPx <= PLOT_LEFT_PX) return undefined
    const plots: uPlot[] = []
    const draw = () => {
      plots.pop()?.destroy()
      const colours = canvasColours(element)
      plots.push(
        new uPlot(plotOptions(props, colours), [[...startsMs], ...series.map(({ column }) => [...column])], element),
      )
    }
    draw()
    const dark = matchMedia('(prefers-color-scheme: dark)')
    dark.addEventListener('change', draw)
    return () => {
      dark.removeEventListener('change', draw)
      plots.pop()?.destroy()
    }
  }, [startsMs, series, fromMs, untilMs, minW, maxW, yMarks, widthPx, heightPx, hasTimes, chosenTheme])
  return (
    <div class="canvas" style={{ height: `${plotHeight(heightPx, hasTimes)}px` }}>
      <div ref={ref} aria-hidden="true" />
      <TimeAxis {...props} />
      {children}
    </div>
  )
}

function TimeAxis({ fromMs, untilMs, xMarks, hasTimes, widthPx, heightPx }: PlotProps): JSX.Element {
  const bottom = PLOT_TOP_PX + heightPx
  const x = (ms: number) => PLOT_LEFT_PX + ((ms - fromMs) / (untilMs - fromMs)) * (widthPx - PLOT_LEFT_PX)
  const within = (ms: number) => Math.min(widthPx - HALF_NAME_PX, Math.max(PLOT_LEFT_PX, x(ms)))
  return (
    <svg class="over" width={widthPx} height={plotHeight(heightPx, hasTimes)} aria-hidden="true">
      {xMarks.map(({ ms, text, isMajor }) => (
        <g key={ms}>
          <Rule x1={x(ms)} y1={bottom} x2={x(ms)} y2={bottom + 4} tone={isMajor ? 'ink' : 'edge'} />
          {hasTimes && (
            <text x={within(ms)} y={bottom + 17} text-anchor="middle" class={isMajor ? 'major' : ''}>
              {text}
            </text>
          )}
        </g>
      ))}
    </svg>
  )
}

function plotOptions(props: PlotProps, colours: CanvasColours): uPlot.Options {
  const { startsMs, fromMs, untilMs, series, minW, maxW, yMarks, widthPx, heightPx, hasTimes } = props
  const isStepped = (widthPx - PLOT_LEFT_PX) / Math.max(1, startsMs.length) >= STEPPED_FROM_PX
  const paths = isStepped ? uPlot.paths.stepped?.({ align: 1 }) : uPlot.paths.linear?.()
  return {
    width: widthPx,
    height: plotHeight(heightPx, hasTimes),
    padding: [PLOT_TOP_PX, 0, 0, 0],
    cursor: { show: false },
    legend: { show: false },
    select: { show: false, left: 0, top: 0, width: 0, height: 0 },
    scales: { x: { time: false, range: () => [fromMs, untilMs] }, y: { range: () => [minW, maxW] } },
    axes: [xAxis({ hasTimes, isZeroBased: minW === 0 }, colours), yAxis(yMarks, colours)],
    series: [
      {},
      ...series.map(({ stroke, fill, fillOpacity = 1, width = 1, isDashed = false }) => ({
        ...(paths && { paths }),
        spanGaps: false,
        points: { show: false },
        width,
        ...(stroke !== undefined && { stroke: colours.solid(stroke) }),
        ...(fill !== undefined && { fill: fill === 'hatch' ? colours.hatch() : colours.solid(fill, fillOpacity) }),
        ...(isDashed && { dash: [6, 4] }),
      })),
    ],
    bands: series.flatMap(({ toNext }, index) =>
      toNext === undefined
        ? []
        : [{ series: [index + 1, index + 2] satisfies uPlot.Band.Bounds, fill: colours.solid(toNext, BAND_OPACITY) }],
    ),
  }
}

/** Its marks are drawn by `TimeAxis`, which can set the start of a day stronger. */
function xAxis(
  { hasTimes, isZeroBased }: { hasTimes: boolean; isZeroBased: boolean },
  colours: CanvasColours,
): uPlot.Axis {
  return {
    size: hasTimes ? TIMES_PX : TICKS_PX,
    grid: { show: false },
    ticks: { show: false },
    border: { show: isZeroBased, width: 1, stroke: colours.solid('var(--edge)') },
    splits: () => [],
    values: () => [],
  }
}

function yAxis(yMarks: readonly number[], colours: CanvasColours): uPlot.Axis {
  const digits = yMarks.every((watts) => watts % 1000 === 0) ? 0 : 1
  const last = yMarks.at(-1)
  return {
    size: PLOT_LEFT_PX,
    font: colours.font(11),
    stroke: colours.solid('var(--ink-3)'),
    gap: 8,
    grid: { width: 1, stroke: colours.solid('var(--rule)') },
    ticks: { show: false },
    splits: () => [...yMarks],
    values: () => yMarks.map((watts) => `${grouped(watts / 1000, digits)}${watts === last ? ' kW' : ''}`),
  }
}
