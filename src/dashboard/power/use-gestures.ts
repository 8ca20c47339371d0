import { useRef, useState } from 'preact/hooks'
import { type Range, spanRange, stepRange, zoomRange } from './range.ts'

/** What is shown, and what the gestures over it change. */
export interface Steering {
  /** What is asked for, which keys change before its answer is there. */
  readonly range: Range
  readonly lastMs: number
  /** The point under the cursor. */
  readonly at: number
  readonly onPoint: (at: number | undefined) => void
  readonly onZoom: (range: Range) => void
  readonly onStep: (range: Range) => void
  readonly onBack: () => void
}

interface DrawnTime {
  readonly shown: Range
  readonly starts: readonly number[]
  readonly msAt: (x: number) => number
  readonly xAt: (ms: number) => number
}

/** From so many pixels on a press is a span that is drawn, not a click. */
const DRAG_PX = 6
const WHEEL_FACTOR = 1.5

type ElementEvent<E extends UIEvent> = E & { currentTarget: Element }

/** One cursor and one zoom for all charts of the view, by mouse, fingers and keys. */
export function useGestures(steering: Steering, { shown, starts, msAt, xAt }: DrawnTime) {
  const { range, at, lastMs, onPoint, onZoom, onStep, onBack } = steering
  const [drag, setDrag] = useState<{ fromX: number; toX: number }>()
  const [isPinned, setIsPinned] = useState(false)
  const [isByKeys, setIsByKeys] = useState(false)
  const fingers = useRef(new Map<number, number>())
  const pinch = useRef<Pinch>(undefined)
  const isSpan = drag !== undefined && Math.abs(drag.toX - drag.fromX) > DRAG_PX

  const xOf = (event: ElementEvent<MouseEvent>) => event.clientX - event.currentTarget.getBoundingClientRect().left
  const point = (x: number) => {
    setIsByKeys(false)
    const index = starts.findLastIndex((ms) => ms <= msAt(x))
    if (starts.length > 0) onPoint(Math.max(0, index))
  }
  const lift = ({ pointerId }: PointerEvent) => {
    fingers.current.delete(pointerId)
    pinch.current = undefined
    setDrag(undefined)
  }

  const handlers = {
    onPointerDown: (event: ElementEvent<PointerEvent>) => {
      const x = xOf(event)
      if (event.pointerType === 'mouse') {
        if (event.button === 0) setDrag({ fromX: x, toX: x })
        return
      }
      fingers.current.set(event.pointerId, x)
      if (fingers.current.size === 2) pinch.current = beginPinch(fingers.current, shown, msAt)
      else point(x)
    },
    onPointerMove: (event: ElementEvent<PointerEvent>) => {
      const x = xOf(event)
      if (fingers.current.has(event.pointerId)) fingers.current.set(event.pointerId, x)
      if (pinch.current) {
        const { fromMs, untilMs } = pinched(pinch.current, fingers.current, lastMs)
        setDrag({ fromX: xAt(fromMs), toX: xAt(untilMs) })
        return
      }
      if (drag) setDrag({ ...drag, toX: x })
      if (!isPinned) point(x)
    },
    onPointerUp: (event: ElementEvent<PointerEvent>) => {
      if (pinch.current) onZoom(pinched(pinch.current, fingers.current, lastMs))
      else if (drag && isSpan) onZoom(spanRange(msAt(drag.fromX), msAt(xOf(event))))
      else if (drag) {
        setIsPinned(!isPinned)
        point(xOf(event))
      }
      lift(event)
    },
    onPointerCancel: lift,
    onPointerLeave: (event: PointerEvent) => {
      lift(event)
      if (!isPinned && event.pointerType === 'mouse') onPoint(undefined)
    },
    onDblClick: onBack,
    onWheel: (event: ElementEvent<WheelEvent>) => {
      if (!event.ctrlKey) return
      event.preventDefault()
      onZoom(zoomRange(range, WHEEL_FACTOR ** Math.sign(event.deltaY), { aroundMs: msAt(xOf(event)), lastMs }))
    },
    onKeyDown: (event: KeyboardEvent) => {
      const aroundMs = starts[at] ?? shown.fromMs
      const by = event.shiftKey ? 10 : 1
      const actions: Readonly<Record<string, () => void>> = {
        ArrowLeft: () => onPoint(Math.max(0, at - by)),
        ArrowRight: () => onPoint(Math.min(starts.length - 1, at + by)),
        Home: () => onPoint(0),
        End: () => onPoint(starts.length - 1),
        PageUp: () => onStep(stepRange(range, -1, lastMs)),
        PageDown: () => onStep(stepRange(range, 1, lastMs)),
        '+': () => onZoom(zoomRange(range, 0.5, { aroundMs, lastMs })),
        '-': () => onZoom(zoomRange(range, 2, { aroundMs, lastMs })),
        '0': onBack,
        Escape: () => {
          setIsPinned(false)
          onPoint(undefined)
        },
      }
      const action = actions[event.key]
      if (action === undefined || starts.length === 0) return
      event.preventDefault()
      setIsByKeys(true)
      action()
    },
  }
  return { handlers, drag: isSpan ? drag : undefined, isPinned, isByKeys }
}

/** Where two fingers are, by their pointer. */
type Fingers = ReadonlyMap<number, number>

interface Pinch {
  /** How far apart the fingers began. */
  readonly apartPx: number
  readonly aroundMs: number
  readonly range: Range
}

const LEAST_APART_PX = 10

export function beginPinch(fingers: Fingers, range: Range, msAt: (x: number) => number): Pinch {
  const [first = 0, second = 0] = fingers.values()
  return { apartPx: apart(fingers), aroundMs: msAt((first + second) / 2), range }
}

/** What lay between the fingers stays between them. */
export const pinched = ({ apartPx, aroundMs, range }: Pinch, fingers: Fingers, lastMs: number): Range =>
  zoomRange(range, apartPx / apart(fingers), { aroundMs, lastMs })

function apart(fingers: Fingers): number {
  const [first = 0, second = 0] = fingers.values()
  return Math.max(LEAST_APART_PX, Math.abs(first - second))
}
