import { expect, it } from 'vitest'
import type { Costs, Tariffs } from '../api/answers.ts'
import { costSeries, periodPrices } from './cost-series.ts'

const costs: Costs = {
  currency: 'EUR',
  span: 'year',
  date: '2026-01-01',
  fromMs: 0,
  untilMs: 2,
  startsMs: [0, 1],
  lines: [
    { kind: 'import', name: 'Peak', price: 0.5, kwh: [2, 0], amounts: [1, 0] },
    { kind: 'import', name: 'Peak', price: 0.7, kwh: [0, 10], amounts: [0, 7] },
    { kind: 'import', name: 'Night', price: 0.1, kwh: [10, 20], amounts: [1, 2] },
    { kind: 'tier', name: 'Tier 1', price: -0.1, kwh: [12, 30], amounts: [-1.2, -3] },
    { kind: 'export', name: 'Export', price: 0.06, kwh: [5, 0], amounts: [-0.3, 0] },
  ],
  fixed: [1, 1],
  sums: { import: 0, export: 0, fixed: 2, total: 0, importKwh: 0, exportKwh: 0, unpricedKwh: 0, missingMinutes: 0 },
  consumers: [],
}

it('has one colour for each period, whatever its prices, the cheapest first; tiers and what is earned may go below zero', () => {
  expect(costSeries(costs, { unit: 'money', parts: 'period' })).toEqual([
    { name: 'Night', colour: 'p1', values: [1, 2] },
    { name: 'Peak', colour: 'p5', values: [1, 7] },
    { name: 'Tier 1', colour: 'rest', values: [-1.2, -3] },
    { name: 'To the grid', colour: 'export', values: [-0.3, 0] },
  ])
})

it('has kWh by period, without tiers, which are on the same kWh', () => {
  expect(costSeries(costs, { unit: 'kwh', parts: 'period' })).toEqual([
    { name: 'Night', colour: 'p1', values: [10, 20] },
    { name: 'Peak', colour: 'p5', values: [2, 10] },
    { name: 'To the grid', colour: 'export', values: [-5, 0] },
  ])
})

it('has money by origin: what came from the grid, tiers included, and what went there', () => {
  const [grid, ...others] = costSeries(costs, { unit: 'money', parts: 'origin' })
  expect(grid?.values.map((value) => value.toFixed(9))).toEqual(['0.800000000', '6.000000000'])
  expect(others.map(({ name }) => name)).toEqual(['To the grid'])
})

it('keeps the colour of a period in a span in which others do not occur, by all prices that the house has', () => {
  const span = (price: number, name?: string) => {
    const period = { price, ...(name !== undefined && { name }) }
    return { fromMinute: 0, untilMinute: 1440, weekday: period, saturday: period, sunday: period, holiday: null }
  }
  const tariffs: Tariffs = {
    tariffs: [
      {
        name: 'Now',
        applies: true,
        import: {
          isFile: false,
          seasons: [{ months: [1], spans: [span(0.1, 'Night'), span(0.3, 'Day'), span(0.6, 'Peak')] }],
        },
      },
      { name: 'Before', applies: true, import: { isFile: false, seasons: [{ months: [1], spans: [span(0.2)] }] } },
      {
        name: 'Other',
        applies: false,
        import: { isFile: false, seasons: [{ months: [1], spans: [span(9, 'Plan')] }] },
      },
    ],
  }
  const prices = periodPrices(tariffs)
  expect([...prices]).toEqual([
    ['Night', 0.1],
    ['Day', 0.3],
    ['Peak', 0.6],
    ['Import', 0.2],
  ])
  const day: Costs['lines'] = [{ kind: 'import', name: 'Day', price: 0.3, kwh: [1, 1], amounts: [0.3, 0.3] }]
  const coloursOf = (lines: Costs['lines']) =>
    costSeries({ ...costs, lines }, { unit: 'money', parts: 'period', prices }).map(({ name, colour }) => [
      name,
      colour,
    ])
  expect(coloursOf(day)).toEqual([['Day', 'p4']])
  expect(coloursOf([...costs.lines.slice(0, 3), ...day])).toEqual([
    ['Night', 'p1'],
    ['Day', 'p4'],
    ['Peak', 'p5'],
  ])
})
