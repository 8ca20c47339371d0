import type { JSX } from 'preact'
import { FitText } from '../chart/fit-text.tsx'
import { PLOT_LEFT_PX, PLOT_TOP_PX } from '../chart/plot.tsx'
import type { Line } from './lanes.ts'

const ROW_PX = 14
const SAMPLE_PX = 14
const ABOVE_PX = 7

export interface NamePlace {
  readonly line: Line
  readonly y: number
}

/** Each name beside the right end of its line, pushed apart where they would lie over each other. */
export function placeNames(lines: readonly Line[], maxW: number, heightPx: number): readonly NamePlace[] {
  const ends = lines
    .map((line) => ({ line, watts: line.watts.findLast((value) => value !== null) ?? 0 }))
    .toSorted((a, b) => b.watts - a.watts)
  const least = (rank: number) => rank * ROW_PX
  const most = (rank: number) => heightPx - (ends.length - rank) * ROW_PX
  let above = -Infinity
  return ends.map(({ line, watts }, rank) => {
    const y = Math.max(above + ROW_PX, least(rank), Math.min(most(rank), (1 - watts / maxW) * heightPx - ABOVE_PX))
    above = y
    return { line, y }
  })
}

export function LineNames({
  lines,
  maxW,
  heightPx,
  widthPx,
}: {
  lines: readonly Line[]
  maxW: number
  heightPx: number
  widthPx: number
}): JSX.Element {
  return (
    <svg class="over" width={widthPx} height={heightPx + PLOT_TOP_PX} aria-hidden="true">
      {placeNames(lines, maxW, heightPx).map(({ line: { id, colour, isDashed }, y }) => (
        <g key={id} transform={`translate(0 ${PLOT_TOP_PX + y})`}>
          <line
            x1={widthPx - SAMPLE_PX}
            x2={widthPx}
            stroke={colour}
            stroke-width={2}
            stroke-dasharray={isDashed ? '6 4' : undefined}
          />
          <FitText
            x={widthPx - SAMPLE_PX - 5}
            y={4}
            class="i halo"
            anchor="end"
            text={id}
            widthPx={widthPx - SAMPLE_PX - 5 - PLOT_LEFT_PX}
          />
        </g>
      ))}
    </svg>
  )
}
