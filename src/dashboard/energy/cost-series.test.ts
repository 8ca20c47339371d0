import { expect, it } from 'vitest'
import type { Costs } from '../api/answers.ts'
import { costSeries } from './cost-series.ts'

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
  expect(costSeries(costs, 'money', 'period')).toEqual([
    { name: 'Night', colour: 'p1', values: [1, 2] },
    { name: 'Peak', colour: 'p5', values: [1, 7] },
    { name: 'Tier 1', colour: 'rest', values: [-1.2, -3] },
    { name: 'To the grid', colour: 'export', values: [-0.3, 0] },
  ])
})

it('has kWh by period, without tiers, which are on the same kWh', () => {
  expect(costSeries(costs, 'kwh', 'period')).toEqual([
    { name: 'Night', colour: 'p1', values: [10, 20] },
    { name: 'Peak', colour: 'p5', values: [2, 10] },
    { name: 'To the grid', colour: 'export', values: [-5, 0] },
  ])
})

it('has money by origin: what came from the grid, tiers included, and what went there', () => {
  const [grid, ...others] = costSeries(costs, 'money', 'origin')
  expect(grid?.values.map((value) => value.toFixed(9))).toEqual(['0.800000000', '6.000000000'])
  expect(others.map(({ name }) => name)).toEqual(['To the grid'])
})
