import { expect, test } from 'vitest'
import { mergeSeries } from './export-format.ts'

const series = (...samples: readonly (readonly [atMs: number, value: number])[]) => ({
  labels: {},
  timestampsMs: samples.map(([atMs]) => atMs),
  values: samples.map(([, value]) => value),
})

test.each([
  ['nothing', [], []],
  ['series without samples', [series(), series()], []],
  [
    'gaps, and samples off the minute',
    [series([0, 1], [60, 2]), series([5, 3], [60, 4])],
    [
      [0, 1, undefined],
      [5, undefined, 3],
      [60, 2, 4],
    ],
  ],
  [
    'duplicates',
    [series([0, 1], [0, 2], [60, 3]), series([0, 4], [60, 5])],
    [
      [0, 1, 4],
      [0, 2, undefined],
      [60, 3, 5],
    ],
  ],
])('%s', (_, all, expected) => {
  expect([...mergeSeries(all)].map(({ atMs, values }) => [atMs, ...values])).toEqual(expected)
})
