import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { MINUTE_MS } from '../../../model/time-window.ts'
import { closedUntil, pointsToMinutes, type Points } from './points-to-minutes.ts'

/** A full minute. */
const T0 = Date.UTC(2024, 4, 1, 12)
const WINDOW = { fromMs: T0 - 60 * MINUTE_MS, untilMs: T0 + 60 * MINUTE_MS }

type Pair = readonly [second: number, watts: number]

const pointsOf = (pairs: readonly Pair[]): Points => ({
  timestampsMs: pairs.map(([second]) => T0 + second * 1000),
  values: pairs.map(([, watts]) => watts),
})

/** `[[minute, watts], …]` */
const minutesOf = (pairs: readonly Pair[], window = WINDOW) => {
  const { timestampsMs, values } = pointsToMinutes(pointsOf(pairs), { window, decimals: 2 })
  return timestampsMs.map((atMs, index): Pair => [(atMs - T0) / MINUTE_MS, values[index] ?? NaN])
}

/** `0=10 20=40`: at second 0 10 W, at second 20 40 W; of minutes the same. */
const parse = (text: string): Pair[] =>
  text
    .split(' ')
    .filter(Boolean)
    .map((pair): Pair => [Number(pair.split('=')[0]), Number(pair.split('=')[1])])
const format = (pairs: readonly Pair[]) => pairs.map((pair) => pair.join('=')).join(' ')

const every = (stepS: number, count: number, watts: (index: number) => number, fromS = 0): Pair[] =>
  Array.from({ length: count }, (_, index) => [fromS + index * stepS, watts(index)])

describe('points become minutes', () => {
  test.each<[string, readonly Pair[], string]>([
    ['nothing', [], ''],
    ['5 s: their mean', every(5, 12, (i) => i), '0=5.5'],
    ['10 s: their mean', every(10, 12, (i) => i), '0=2.5 1=8.5'],
    ['of one value: that value, in 2 decimals', every(5, 12, () => 100.1), '0=100.1'],
    ['a mean in 2 decimals', parse('0=1 20=0 40=0'), '0=0.33'],
    ['half a cent goes up', parse('0=0.01 30=0'), '0=0.01'],
    ['half a cent below 0 goes up too', parse('0=-0.01 30=0'), '0=0'],
    ['half a cent that binary fractions put below the half', parse('0=1.01 30=1'), '0=1.01'],
    ['minute points: as they are, to the last digit', every(60, 2, (i) => 1 / (i + 3)), `0=${1 / 3} 1=0.25`],
    ['minute points half a minute late: by the two that cover it', parse('30=0 90=10 150=20'), '0=0 1=5 2=15 3=20'],
    ['minute points 5 s late', parse('5=0 65=60'), '0=0 1=55 2=60'],
    ['5 s off the grid', every(5, 13, (i) => (i === 0 ? 12 : 0), -3), '-1=12 0=0.4 1=0'],
    ['points that are uneven: by the time that each covers', parse('0=10 20=40 30=0 40=0 50=0'), '0=10'],
    ['a gap in a minute: the mean of the rest', [...every(5, 4, () => 30), ...every(5, 4, () => 90, 40)], '0=60'],
    ['a lone point: its own minute, as it is', parse('7=5.125'), '0=5.125'],
    ['points minutes apart: their own minutes', parse('50=1 350=2'), '0=1 5=2'],
    ['twice the same: counted once', parse('0=7 0=7 30=1'), '0=4'],
    ['two values at one time: the biggest', parse('0=3 0=7 30=1 60=7 60=3 90=1'), '0=4 1=4'],
    ['what is not a number: no point', parse('0=NaN 20=1 40=3'), '0=2'],
    ['what no house can have: no point', parse('0=1e12 20=1 40=Infinity'), '0=1'],
    ['from minute points to 5 s', [...parse('0=1 60=1'), ...every(5, 12, () => 2, 120)], '0=1 1=1 2=2'],
    ['from 5 s to minute points', [...every(5, 12, () => 2), ...parse('60=1.234 120=1.234')], '0=2 1=1.234 2=1.234'],
    ['to 5 s within a minute', [...parse('0=10 60=10'), ...every(5, 6, () => 20, 90)], '0=10 1=15'],
    ['milliseconds off the minute', parse('0.25=1 30.25=2 60.25=3'), '0=1.5 1=2.99'],
  ])('%s', (_, pairs, expected) => expect(format(minutesOf(pairs))).toBe(expected))

  it('says that it left out what no house can have', () => {
    const hasAbsurd = (watts: number) =>
      pointsToMinutes(pointsOf([[0, watts]]), { window: WINDOW, decimals: 2 }).hasAbsurd
    expect([1, NaN, -2e9, Infinity].map(hasAbsurd)).toEqual([false, false, true, true])
  })
})

