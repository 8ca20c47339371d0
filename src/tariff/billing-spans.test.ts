import { expect, test } from 'vitest'
import { DAY_MS } from '../model/time-window.ts'
import { formatDay } from '../model/time-zone.ts'
import { billingSpans, cutByTariff, tariffInForce, versionInForce } from './billing-spans.ts'
import type { Tariff } from './tariff.ts'

const day = (date: string) => Date.parse(date) / DAY_MS
const edges = (billing: { day: number; starts?: string[] }, from: string, to: string) =>
  billingSpans(
    { day: billing.day, starts: (billing.starts ?? []).map(day) },
    { fromDay: day(from), toDay: day(to) },
  ).map(({ fromDay, toDay }) => `${formatDay(fromDay)} ${formatDay(toDay)}`)

test.each([
  ['the first', { day: 1 }, ['2026-02-01 2026-03-01', '2026-03-01 2026-04-01']],
  ['the last', { day: 31 }, ['2026-01-31 2026-02-28', '2026-02-28 2026-03-31']],
  ['the 29th, of a Feb without one', { day: 29 }, ['2026-01-29 2026-02-28', '2026-02-28 2026-03-29']],
  [
    'readings',
    { day: 1, starts: ['2026-02-03', '2026-03-08', '2026-03-20'] },
    ['2026-02-03 2026-03-08', '2026-03-08 2026-03-20', '2026-03-20 2026-04-01'],
  ],
  [
    'after the last reading, the day that it stands for is passed over',
    { day: 14, starts: ['2026-01-14', '2026-02-12'] },
    ['2026-02-12 2026-03-14', '2026-03-14 2026-04-14'],
  ],
])('bills of %s', (_, billing, expected) => expect(edges(billing, '2026-02-20', '2026-03-25')).toEqual(expected))

const tariff = (name: string, more: Partial<Tariff> = {}): Tariff => ({
  name,
  applies: true,
  import: [{ price: 1 }],
  fixed: {},
  tiers: [],
  demand: [],
  netting: 'none',
  ...more,
})

const first = tariff('A', { since: day('2025-01-01') })
const second = tariff('A', { since: day('2026-01-11') })
const guest = tariff('B', { since: day('2026-01-05'), until: day('2026-01-08') })
const plan = tariff('C', { applies: false })
const all = [second, plan, first, guest]

test('of the tariffs that apply, the one that began last is in force', () => {
  const cut = cutByTariff({ fromDay: day('2024-12-30'), toDay: day('2026-01-20') }, (one) => tariffInForce(all, one))
  expect(cut.map(({ tariff: { name }, fromDay, toDay }) => [name, formatDay(fromDay), formatDay(toDay)])).toEqual([
    ['A', '2025-01-01', '2026-01-05'],
    ['B', '2026-01-05', '2026-01-08'],
    ['A', '2026-01-08', '2026-01-11'],
    ['A', '2026-01-11', '2026-01-20'],
  ])
})

test('a name stands for its versions, before the first for the first', () => {
  const under = (name: string, date: string) => versionInForce(all, name, day(date))
  expect([under('A', '2020-01-01'), under('A', '2026-01-10'), under('A', '2026-01-11')]).toEqual([first, first, second])
  expect([under('B', '2027-01-01'), under('C', '2026-01-01'), under('D', '2026-01-01')]).toEqual([
    guest,
    plan,
    undefined,
  ])
})
