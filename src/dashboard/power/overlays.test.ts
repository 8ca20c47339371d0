import { expect, it } from 'vitest'
import { spansOf, placeNames } from './overlays.tsx'

const line = (id: string, ...watts: (number | null)[]) => ({ id, name: id, colour: '', isDashed: false, watts })

it.each([
  ['beside their ends', [line('low', 9, 100), line('high', 900, null)], { high: 4, low: 88 }],
  ['pushed apart', [line('a', 500), line('b', 500), line('c', 499)], { a: 46, b: 60, c: 74 }],
  ['kept inside', [line('a', 0), line('b', 0), line('c', 1000)], { c: 0, a: 78, b: 92 }],
] as const)('names of lines are %s', (_, lines, places) =>
  expect(Object.fromEntries(placeNames(lines, 1000, 106).map(({ line: { id }, y }) => [id, Math.round(y)]))).toEqual(
    places,
  ),
)

it('joins neighbours, by device', () => {
  expect(spansOf({ a: [0, 1, 1, 0, 5], b: [0, 0, 0, 0, 0] })).toEqual([
    { device: 'a', from: 1, until: 3, minutes: 2 },
    { device: 'a', from: 4, until: 5, minutes: 5 },
  ])
  expect(spansOf(undefined)).toEqual([])
})
