import fc from 'fast-check'
import { expect, it } from 'vitest'
import { formatNumber } from './format-number.ts'
import { roundAsPrinted } from './read-columns.ts'

const ties = fc
  .tuple(fc.integer({ min: -1e6, max: 1e6 }), fc.integer({ min: 0, max: 12 }))
  .map(([odd, halvings]) => odd / 2 ** halvings)
/** Decimals that end in 5, and their neighbours: what looks like a tie and is none. */
const nearTies = fc
  .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 9 }), fc.integer({ min: -3, max: 3 }))
  .map(([units, decimals, steps]) => stepped(Number(`${units}.5e-${decimals}`), steps))

it.each([
  ['any double', fc.double({ noNaN: true, noDefaultInfinity: true })],
  ['what a house draws', fc.double({ noNaN: true, min: -1e5, max: 1e5 })],
  ['ties', ties],
  ['near ties', nearTies],
])('is the number that is printed: %s', (_, values) => {
  fc.assert(
    fc.property(values, fc.integer({ min: 0, max: 9 }), (value, decimals) => {
      expect(roundAsPrinted(value, decimals)).toBe(Number(formatNumber(value, decimals)) + 0)
    }),
    { numRuns: 5000 },
  )
})

/** The double so many steps further from 0. */
function stepped(value: number, steps: number): number {
  const bits = new BigInt64Array(Float64Array.of(value).buffer)
  bits[0] = (bits[0] ?? 0n) + BigInt(steps)
  const [result = value] = new Float64Array(bits.buffer)
  return Number.isFinite(result) ? result : value
}
