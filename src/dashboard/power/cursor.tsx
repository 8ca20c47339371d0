import type { JSX } from 'preact'
import { PLOT_TOP_PX } from '../chart/plot.tsx'

interface CursorProps {
  readonly x: number | undefined
  readonly drag: { readonly fromX: number; readonly toX: number } | undefined
  readonly heightPx: number
  readonly widthPx: number
  readonly label?: string | undefined
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
