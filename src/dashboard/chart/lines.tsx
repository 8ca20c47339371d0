import type { JSX } from 'preact'

/** A hairline on full pixels. */
export function Rule({ x1, y1, x2, y2, tone = 'rule', width = 1 }: RuleProps): JSX.Element {
  return (
    <line x1={x1} y1={y1} x2={x2} y2={y2} stroke={`var(--${tone})`} stroke-width={width} shape-rendering="crispEdges" />
  )
}

interface RuleProps {
  readonly x1: number
  readonly y1: number
  readonly x2: number
  readonly y2: number
  readonly tone?: string
  readonly width?: number
}

/** The path of a column; a value that is not known leaves a gap, which nothing bridges. */
export function linePath(
  column: readonly (number | null)[],
  x: (index: number) => number,
  y: (value: number) => number,
): string {
  let isDrawing = false
  return column
    .map((value, index) => {
      if (value === null) {
        isDrawing = false
        return ''
      }
      const command = isDrawing ? 'L' : 'M'
      isDrawing = true
      return `${command}${round(x(index))} ${round(y(value))}`
    })
    .join('')
}

/** The same, filled down to the base; each stretch by itself. */
export function areaPath(
  column: readonly (number | null)[],
  x: (index: number) => number,
  y: (value: number) => number,
): string {
  return stretches(column)
    .map(({ from, until }) => {
      const tops = column.slice(from, until).map((value, index) => `L${round(x(from + index))} ${round(y(value ?? 0))}`)
      return `M${round(x(from))} ${round(y(0))}${tops.join('')}L${round(x(until - 1))} ${round(y(0))}Z`
    })
    .join('')
}

export function stretches(column: readonly (number | null)[]): readonly { from: number; until: number }[] {
  const found: { from: number; until: number }[] = []
  column.forEach((value, index) => {
    if (value === null) return
    const last = found.at(-1)
    if (last?.until === index) last.until = index + 1
    else found.push({ from: index, until: index + 1 })
  })
  return found
}

/** Means of so many neighbours each; of what is known of them. */
export function thin(column: readonly (number | null)[], step: number): readonly (number | null)[] {
  if (step <= 1) return column
  return Array.from({ length: Math.ceil(column.length / step) }, (_, index) => {
    const known = column.slice(index * step, (index + 1) * step).filter((value) => value !== null)
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
  })
}

const round = (value: number): number => Math.round(value * 10) / 10

/** Patterns that every drawing refers to, once a page. */
export function Patterns(): JSX.Element {
  return (
    <svg class="patterns" width="0" height="0" aria-hidden="true">
      <defs>
        <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <path d="M0 0V5" stroke="var(--rest)" stroke-width="2.4" />
        </pattern>
        <pattern id="toload" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <path d="M0 0V4" stroke="var(--toload)" stroke-width="1.6" />
        </pattern>
        <pattern id="legacy" width="4" height="4" patternUnits="userSpaceOnUse">
          <path d="M0 0H4V4H0Z" fill="var(--stored)" />
          <path d="M0 3H4" stroke="var(--bg)" stroke-width="1" />
        </pattern>
      </defs>
    </svg>
  )
}
