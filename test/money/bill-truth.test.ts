import { stringify } from 'yaml'
import { describe, expect, test } from 'vitest'
import { DAY_MS } from '../../src/model/time-window.ts'
import { dayStartMs, openTimeZone } from '../../src/model/time-zone.ts'
import type { Bill } from '../../src/tariff/bill.ts'
import { computeBills } from '../../src/tariff/compute-bills.ts'
import { cutByTariff, tariffInForce } from '../../src/tariff/billing-spans.ts'
import { truthBill, type TruthBill, type TruthTariff } from './bill-truth.ts'
import { documentedTariffs, type Example, gridMinutes, halfHourlyPrices, priced, toCsv } from './tariff-house.ts'

/** Where the clocks of each example are, and when they are put forward and back. */
const PLACES: readonly (readonly [zone: string, spring: string, autumn: string])[] = [
  ['America/New_York', '2024-03-10', '2024-11-03'],
  ['America/Toronto', '2024-03-10', '2024-11-03'],
  ['America/Los_Angeles', '2024-03-10', '2024-11-03'],
  ['Europe/Lisbon', '2024-03-31', '2024-10-27'],
  ['America/Los_Angeles', '2024-03-10', '2024-11-03'],
  ['Australia/Lord_Howe', '2024-10-06', '2024-04-07'],
  ['Europe/Brussels', '2024-03-31', '2024-10-27'],
  ['Europe/Berlin', '2024-03-31', '2024-10-27'],
  ['America/New_York', '2024-03-10', '2024-11-03'],
  ['Australia/Adelaide', '2024-10-06', '2024-04-07'],
  ['Europe/Berlin', '2024-03-31', '2024-10-27'],
  ['America/Chicago', '2024-03-10', '2024-11-03'],
]

const dayNumber = (date: string) => Date.parse(date) / DAY_MS
const dateOf = (day: number) => new Date(day * DAY_MS).toISOString().slice(0, 10)
const examples = await documentedTariffs()

interface Case {
  readonly example: Example
  readonly zoneName: string
  readonly from: string
  readonly days: number
  readonly hasOutage?: boolean
}

/** Two versions of a tariff, the second from the middle of the bill on. */
async function compareBills({ example, zoneName, from, days, hasOutage = false }: Case) {
  const [fromDay, toDay] = [dayNumber(from), dayNumber(from) + days]
  const changeDay = fromDay + Math.floor(days / 2)
  const versions = [
    { ...example.tariff, since: '2020-01-01' },
    { ...example.tariff, since: dateOf(changeDay), fixed: { ...example.tariff.fixed, perDay: 1.25 } },
  ]
  const zone = openTimeZone(zoneName)
  const [fromMs, untilMs] = [dayStartMs(zone, fromDay), dayStartMs(zone, toDay)]
  const rows = halfHourlyPrices(fromMs, untilMs - 5 * 3_600_000, Math.floor(days / 3))
  const outages: [number, number][] = hasOutage ? [[fromMs + 3.3 * DAY_MS, fromMs + 5.61 * DAY_MS]] : []
  const minutes = gridMinutes(fromMs, untilMs, {
    seed: fromDay,
    outages: outages.map(([a, b]) => [floor(a), floor(b)]),
  })
  const text = stringify({ currency: 'USD', holidays: example.holidays, tariffs: versions })
  const { config, calendar } = await priced(text, zoneName, toCsv(rows))
  const spans = cutByTariff({ fromDay, toDay }, (day) => tariffInForce(config.tariffs, day))
  const bills = await computeBills(spans, [minutes], calendar)
  expect(bills).toHaveLength(2)
  const options = { ...minutes, zone: zoneName, holidays: example.holidays, files: { 'prices.csv': rows } }
  const edges = [from, dateOf(changeDay), dateOf(toDay)]
  bills.forEach((bill, index) =>
    expectSame(bill, truthBill(versions[index]!, edges[index]!, edges[index + 1]!, options)),
  )
  return bills
}

const floor = (ms: number) => Math.floor(ms / 60_000) * 60_000

const near = (value: number) => ({
  asymmetricMatch: (found: unknown) =>
    typeof found === 'number' && Math.abs(found - value) <= 1e-9 * Math.max(1e-3, Math.abs(value)),
  toString: () => `near ${value}`,
})

