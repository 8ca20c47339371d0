import { describe, expect, it } from 'vitest'
import type { HouseNumbers, LiveReadings, Now } from '../api/answers.ts'
import { costPerHour, heldOrder, isOld, newestFigures } from './figures.ts'

const MIN = 60_000
const watts = (house: number | null): HouseNumbers => {
  return { house, solar: 0, used: 0, fromGrid: house, toGrid: 0, unmetered: null }
}
const now = { atMs: 5 * MIN, watts: watts(400), channels: { Dryer: 1, Fridge: 90 } } as unknown as Now
const read = (atMs: number, house: number | null): LiveReadings => ({
  intervalMs: 5_000,
  atMs,
  watts: watts(house),
  devices: [
    { name: 'a', atMs, channels: { Dryer: 2400 } },
    { name: 'b', channels: { Fridge: null } },
  ],
})

describe('what is shown as now', () => {
  it.each([
    ['the readings', now, read(8 * MIN, 2800), true, [2800, { Dryer: 2400, Fridge: null }, 8 * MIN, true]],
    [
      'the readings, before a minute is stored',
      undefined,
      read(8 * MIN, 2800),
      true,
      [2800, { Dryer: 2400, Fridge: null }, 8 * MIN, true],
    ],
    ['the minute, without any', now, undefined, true, [400, now.channels, 5 * MIN, false]],
    ['the minute, where it is newer', now, read(5 * MIN, 2800), true, [400, now.channels, 5 * MIN, false]],
    [
      'the minute, where the house is unknown in them',
      now,
      read(8 * MIN, null),
      true,
      [400, now.channels, 5 * MIN, false],
    ],
    [
      'the readings of a house without mains',
      now,
      read(8 * MIN, null),
      false,
      [null, { Dryer: 2400, Fridge: null }, 8 * MIN, true],
    ],
  ] as const)('%s', (_, minute, readings, hasMains, expected) => {
    const { watts: shown, channels, atMs, isLive } = newestFigures(minute, readings, hasMains)
    expect([shown.house, channels, atMs, isLive]).toEqual(expected)
  })
})

it.each([
  ['a reading of two intervals', 5_000, 10_000, false],
  ['an older one, or a minute in its place', 5_000, 10_001, true],
  ['a minute within its age', undefined, 15 * MIN, false],
  ['an older one', undefined, 15 * MIN + 1, true],
])('%s', (_, intervalMs, ageMs, expected) => {
  expect(isOld({ atMs: 0 }, { nowMs: ageMs, intervalMs, maxAgeMs: 15 * MIN })).toBe(expected)
})

it.each([
  ['keeps its places while powers are nearly the same', { a: 100, b: 110, c: 95 }, 'abc'],
  ['lets pass what is clearly greater', { a: 100, b: 60, c: 2400 }, 'cab'],
  ['puts what is not known last', { a: null, b: 60, c: 2400 }, 'cba'],
])('an order %s', (_, power: Record<string, number | null>, expected) => {
  expect(heldOrder(['a', 'b', 'c'], (id) => power[id] ?? null).join('')).toBe(expected)
})

describe('what an hour costs', () => {
  const at = (price: number | null, earned?: number | null) => ({
    tariff: 'T',
    import: { name: 'Peak', price },
    ...(earned !== undefined && { export: { name: 'Export', price: earned } }),
  })
  it.each([
    ['from the grid', at(0.4), 2000, 0, 0.8],
    ['to the grid, which earns', at(0.4, 0.06), 0, 3000, -0.18],
    ['to the grid, which earns nothing', at(0.4), 0, 3000, 0],
    ['to the grid at a price below zero', at(0.4, -0.02), 0, 1000, 0.02],
    ['without a price that it needs', at(null), 2000, 0, null],
    ['without a price that it does not need', at(null, 0.06), 0, 1000, -0.06],
  ])('%s', (_, prices, fromGrid, toGrid, cost) => {
    const found = costPerHour(prices, { fromGrid, toGrid })
    if (cost === null) expect(found).toBeNull()
    else expect(found).toBeCloseTo(cost, 9)
  })

  it('is not known without the mains', () => {
    expect(costPerHour(at(0.4), { fromGrid: null, toGrid: null })).toBeNull()
  })
})
