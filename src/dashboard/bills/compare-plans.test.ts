import { expect, it } from 'vitest'
import type { BillView } from '../api/answers.ts'
import { comparePlans } from './compare-plans.ts'

const bill = (tariff: string, from: string, to: string, total: number): BillView => ({
  tariff,
  from,
  to,
  days: 1,
  importKwh: 0,
  exportKwh: 0,
  missingMinutes: 0,
  unpricedKwh: 0,
  unpricedExportKwh: 0,
  lines: [],
  total,
})

it('compares bills that are over, the cheapest plan first', () => {
  const own = [bill('A', '2026-01-01', '2026-02-01', 50), bill('A', '2026-02-01', '2026-02-09', 9)]
  const under = (name: string, totals: readonly number[]) =>
    own.map(({ from, to }, index) => bill(name, from, to, totals[index] ?? 0))
  expect(
    comparePlans({
      bills: own,
      runningFrom: '2026-02-01',
      plans: [...own, ...under('B', [70, 1]), ...under('C', [30, 1])],
    }),
  ).toEqual({
    edges: ['2026-01-01', '2026-02-01'],
    plans: [
      { name: 'A', isOwn: true, totals: [50], total: 50, unpricedKwh: 0 },
      { name: 'C', isOwn: false, totals: [30], total: 30, unpricedKwh: 0 },
      { name: 'B', isOwn: false, totals: [70], total: 70, unpricedKwh: 0 },
    ],
  })
})

it('joins the two bills of a change of tariff, which a plan has as one', () => {
  const own = [bill('A', '2026-01-01', '2026-01-20', 20), bill('B', '2026-01-20', '2026-02-01', 12)]
  const plans = ['A', 'B'].map((name, index) => bill(name, '2026-01-01', '2026-02-01', 30 + index))
  expect(comparePlans({ bills: own, runningFrom: '2026-02-01', plans })).toMatchObject({
    edges: ['2026-01-01', '2026-02-01'],
    plans: [
      { name: 'A, B', totals: [32] },
      { name: 'A', totals: [30] },
      { name: 'B', totals: [31] },
    ],
  })
})

it('compares the running bill where there is no other, and nothing without another plan', () => {
  const running = bill('A', '2026-02-01', '2026-02-09', 9)
  const plans = [running, bill('B', '2026-02-01', '2026-02-09', 8)]
  expect(comparePlans({ bills: [running], runningFrom: '2026-02-01', plans })?.plans).toHaveLength(2)
  expect(comparePlans({ bills: [running], runningFrom: '2026-02-01', plans: [running] })).toBeUndefined()
})