function expectSame(bill: Bill, truth: TruthBill): void {
  const kinds: Record<string, number> = {}
  for (const { kind, amount } of bill.lines) kinds[kind] = (kinds[kind] ?? 0) + amount
  const { importKwh, exportKwh, missingMinutes, unpricedKwh, unpricedExportKwh, total } = bill
  const isSomething = ([, amount]: [string, number]) => amount !== 0
  expect({ importKwh, exportKwh, missingMinutes, unpricedKwh, unpricedExportKwh, total }).toEqual({
    importKwh: near(truth.importKwh),
    exportKwh: near(truth.exportKwh),
    missingMinutes: truth.missingMinutes,
    unpricedKwh: near(truth.unpricedKwh),
    unpricedExportKwh: near(truth.unpricedExportKwh),
    total: near(truth.total),
  })
  expect(Object.fromEntries(Object.entries(kinds).filter(isSomething))).toEqual(
    Object.fromEntries(
      Object.entries(truth.kinds)
        .filter(isSomething)
        .map(([kind, amount]) => [kind, near(amount)]),
    ),
  )
  for (const { kind, name, price, amount } of bill.lines.filter((line) => line.kind === 'import')) {
    const key = `${kind} ${name === 'Import' ? '' : name} ${price}`
    expect([key, amount]).toEqual([key, near(truth.amounts.get(key) ?? truth.amounts.get(kind) ?? NaN)])
  }
}

test('the document has the twelve', () => expect(examples).toHaveLength(PLACES.length))

describe.each(examples.map((example, index) => ({ example, place: PLACES[index]! })))(
  '$example.title',
  ({ example, place }) => {
    const [zoneName, spring, autumn] = place

    test('is a configuration as it stands', async () => {
      const { config } = await priced(example.text, zoneName)
      expect(config.tariffs).toHaveLength(1)
    })

    test.each([
      ['the day on which clocks are put forward', dateOf(dayNumber(spring) - 1), 3],
      ['the day on which they are put back', dateOf(dayNumber(autumn) - 2), 4],
      ['a leap day', '2024-02-28', 3],
      ['the turn of the year', '2023-12-30', 4],
    ])('%s', async (_, from, days) => void (await compareBills({ example, zoneName, from, days })))

    test('a month with an outage', async () => {
      const bills = await compareBills({ example, zoneName, from: '2024-03-05', days: 31, hasOutage: true })
      expect(bills[0]?.missing).toHaveLength(1)
      expect(bills[0]?.missingMinutes).toBeGreaterThan(3000)
    })
  },
)

test.each(['Asia/Kathmandu', 'America/St_Johns', 'America/Santiago'])('four periods in %s', async (zoneName) => {
  for (const from of ['2024-03-09', '2024-04-06', '2024-09-07', '2024-11-02'])
    await compareBills({ example: examples[3]!, zoneName, from, days: 3 })
})

const OVER: TruthTariff = {
  name: 'Over midnight',
  import: [
    { name: 'Day', price: 0.3 },
    {
      name: 'Night',
      hours: '22:10-05:50',
      tiers: [{ upTo: 3, each: 'day', price: -0.05 }, { upTo: 9, price: 0.1 }, { price: 0.2 }],
    },
    { name: 'Night', hours: '01-02', days: 'Sat', price: 0.11 },
    { name: 'Early', hours: '02:07-03', days: ['Mon-Wed', 'Fri'], tiers: [{ upTo: 20, price: 0.07 }, { price: 0.08 }] },
  ],
  export: [{ hours: '10-12', tiers: [{ upTo: 5, each: 'day', price: 0.1 }, { price: -0.02 }] }],
  tiers: [
    { upTo: 40, add: 0.01 },
    { upToPerDay: 30, add: -0.02 },
  ],
  demand: [
    { name: 'Nightly', hours: '22-04', days: 'Fri', window: '60m', pricePerKw: 2, basis: 'day' },
    { name: 'Odd', hours: '17:10-19:20', window: '30m', pricePerKw: 3 },
  ],
  fixed: { perBill: 3 },
  minimum: 500,
  tax: '7.7%',
}

test.each(['Europe/Berlin', 'Australia/Lord_Howe'])('tiers by day and demand over midnight in %s', async (zoneName) => {
  const example = { title: '', text: '', tariff: OVER, holidays: [] }
  for (const from of ['2024-03-29', '2024-04-05', '2024-10-04', '2024-10-25'])
    await compareBills({ example, zoneName, from, days: 9 })
})
