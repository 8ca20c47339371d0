import type { JSX } from 'preact'
import type { Power } from '../api/answers.ts'
import { FitText, joined } from '../chart/lines.tsx'
import { PLOT_LEFT_PX, PLOT_TOP_PX } from '../chart/plot.tsx'
import { useIsPhone } from '../chart/use-width.ts'
import { texts } from '../text/texts.ts'
import type { Line } from './lanes.ts'
import { pointStarts } from './range.ts'

interface Size {
  readonly heightPx: number
  readonly widthPx: number
}

interface CursorProps extends Size {
  readonly x: number | undefined
  readonly drag: { readonly fromX: number; readonly toX: number } | undefined
  readonly label: string | undefined
}

/** A line over the chart, and the span that is being drawn. */
export function Cursor({ x, drag, heightPx, widthPx, label }: CursorProps): JSX.Element {
  const bottom = PLOT_TOP_PX + heightPx
  return (
    <svg class="over" width={widthPx} height={bottom + 4} aria-hidden="true">
      {drag && (
        <rect
          x={Math.min(drag.fromX, drag.toX)}
          y={PLOT_TOP_PX}
          width={Math.abs(drag.toX - drag.fromX)}
          height={heightPx}
          fill="var(--wash)"
          stroke="var(--ink)"
        />
      )}
      {x !== undefined && (
        <>
          <line x1={x} y1={PLOT_TOP_PX} x2={x} y2={bottom + 4} stroke="var(--ink)" shape-rendering="crispEdges" />
          {label !== undefined && (
            <text x={Math.min(widthPx - 20, Math.max(20, x))} y={PLOT_TOP_PX - 3} class="v" text-anchor="middle">
              {label}
            </text>
          )}
        </>
      )}
    </svg>
  )
}

interface LineNamesProps extends Size {
  readonly lines: readonly Line[]
  readonly maxW: number
}

const ROW_PX = 14
const SAMPLE_PX = 14
const ABOVE_PX = 7

/** The names of picked circuits at the ends of their lines. */
export function LineNames({ lines, maxW, heightPx, widthPx }: LineNamesProps): JSX.Element {
  const left = widthPx - SAMPLE_PX
  return (
    <svg class="over" width={widthPx} height={heightPx + PLOT_TOP_PX} aria-hidden="true">
      {placeNames(lines, maxW, heightPx).map(({ line: { id, name, colour, isDashed }, y }) => (
        <g key={id} transform={`translate(0 ${PLOT_TOP_PX + y})`}>
          <line
            x1={left}
            x2={widthPx}
            stroke={colour}
            stroke-width={2}
            stroke-dasharray={isDashed ? '6 4' : undefined}
          />
          <FitText x={left - 5} y={4} class="i halo" anchor="end" text={name} widthPx={left - 5 - PLOT_LEFT_PX} />
        </g>
      ))}
    </svg>
  )
}

/** Each name beside the right end of its line, pushed apart where they would lie over each other. */
export function placeNames(lines: readonly Line[], maxW: number, heightPx: number) {
  const ends = lines
    .map((line) => ({ line, watts: line.watts.findLast((value) => value !== null) ?? 0 }))
    .toSorted((a, b) => b.watts - a.watts)
  let above = -Infinity
  return ends.map(({ line, watts }, rank) => {
    const least = rank * ROW_PX
    const most = heightPx - (ends.length - rank) * ROW_PX
    above = Math.max(above + ROW_PX, least, Math.min(most, (1 - watts / maxW) * heightPx - ABOVE_PX))
    return { line, y: above }
  })
}

interface MarkedSpansProps extends Size {
  readonly power: Power
  readonly xAt: (ms: number) => number
}

/** Missing minutes are fenced in red; a bucket that is the mean of fewer has a tick under the axis: a thin line where none was measured, as in Coverage. */
export function MarkedSpans({ power, xAt, heightPx, widthPx }: MarkedSpansProps): JSX.Element {
  const isPhone = useIsPhone()
  const starts = pointStarts(power)
  const bottom = PLOT_TOP_PX + heightPx
  return (
    <svg class="over" width={widthPx} height={bottom + 8} aria-hidden="true">
      {spansOf(power.unmeasured).map(({ device, from, until, minutes }) => {
        const [left, right] = [xAt(starts[from] ?? power.fromMs), xAt(starts[until] ?? power.untilMs)]
        return (
          <g key={`off ${device} ${from}`}>
            <line x1={left} x2={Math.max(left + 2, right)} y1={bottom + 3} y2={bottom + 3} class="off" />
            {power.step === 'minute' && !isPhone && (
              <FitText
                {...besideSpan(left, right, widthPx)}
                y={bottom - 6}
                class="halo"
                text={texts.power.notMeasuredOf(device, minutes)}
              />
            )}
          </g>
        )
      })}
      {spansOf(power.missing).map(({ device, from, until, minutes }) => {
        const [left, right] = [xAt(starts[from] ?? power.fromMs), xAt(starts[until] ?? power.untilMs)]
        return (
          <g key={`${device} ${from}`}>
            <rect x={left} y={bottom + 2} width={Math.max(2, right - left)} height={2} fill="var(--missing)" />
            {power.step === 'minute' && (
              <>
                <line x1={left} y1={PLOT_TOP_PX + 4} x2={left} y2={bottom} stroke="var(--missing)" />
                <line x1={right} y1={PLOT_TOP_PX + 4} x2={right} y2={bottom} stroke="var(--missing)" />
                <FitText
                  {...besideSpan(left, right, widthPx)}
                  y={PLOT_TOP_PX + 15}
                  class="bad"
                  text={isPhone ? `${minutes} ${texts.min}` : texts.power.missingOf(device, minutes)}
                />
              </>
            )}
          </g>
        )
      })}
    </svg>
  )
}

/** Neighbouring points in which minutes are missing, or were not measured, by device. */
export function spansOf(counts: Power['missing'] = {}) {
  return Object.entries(counts).flatMap(([device, column]) =>
    joined(column, (minutes) => minutes > 0).map(({ from, until }) => {
      const minutes = column.slice(from, until).reduce((sum, each) => sum + each, 0)
      return { device, from, until, minutes }
    }),
  )
}

const GAP_PX = 6
/** What the name of most devices takes, with its minutes. */
const USUAL_PX = 144

/** At the right, where there is space for it, or more than at the left. */
function besideSpan(left: number, right: number, widthPx: number) {
  const [before, after] = [left - GAP_PX, widthPx - right - GAP_PX]
  return after >= Math.min(USUAL_PX, before)
    ? ({ x: right + GAP_PX, anchor: 'start', widthPx: after } as const)
    : ({ x: left - GAP_PX, anchor: 'end', widthPx: before } as const)
}
