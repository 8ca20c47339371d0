import fc from 'fast-check'
import { expect, it } from 'vitest'
import { power } from '../text/number.ts'
import { balance, partsOf } from './equation.tsx'

const numbers = (house: number, solar: number) => ({
  house,
  solar,
  used: Math.min(house, solar),
  fromGrid: Math.max(0, house - solar),
  toGrid: Math.max(0, solar - house),
  unmetered: 0,
})

it.each([
  [1644, 5096, [5100, 0, 1640, 3460]],
  [2170, 0, [0, 2170, 2170, 0]],
  [4939, 142, [140, 4800, 4940, 0]],
  [417, 233, [233, 184, 417, 0]],
])('house %i and solar %i', (house, solar, expected) => {
  const shown = balance(numbers(house, solar))
  expect([shown.solar, shown.fromGrid, shown.house, shown.toGrid]).toEqual(expected)
})

it('says nothing of what is not known', () => {
  const unknown = { house: null, solar: 5, used: null, fromGrid: null, toGrid: null, unmetered: null }
  expect(balance(unknown)).toEqual({ house: null, solar: 5, fromGrid: null, toGrid: null })
})

/** As a person with a pencil adds up what stands there. */
const read = (watts: number | null) => {
  const { text, unit } = power(watts)
  return Number(text.replaceAll(',', '')) * (unit === 'kW' ? 1000 : 1)
}

it('adds up as shown, whatever is measured', () => {
  fc.assert(
    fc.property(fc.nat(99_000), fc.nat(99_000), (house, solar) => {
      const shown = balance(numbers(house, solar))
      expect(Math.round(read(shown.solar) + read(shown.fromGrid))).toBe(
        Math.round(read(shown.house) + read(shown.toGrid)),
      )
    }),
  )
})

it.each([
  [1640, [894.6, 745.2], [895, 745]],
  [75, [30.4, 30.4, 14], [30, 30, 15]],
  [5, [], []],
])('%i of %j', (sum, parts, expected) => expect(partsOf(sum, parts, 1)).toEqual(expected))
