import { describe, expect, test } from 'vitest'
import { at, outOfRange } from './at.ts'

const LISTS: readonly (readonly [string, ArrayLike<unknown>, unknown])[] = [
  ['an array', [5, 6, 7], 7],
  ['a tuple', ['a', 'b', 0] as const, 0],
  ['a typed array', Float64Array.of(1, 2, NaN), NaN],
  ['a part of a typed array', Uint8Array.of(1, 2, 3, 4, 5).subarray(1, 4), 4],
  ['a text', 'abc', 'c'],
  ['an array that holds null', [1, 2, null], null],
  ['an array that holds undefined', [1, 2, undefined], undefined],
]

describe('at', () => {
  test.each(LISTS)('gives the element of %s', (_, list, last) => expect(at(list, 2)).toBe(last))

  test.each(LISTS.flatMap(([name, list]) => [-1, 3, 0.5, NaN, Infinity].map((index) => ({ name, list, index }))))(
    'has no element $index of $name',
    ({ list, index }) => expect(() => at(list, index)).toThrow(new RangeError(`there is no element ${index} among 3`)),
  )

  test('has no element of an empty list', () => expect(() => at([], 0)).toThrow(RangeError))

  test('has no element that was never set', () => {
    const sparse: number[] = []
    sparse[2] = 0
    expect(() => at(sparse, 1)).toThrow(RangeError)
  })
})

test('outOfRange ends an expression that indexes for itself', () => {
  const values = Float64Array.of(0, 1)
  const valueAt = (index: number) => values[index] ?? outOfRange(values, index)
  expect(valueAt(0)).toBe(0)
  expect(() => valueAt(2)).toThrow(new RangeError('there is no element 2 among 2'))
})
