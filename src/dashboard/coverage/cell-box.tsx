import type { JSX } from 'preact'
import type { Box } from '../chart/cell-grid.tsx'
import { STATE } from '../chart/runs.ts'

interface CellBoxProps extends Box {
  readonly state: number
  /** How much of it was not measured, from 0 to 1. */
  readonly offShare?: number
}

/** What a device did not measure is cut out of a cell, and at least so much. */
const LEAST_NOTCH_PX = 3

/** States differ by shape as well: filled, striped, outlined, hatched, a thin line, nothing. */
export function CellBox({ state, x, y, width, height, offShare = 0 }: CellBoxProps): JSX.Element | null {
  if (state === STATE.missing) {
    const line = Math.min(2, width / 3, height / 3)
    return (
      <rect
        x={x + line / 2}
        y={y + line / 2}
        width={width - line}
        height={height - line}
        fill="none"
        stroke="var(--missing)"
        stroke-width={line}
      />
    )
  }
  const edge = (lineY: number, strokePx: number) => (
    <line x1={x} y1={lineY} x2={x + Math.max(width, 2)} y2={lineY} stroke="var(--edge)" stroke-width={strokePx} />
  )
  if (state === STATE.unmeasured) return edge(y + height / 2, 1.5)
  const fill = stateFill(state)
  if (fill === undefined) return null
  if (offShare === 0) return <rect x={x} y={y} width={width} height={height} fill={fill} />
  const notch = Math.min(height - 1, Math.max(LEAST_NOTCH_PX, offShare * height))
  return (
    <>
      <rect x={x} y={y} width={width} height={height - notch} fill={fill} />
      {edge(y + height - 0.5, 1)}
    </>
  )
}

export function stateFill(state: number): string | undefined {
  if (state === STATE.stored) return 'var(--stored)'
  if (state === STATE.legacy) return 'url(#legacy)'
  return state === STATE.notLoaded ? 'url(#toload)' : undefined
}
