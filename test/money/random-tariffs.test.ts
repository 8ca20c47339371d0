import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { DAY_MS, MINUTE_MS } from '../../src/model/time-window.ts'
import { dayStartMs, openTimeZone } from '../../src/model/time-zone.ts'
import type { GridMinutes } from '../../src/tariff/compute-bill.ts'
import { computeBills } from '../../src/tariff/compute-bills.ts'
import { houseOf, memoryStore, seriesOf } from '../stored-house.ts'
import { truthBill, type TruthPeriod, type TruthTariff } from './bill-truth.ts'
import { gridMinutes, priced, type Priced } from './tariff-house.ts'

const numRuns = process.env['LONG'] ? 1000 : 10
/** Zones, and days around a change of their clocks. */
const places = fc.constantFrom(
  ['Europe/Berlin', '2024-03-30'],
  ['Europe/Berlin', '2024-10-26'],
  ['America/Santiago', '2024-09-07'],
  ['America/Santiago', '2024-04-06'],
  ['Australia/Lord_Howe', '2024-04-06'],
  ['America/New_York', '2024-02-28'],
  ['America/New_York', '2023-12-31'],
)
const HOLIDAYS = ['2023-12-31', '2024-01-01', '2024-03-30', '2024-04-07', '2024-09-08', '2024-10-27']
const two = (value: number) => String(value).padStart(2, '0')
const clock = fc.integer({ min: 0, max: 287 }).map((step) => `${two(Math.floor(step / 12))}:${two((step % 12) * 5)}`)
const hours = fc
  .tuple(clock, clock)
  .filter(([from, to]) => from !== to)
  .map(([from, to]) => `${from}-${to}`)
const days = fc.constantFrom('Mon-Fri', 'Sat', ['Sun', 'holiday'], 'Fri-Mon', 'holiday', ['Sat', 'Tue-Wed'])
const months = fc.constantFrom('Mar', 'Oct-Mar', ['Jan', 'Apr', 'Sep'], 'Feb-Oct')
const some = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined })
const when = fc.record({ hours: some(hours), days: some(days), months: some(months) })
const price = fc.integer({ min: -100, max: 600 }).map((mills) => mills / 1000)
const limits = fc
  .uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 2 })
  .map((all) => all.toSorted((a, b) => a - b))
const tiers = fc
  .tuple(limits, fc.array(price, { minLength: 3, maxLength: 3 }), fc.constantFrom('day', 'bill'))
  .map(([upTos, prices, each]) =>
    [...upTos, undefined].map((upTo, index) => ({
      ...(upTo !== undefined && { upTo }),
      each,
      price: prices[index] ?? 0,
    })),
  )
const name = fc.constantFrom('A', 'B', 'C')
const plain = fc.tuple(name, when, price).map(([own, at, one]): TruthPeriod => prune({ name: own, ...at, price: one }))
const tiered = fc.tuple(name, when, tiers).map(([own, at, all]): TruthPeriod => prune({ name: own, ...at, tiers: all }))
const base = price.map((one): TruthPeriod => ({ name: 'Base', price: one }))
const list = (one: fc.Arbitrary<TruthPeriod>) =>
  fc.tuple(base, fc.array(one, { maxLength: 4 })).map(([first, others]) => [first, ...others])
const demand: fc.Arbitrary<NonNullable<TruthTariff['demand']>[number]> = fc
  .tuple(when, fc.constantFrom('15m', '30m', '60m'), fc.constantFrom('bill', 'day'))
  .map(([at, window, basis]) => prune({ ...at, window, basis, pricePerKw: 3 }))
const tariff = fc
  .record({
    netting: fc.constantFrom('none', 'none', 'bill'),
    plain: fc.tuple(list(plain), list(plain)),
    mixed: fc.tuple(list(fc.oneof(plain, tiered)), list(fc.oneof(plain, tiered))),
    demand: fc.array(demand, { maxLength: 2 }),
    ofBill: limits,
    perDay: fc.boolean(),
    minimum: some(fc.integer({ min: 0, max: 80 })),
    tax: some(fc.constantFrom('7.7%', '19%')),
  })
  .map(({ netting, plain: both, mixed, ofBill, perDay, ...more }): TruthTariff => {
    const [imported, exported] = netting === 'bill' ? both : mixed
    const upTo = perDay ? 'upToPerDay' : 'upTo'
    const steps = ofBill.map((limit, index) => ({ [upTo]: limit, add: index / 50 - 0.01 }))
    return prune({ name: 'T', netting, import: imported, export: exported, tiers: [...steps, { add: 0.03 }], ...more })
  })

