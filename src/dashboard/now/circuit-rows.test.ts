import { expect, it } from 'vitest'
import type { Group } from '../page/colours.ts'
import { circuitRows, hourTogether, wattsTogether } from './circuit-rows.ts'

const circuit = (id: string) => ({ id, name: id, device: 'a', group: 'Garage', token: 'g1', colour: '' })
const groups: readonly Group[] = [
  { name: 'Garage', token: 'g1', circuits: ['Door', 'Garage_1', 'Garage_2', 'Dryer'].map(circuit) },
]

it('an appliance on two legs is one row, its legs behind it', () => {
  const rows = circuitRows({ legs: [{ name: 'Garage', channels: ['Garage_1', 'Garage_2'] }] }, groups)
  expect(rows.map(({ name, ids, legs }) => [name, ids, legs.map((leg) => leg.name)])).toEqual([
    ['Door', ['Door'], []],
    ['Garage', ['Garage_1', 'Garage_2'], ['Garage_1', 'Garage_2']],
    ['Dryer', ['Dryer'], []],
  ])
  expect(circuitRows({}, groups)).toHaveLength(4)
})

it.each([
  [{ a: 1.4, b: 2.4 }, 3],
  [{ a: 1, b: null }, null],
  [{ a: 1 }, null],
  [undefined, null],
])('the legs of %o together', (channels, expected) => {
  expect(wattsTogether({ ids: ['a', 'b'] }, channels as Record<string, number | null>)).toBe(expected)
})

it('the hour of an appliance is that of its legs, where all are known', () => {
  expect(hourTogether({ ids: ['a', 'b'] }, { a: [1, null, 3], b: [10, 20, 30] })).toEqual([11, null, 33])
})
