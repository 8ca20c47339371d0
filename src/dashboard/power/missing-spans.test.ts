import { expect, it } from 'vitest'
import { missingSpans } from './missing-spans.tsx'

it('joins neighbours, by device', () => {
  expect(missingSpans({ missing: { a: [0, 1, 1, 0, 5], b: [0, 0, 0, 0, 0] } })).toEqual([
    { device: 'a', from: 1, until: 3, minutes: 2 },
    { device: 'a', from: 4, until: 5, minutes: 5 },
  ])
  expect(missingSpans({})).toEqual([])
})
