import type { JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Column } from '../api/answers.ts'

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

interface FitTextProps {
  readonly text: string
  readonly x: number
  readonly y: number
  readonly widthPx: number
  readonly class?: string
  readonly anchor?: 'start' | 'end'
}

/** A name in a drawing, cut where it would lie over something else; complete for whoever points at it. */
export function FitText({ text, x, y, widthPx, class: name, anchor = 'start' }: FitTextProps): JSX.Element {
  const ref = useRef<SVGTSpanElement>(null)
  useLayoutEffect(() => {
    const element = ref.current
    if (element === null) return
    element.textContent = text
    let length = text.length
    while (length > 1 && element.getComputedTextLength() > widthPx) {
      length = Math.min(length - 1, Math.ceil((length * widthPx) / element.getComputedTextLength()))
      element.textContent = `${text.slice(0, length).trimEnd()}…`
    }
  }, [text, widthPx])
  return (
    <text x={x} y={y} class={name} text-anchor={anchor}>
      <title>{text}</title>
      <tspan ref={ref}>{text}</tspan>
    </text>
  )
}

interface ValueAxisProps {
  readonly marks: readonly number[]
  readonly labels: readonly string[]
  readonly y: (value: number) => number
  readonly leftPx: number
  readonly widthPx: number
}

/** Gridlines with their numbers at the left; that of zero is stronger. */
export function ValueAxis({ marks, labels, y, leftPx, widthPx }: ValueAxisProps): JSX.Element {
  return (
    <>
      {marks.map((value, index) => (
        <g key={value}>
          <Rule x1={leftPx} y1={y(value)} x2={widthPx} y2={y(value)} tone={value === 0 ? 'edge' : 'rule'} />
          <text x={leftPx - 8} y={y(value) + 4} text-anchor="end">
            {labels[index]}
          </text>
        </g>
      ))}
    </>
  )
}

type Scale = (value: number) => number

/** The path of a column; a value that is not known leaves a gap, which nothing bridges. */
export const linePath = (column: Column, x: Scale, y: Scale): string =>
  stretches(column, x, y)
    .map(({ points }) => `M${points}`)
    .join('')

/** The same, filled down to the base; each stretch by itself. */
export const areaPath = (column: Column, x: Scale, y: Scale): string =>
  stretches(column, x, y)
    .map(({ fromX, points, untilX }) => `M${fromX} ${round(y(0))}L${points}L${untilX} ${round(y(0))}Z`)
    .join('')

function stretches(column: Column, x: Scale, y: Scale) {
  return joined(column, (value) => value !== null).map(({ from, until }) => {
    const points = column.slice(from, until).map((value, index) => `${round(x(from + index))} ${round(y(value ?? 0))}`)
    return { fromX: round(x(from)), points: points.join('L'), untilX: round(x(until - 1)) }
  })
}

const round = (value: number): number => Math.round(value * 10) / 10

/** Neighbouring items for which it holds, joined; `until` is the index after the last. */
export function joined<T>(items: readonly T[], holds: (item: T) => boolean) {
  const found: { from: number; until: number }[] = []
  items.forEach((item, index) => {
    if (!holds(item)) return
    const last = found.at(-1)
    if (last?.until === index) last.until++
    else found.push({ from: index, until: index + 1 })
  })
  return found
}

/** Of what is known; unknown where nothing is. */
export function sumKnown(values: readonly (number | null | undefined)[]): number | null {
  const known = values.filter((value) => value != null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
}

/** Means of so many neighbours each; of what is known of them. */
export function thin(column: Column, step: number): Column {
  return Array.from({ length: Math.ceil(column.length / step) }, (_, index) => {
    const known = column.slice(index * step, (index + 1) * step).filter((value) => value !== null)
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
  })
}

/** The fill of what is unmetered. */
export const HATCH = 'url(#hatch)'

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
