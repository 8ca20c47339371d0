import fc from 'fast-check'
import { expect, it } from 'vitest'
import { formatNumber, toFixedEven } from './format-number.ts'

it.each([
  [600, 1, '600'],
  [0, 0, '0'],
  [0.1, 1, '0.1'],
  [591.94, 2, '591.94'],
  [0.125, 2, '0.12'],
  [0.375, 2, '0.38'],
  [2.5, 0, '2'],
  [3.5, 0, '4'],
  [-2.5, 0, '-2'],
  [0.5, 0, '0'],
  [-0.0003, 0, '-0'],
  [-0.04, 1, '-0'],
  [-0, 2, '-0'],
  [-1.5, 0, '-2'],
  [1e9, 0, '1000000000'],
  [123_456_789_012_345, 9, '123456789012345'],
  [1234567890.123456789, 9, '1234567890.12345671'],
  [1e22, 0, '1'],
  [Infinity, 1, 'inf'],
])('prints %d with %d decimals as %s', (value, decimals, text) => {
  expect(formatNumber(value, decimals)).toBe(text)
})

it('rounds as exact arithmetic does, ties to even', () => {
  const ties = fc.tuple(fc.integer({ min: -1e6, max: 1e6 }), fc.integer({ min: 0, max: 12 }))
  const values = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
    ties.map(([odd, halvings]) => odd / 2 ** halvings),
  )
  fc.assert(
    fc.property(values, fc.integer({ min: 0, max: 9 }), (value, decimals) => {
      expect(toFixedEven(value, decimals)).toBe(exactFixed(value, decimals))
    }),
    { numRuns: 3000 },
  )
})

it('prints what is read back as the nearest number of so many decimals, where the buffer holds it', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, min: -1e8, max: 1e8 }), fc.integer({ min: 0, max: 9 }), (value, decimals) => {
      const printed = Number(formatNumber(value, decimals))
      expect(printed).toBe(Number(exactFixed(value, decimals)))
      expect(Number(formatNumber(printed, decimals))).toBe(printed)
    }),
  )
})

/** The same by integers: a double is an integer divided by a power of two. */
function exactFixed(value: number, decimals: number): string {
  let halvings = 0n
  let scaled = Math.abs(value)
  while (!Number.isInteger(scaled)) {
    scaled *= 2
    halvings++
  }
  const numerator = BigInt(scaled) * 10n ** BigInt(decimals)
  const denominator = 2n ** halvings
  const twice = 2n * (numerator % denominator)
  const floor = numerator / denominator
  const up = twice > denominator || (twice === denominator && floor % 2n === 1n)
  const digits = String(up ? floor + 1n : floor).padStart(decimals + 1, '0')
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  return sign + (decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`)
}
