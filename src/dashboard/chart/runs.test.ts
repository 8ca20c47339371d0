import { expect, it } from 'vitest'
import { readPairs, readRuns, spreadRuns, STATE, worstState } from './runs.ts'

it('reads runs', () => {
  expect(readRuns([1, 1172, 3, 47, 1, 221])).toEqual([
    { state: 1, from: 0, until: 1172 },
    { state: 3, from: 1172, until: 1219 },
    { state: 1, from: 1219, until: 1440 },
  ])
  expect(readRuns([])).toEqual([])
  expect(spreadRuns([1, 2, 3, 1, 0, 2])).toEqual([1, 1, 3, 0, 0])
})

it.each([
  [[1, 1, 3, 4], STATE.missing],
  [[1, 4, 0], STATE.notLoaded],
  [[1, 2, 1], STATE.legacy],
  [[5, 1], STATE.stored],
  [[], STATE.unwanted],
])('of %j the worst is %i', (states, worst) => expect(worstState(states)).toBe(worst))

it('reads pairs', () =>
  expect([...readPairs([692, 192, 1146, 47])]).toEqual([
    [692, 192],
    [1146, 47],
  ]))