describe('the minutes of a series are over', () => {
  test.each<[string, readonly number[], number]>([
    ['5 s, up to the end of the minute', [50, 55], 60],
    ['5 s, not yet up to the end', [45, 50], 0],
    ['the newest at the start of the next minute', [55, 60], 60],
    ['minute points', [0, 60], 120],
    ['minute points half a minute late', [30, 90], 120],
    ['one point', [0], 0],
    ['a first point after an outage', [0, 3600], 3600],
    ['the newest twice', [50, 55, 55], 60],
  ])('%s', (_, seconds, expected) =>
    expect(closedUntil(pointsOf(seconds.map((second) => [second, 1])))).toBe(T0 + expected * 1000),
  )
})

const cents = fc.integer({ min: -2_000_000, max: 2_000_000 })
const steps = fc.constantFrom(1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)
const uneven = fc
  .uniqueArray(fc.record({ second: fc.integer({ min: 0, max: 1500 }), cents }), {
    selector: ({ second }) => second,
    maxLength: 80,
  })
  .map((points) => points.sort((a, b) => a.second - b.second).map(({ second, cents: c }): Pair => [second, c / 100]))

describe('whatever the points are', () => {
  it('a minute that is covered completely has their energy', () => {
    fc.assert(
      fc.property(steps, fc.array(cents, { minLength: 180, maxLength: 180 }), (stepS, all) => {
        const count = 180 / stepS
        const expected = [0, 1, 2].map((minute) => {
          const own = all.slice((minute * count) / 3, ((minute + 1) * count) / 3)
          // In integers: half a cent goes up.
          const [sum, parts] = [BigInt(own.reduce((a, b) => a + b, 0)), BigInt(own.length)]
          return [minute, Number(floorDivide(2n * sum + parts, 2n * parts)) / 100 + 0]
        })
        expect(minutesOf(every(stepS, count, (i) => (all[i] ?? NaN) / 100))).toEqual(expected)
      }),
    )
  })

  it('no minute is outside of what its points and the one before it say, and each minute with a point is there', () => {
    fc.assert(
      fc.property(uneven, (points) => {
        const minutes = new Map(minutesOf(points))
        for (const [second] of points) expect(minutes.has(Math.floor(second / 60))).toBe(true)
        for (const [minute, watts] of minutes) {
          const near = points.filter(([second]) => second > 60 * minute - 60 && second < 60 * minute + 60)
          expect(watts).toBeGreaterThanOrEqual(Math.min(...near.map(([, w]) => w)) - 0.005)
          expect(watts).toBeLessThanOrEqual(Math.max(...near.map(([, w]) => w)) + 0.005)
        }
      }),
    )
  })

  it('it does not matter in which pieces they are read', () => {
    fc.assert(
      fc.property(uneven, fc.integer({ min: 1, max: 24 }), (points, cut) => {
        const middleMs = T0 + cut * MINUTE_MS
        const piece = (fromMs: number, untilMs: number) =>
          minutesOf(
            points.filter(([second]) => {
              const atMs = T0 + second * 1000
              return atMs >= fromMs - 2 * MINUTE_MS && atMs < untilMs + 2 * MINUTE_MS
            }),
            { fromMs, untilMs },
          )
        expect([...piece(WINDOW.fromMs, middleMs), ...piece(middleMs, WINDOW.untilMs)]).toEqual(minutesOf(points))
      }),
    )
  })
})

function floorDivide(a: bigint, b: bigint): bigint {
  return a / b - (a % b < 0n ? 1n : 0n)
}
