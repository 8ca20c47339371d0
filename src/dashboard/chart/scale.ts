import { grouped } from '../text/number.ts'

const TOPS = [1, 2, 3, 4, 6, 8, 10]
const MAX_STEPS = 4

/** The top of an axis that begins at 0: 1, 2, 3, 4, 6, 8 or 10 times a power of ten. */
export function niceTop(max: number): number {
  if (!(max > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(max))
  return power * (TOPS.find((top) => top * power >= max * 0.999) ?? 10)
}

/** The round numbers of an axis from `min` (0 or below) to `max`. */
export function axisMarks(min: number, max: number, steps = MAX_STEPS): readonly number[] {
  const rough = (max - min) / steps
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 2.5, 5, 10].find((size) => size * power >= rough * 0.999) ?? 10)
  const first = Math.ceil(min / step - 1e-9)
  const last = Math.floor(max / step + 1e-9)
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step)
}

/** A round number on both sides of 0, and 0, as far as they lie between `min` and `max`. */
export function signedMarks(min: number, max: number): readonly number[] {
  const size = Math.max(max, -min)
  const power = 10 ** Math.floor(Math.log10(size))
  const mark = power * (TOPS.findLast((top) => top * power <= size * 0.95) ?? 0.8)
  return [-mark, 0, mark].filter((value) => value >= min && value <= max)
}

/** The marks of an axis in words: the unit at the last, and as many decimals as tell them apart. */
export function axisLabels(
  marks: readonly number[],
  { size, unit }: { size: number; unit: string },
): readonly string[] {
  const isExact = (digits: number) =>
    marks.every((mark) => Math.abs((mark / size) * 10 ** digits - Math.round((mark / size) * 10 ** digits)) < 1e-6)
  const digits = [0, 1, 2].find(isExact) ?? 3
  return marks.map((mark, index) => `${grouped(mark / size, digits)}${index === marks.length - 1 ? ` ${unit}` : ''}`)
}

/** Watts while there are few. */
export const powerUnit = (topW: number): { readonly size: number; readonly unit: string } =>
  topW < 1000 ? { size: 1, unit: 'W' } : { size: 1000, unit: 'kW' }

export const greatest = (column: readonly (number | null)[]): number =>
  column.reduce<number>((max, value) => (value !== null && value > max ? value : max), 0)
