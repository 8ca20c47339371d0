import { expect, it } from 'vitest'
import type { TypicalPrices } from '../api/answers.ts'
import { monthRuns, pricesIn, stripsOf } from './strips.ts'

const OFF = { name: 'Off-peak', price: 0.25 }
const PEAK = { name: 'On-peak', price: 0.62 }
const span = (
  fromMinute: number,
  untilMinute: number,
  weekday: typeof OFF | null,
  others: typeof OFF | null = OFF,
) => ({
  fromMinute,
  untilMinute,
  weekday,
  saturday: others,
  sunday: others,
  holiday: others,
})
const PRICES: TypicalPrices = {
  isFile: false,
  seasons: [{ months: [1], spans: [span(0, 960, OFF), span(960, 1260, PEAK), span(1260, 1440, null)] }],
}

it('joins the hours of one price on each day, and tells which have none', () => {
  const [season] = PRICES.seasons
  const spans = stripsOf(season!).map(({ day, parts }) => [
    day,
    parts.map(({ fromMinute, untilMinute, key }) => [fromMinute, untilMinute, key !== '']),
  ])
  const all = [[0, 1440, true]]
  expect(spans).toEqual([
    [
      'weekday',
      [
        [0, 960, true],
        [960, 1260, true],
        [1260, 1440, false],
      ],
    ],
    ['saturday', all],
    ['sunday', all],
    ['holiday', all],
  ])
})

it('lists each price once, the cheapest first, in colours of their own', () => {
  const tiered = { name: 'Free', tiers: [{ upTo: 50, price: 0 }, { price: 0.33 }] }
  const { seasons } = PRICES
  const both = {
    isFile: false,
    seasons: [...seasons, { months: [2], spans: [{ ...span(0, 1440, OFF), sunday: tiered }] }],
  }
  const found = pricesIn(both)
  expect(found.map(({ name, prices }) => [name, prices])).toEqual([
    ['Free', [0, 0.33]],
    ['Off-peak', [0.25]],
    ['On-peak', [0.62]],
  ])
  expect(new Set(found.map(({ colour }) => colour)).size).toBe(3)
})

it('names months from the first to the last, over the turn of the year', () => {
  expect(monthRuns([1, 2, 3, 4, 5, 11, 12])).toEqual([[11, 5]])
  expect(monthRuns([1, 7])).toEqual([
    [1, 1],
    [7, 7],
  ])
})
