import { zoomRange, type Range } from './range.ts'

/** Where two fingers are, by their pointer. */
export type Fingers = ReadonlyMap<number, number>

export interface Pinch {
  /** How far apart the fingers began. */
  readonly apartPx: number
  readonly aroundMs: number
  readonly range: Range
}

const LEAST_APART_PX = 10

const apart = (fingers: Fingers): number => {
  const [first = 0, second = 0] = fingers.values()
  return Math.max(LEAST_APART_PX, Math.abs(first - second))
}

export function beginPinch(fingers: Fingers, range: Range, msAt: (x: number) => number): Pinch {
  const [first = 0, second = 0] = fingers.values()
  return { apartPx: apart(fingers), aroundMs: msAt((first + second) / 2), range }
}

/** What lay between the fingers stays between them. */
export const pinched = ({ apartPx, aroundMs, range }: Pinch, fingers: Fingers, lastMs: number): Range =>
  zoomRange(range, apartPx / apart(fingers), { aroundMs, lastMs })
