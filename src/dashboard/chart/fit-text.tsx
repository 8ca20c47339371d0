import type { JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

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
