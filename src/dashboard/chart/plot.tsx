import type { ComponentChildren, JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { usePage } from '../page/page.ts'
import { axisLabels, powerUnit, type TimeMark } from './axes.ts'
import { Rule, ValueAxis } from './lines.tsx'

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
  readonly children: ComponentChildren
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

/** A canvas of uPlot over its axes; what is over it (cursor, gaps) is drawn by its children. */
export function Plot(props: PlotProps): JSX.Element {
  const theme = usePage().theme.value
  const ref = useRef<HTMLDivElement>(null)
  const { startsMs, series, fromMs, untilMs, minW, maxW, widthPx, heightPx, hasTimes, children } = props
  // At once: what is printed does not wait for another frame.
  useLayoutEffect(() => {
    const element = ref.current
    if (element === null || widthPx <= PLOT_LEFT_PX || startsMs.length === 0) return undefined
    let plot: uPlot | undefined
    const draw = () => {
      plot?.destroy()
      const columns = [[...startsMs], ...series.map(({ column }) => [...column])] satisfies uPlot.AlignedData
      plot = new uPlot(plotOptions(props, canvasColours(element)), columns, element)
    }
    draw()
    const dark = matchMedia('(prefers-color-scheme: dark)')
    dark.addEventListener('change', draw)
    return () => {
      dark.removeEventListener('change', draw)
      plot?.destroy()
    }
  }, [startsMs, series, fromMs, untilMs, minW, maxW, widthPx, heightPx, hasTimes, theme])
  return (
    <div class="canvas" style={{ height: `${plotHeight(heightPx, hasTimes)}px` }}>
      <div ref={ref} aria-hidden="true" />
      <Axes {...props} />
      {children}
    </div>
  )
}

/** Drawn apart from the canvas, so that they stand before there is anything to plot. */
function Axes({ fromMs, untilMs, minW, maxW, xMarks, yMarks, hasTimes, widthPx, heightPx }: PlotProps): JSX.Element {
  const bottom = PLOT_TOP_PX + heightPx
  const x = (ms: number) => PLOT_LEFT_PX + ((ms - fromMs) / (untilMs - fromMs)) * (widthPx - PLOT_LEFT_PX)
  const y = (watts: number) => bottom - ((watts - minW) / (maxW - minW)) * heightPx
  const within = (ms: number) => Math.min(widthPx - HALF_NAME_PX, Math.max(PLOT_LEFT_PX, x(ms)))
  return (
    <svg class="over under" width={widthPx} height={plotHeight(heightPx, hasTimes)} aria-hidden="true">
      <ValueAxis
        marks={yMarks}
        labels={axisLabels(yMarks, powerUnit(Math.max(maxW, -minW)))}
        y={y}
        leftPx={PLOT_LEFT_PX}
        widthPx={widthPx}
      />
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
  const { startsMs, fromMs, untilMs, series, minW, maxW, widthPx, heightPx, hasTimes } = props
  const isStepped = (widthPx - PLOT_LEFT_PX) / Math.max(1, startsMs.length) >= STEPPED_FROM_PX
  const paths = isStepped ? uPlot.paths.stepped?.({ align: 1 }) : uPlot.paths.linear?.()
  return {
    width: widthPx,
    height: plotHeight(heightPx, hasTimes),
    padding: [PLOT_TOP_PX, 0, hasTimes ? TIMES_PX : TICKS_PX, PLOT_LEFT_PX],
    cursor: { show: false },
    legend: { show: false },
    select: { show: false, left: 0, top: 0, width: 0, height: 0 },
    scales: { x: { time: false, range: () => [fromMs, untilMs] }, y: { range: () => [minW, maxW] } },
    axes: [{ show: false }, { show: false }],
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

type CanvasColours = ReturnType<typeof canvasColours>

const HATCH_PX = 5

/** Colours of the style sheet as a canvas takes them, which knows neither variables nor `color-mix`. */
function canvasColours(element: HTMLElement) {
  const probe = document.createElement('i')
  element.append(probe)
  const solid = (css: string, opacity = 1): string => {
    probe.style.color = opacity === 1 ? css : `color-mix(in srgb, ${css} ${opacity * 100}%, transparent)`
    return getComputedStyle(probe).color
  }
  return {
    solid,
    /** Made again with each theme. */
    hatch(): CanvasPattern | string {
      const ratio = devicePixelRatio
      const canvas = document.createElement('canvas')
      canvas.width = canvas.height = Math.round(HATCH_PX * ratio)
      const context = canvas.getContext('2d')
      if (context === null) return solid('var(--rest)')
      const size = canvas.width
      context.fillStyle = solid('var(--bg)')
      context.fillRect(0, 0, size, size)
      context.strokeStyle = solid('var(--rest)')
      context.lineWidth = 1.4 * ratio
      for (const shift of [-size, 0, size]) {
        context.beginPath()
        context.moveTo(shift, size)
        context.lineTo(shift + size, 0)
        context.stroke()
      }
      return context.createPattern(canvas, 'repeat') ?? solid('var(--rest)')
    },
  }
}
