import { outOfRange } from '../model/at.ts'
import { formatNumber } from './format-number.ts'

const SCALES = Array.from({ length: 10 }, (_, decimals) => 10 ** decimals)
/** Below it the product is off by less than `NEAR`, and no text is longer than the device's buffer. */
const MAX_SCALED = 1e11
const NEAR = 1e-4

/** The number that the device's text says, without the text; `-0` becomes 0, and infinity stays what it is. */
export function roundAsPrinted(value: number, decimals: number): number {
  const scale = SCALES[decimals] ?? outOfRange(SCALES, decimals)
  const scaled = value * scale
  const nearest = Math.round(scaled)
  // Both are exact integers, so the division rounds as reading the text would.
  if (Math.abs(scaled) < MAX_SCALED && Math.abs(scaled - nearest) < 0.5 - NEAR) return nearest / scale + 0
  if (!Number.isFinite(value)) return value
  return Number(formatNumber(value, decimals)) + 0
}
