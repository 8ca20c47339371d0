import type { HouseNumbers } from '../api/answers.ts'

/** The equation solar + from the grid = house + to the grid, rounded so that it adds up as shown. */
export interface Balance {
  readonly solar: number | null
  readonly fromGrid: number | null
  readonly house: number | null
  readonly toGrid: number | null
}

/** House and solar to what their figure shows; the grid is the rest. */
export function balance({ house, solar, fromGrid, toGrid }: HouseNumbers): Balance {
  if (house === null || solar === null) return { house, solar, fromGrid, toGrid }
  const shown = roundTo(quantum(Math.max(house, solar)))
  const rest = shown(house) - shown(solar)
  return { house: shown(house), solar: shown(solar), fromGrid: Math.max(0, rest), toGrid: Math.max(0, -rest) }
}

/** What the last digit of the greatest figure stands for. */
function quantum(watts: number): number {
  if (Math.round(watts) < 1000) return 1
  return watts < 9995 ? 10 : 100
}

const roundTo = (step: number) => (watts: number) => Math.round(watts / step) * step

/** The parts of a sum as they are shown: without a fraction, the last one the rest. */
export function partsOf(sum: number, parts: readonly number[], step = 1): readonly number[] {
  const rounded = parts.slice(0, -1).map(roundTo(step))
  return parts.length === 0 ? [] : [...rounded, sum - rounded.reduce((total, part) => total + part, 0)]
}