/** YAML has no undefined. */
function prune<T>(value: object): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T
}

interface KeptSpan extends GridMinutes {
  readonly untilMs: number
  readonly fromDay: number
  readonly toDay: number
}

/** By the days that a house keeps of the same minutes, and what its bars come to. */
async function keptBill({ config, calendar }: Priced, { fromMs, untilMs, fromGrid, toGrid, fromDay, toDay }: KeptSpan) {
  const memory = memoryStore()
  const mains = seriesOf('Mains')
  memory.put(mains, { fromMs, untilMs }, (atMs) => {
    const net = fromGrid[(atMs - fromMs) / MINUTE_MS]! - toGrid[(atMs - fromMs) / MINUTE_MS]!
    return Number.isNaN(net) ? undefined : net
  })
  const { history, flush } = houseOf({
    store: memory.store,
    series: [mains],
    expected: { fromMs, untilMs },
    nowMs: untilMs,
    house: { timezone: calendar.zone.name, wiring: 'behind', mains: ['Mains'], solar: [] },
    money: {
      currency: 'USD',
      billing: { day: 1, starts: [fromDay, toDay] },
      tariffs: config.tariffs,
      holidays: calendar.holidays,
      series: () => Promise.resolve(calendar.series),
    },
  })
  await (
    await flush()
  )()
  const { signal } = new AbortController()
  const { bills } = await history.bills({ count: 3, isCompared: false }, signal)
  const days = [fromDay, fromDay + 1, fromDay + 2].map((day) => history.costs({ span: 'day', day }, signal))
  return {
    bill: bills.find(({ from }) => from === new Date(fromDay * DAY_MS).toISOString().slice(0, 10)),
    import: (await Promise.all(days)).reduce((sum, { sums }) => sum + sums.import, 0),
  }
}

test('any tariff bills what the specification says', () =>
  fc.assert(
    fc.asyncProperty(tariff, places, fc.integer({ min: 1, max: 1e6 }), async (given, [zoneName, from], seed) => {
      const zone = openTimeZone(zoneName)
      const fromDay = Date.parse(from) / DAY_MS
      const [fromMs, untilMs] = [dayStartMs(zone, fromDay), dayStartMs(zone, fromDay + 3)]
      const minutes = gridMinutes(fromMs, untilMs, { seed, outages: [[fromMs + 3_000_000, fromMs + 4_020_000]] })
      const text = stringify({ currency: 'USD', holidays: HOLIDAYS, tariffs: [given] })
      const loaded = await priced(text, zoneName).catch(() => undefined)
      // A period that others cover is a mistake.
      fc.pre(loaded !== undefined)
      const [own] = loaded?.config.tariffs ?? []
      if (!loaded || !own) return
      const span = { tariff: own, fromDay, toDay: fromDay + 3 }
      const [bill] = await computeBills([span], [minutes], loaded.calendar)
      const to = new Date((fromDay + 3) * DAY_MS).toISOString().slice(0, 10)
      const truth = truthBill(given, from, to, { ...minutes, zone: zoneName, holidays: HOLIDAYS })
      const kinds: Record<string, number> = {}
      for (const { kind, amount } of bill?.lines ?? []) kinds[kind] = (kinds[kind] ?? 0) + amount
      for (const kind of new Set([...Object.keys(kinds), ...Object.keys(truth.kinds)]))
        expect([kind, Math.abs((kinds[kind] ?? 0) - (truth.kinds[kind] ?? 0))]).toEqual([kind, expect.closeTo(0, 8)])
      expect(bill?.total).toBeCloseTo(truth.total, 8)
      expect(bill?.missingMinutes).toBe(truth.missingMinutes)
      const kept = await keptBill(loaded, { ...minutes, untilMs, fromDay, toDay: fromDay + 3 })
      expect(kept.bill?.total).toBeCloseTo(truth.total, 8)
      if (given.netting !== 'bill') expect(kept.import).toBeCloseTo((kinds['import'] ?? 0) + (kinds['tier'] ?? 0), 8)
    }),
    { numRuns },
  ))
