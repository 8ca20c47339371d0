import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dayStartMs, openTimeZone } from '../../src/model/time-zone.ts'
import { DAY_MS } from '../../src/model/time-window.ts'
import type { Bill } from '../../src/tariff/bill.ts'
import type { GridMinutes } from '../../src/tariff/compute-bill.ts'
import { computeBills } from '../../src/tariff/compute-bills.ts'
import type { Period, Tariff } from '../../src/tariff/tariff.ts'
import { gridMinutes } from './tariff-house.ts'

const numRuns = process.env['LONG'] ? 300 : 12
const zone = openTimeZone('Europe/Berlin')
/** The end of the summer time is among them. */
const FIRST_DAY = Date.UTC(2026, 9, 23) / DAY_MS
const DAYS = 4
const calendar = { zone, holidays: new Set([FIRST_DAY + 1]), series: new Map() }
const minutesOf = (seed: number) =>
  gridMinutes(dayStartMs(zone, FIRST_DAY), dayStartMs(zone, FIRST_DAY + DAYS), { seed })

const BASE: Tariff = {
  name: 'T',
  applies: true,
  import: [],
  fixed: {},
  tiers: [],
  demand: [],
  netting: 'none',
}

async function bill(tariff: Tariff, minutes: GridMinutes, from = 0, to = DAYS): Promise<Bill> {
  const span = { tariff, fromDay: FIRST_DAY + from, toDay: FIRST_DAY + to }
  const [found] = await computeBills([span], [minutes], calendar)
  return found ?? expect.unreachable()
}

const price = fc.integer({ min: 0, max: 900 }).map((mills) => mills / 1000)
const anyPrice = fc.integer({ min: -300, max: 900 }).map((mills) => mills / 1000)
const hours = fc
  .tuple(fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 1, max: 1439 }))
  .map(([fromMinute, length]) => ({ fromMinute, untilMinute: fromMinute + length }))
const when = fc.record({
  days: fc.uniqueArray(fc.integer({ min: 0, max: 7 }), { minLength: 1 }),
  hours: hours.map((one) => [one]),
})
const list = (prices: fc.Arbitrary<number>): fc.Arbitrary<Period[]> =>
  fc
    .tuple(prices, fc.array(fc.record({ when, price: prices }), { maxLength: 4 }))
    .map(([first, others]) => [
      { name: 'Base', price: first },
      ...others.map((each, index) => ({ name: `P${index}`, price: each.price, ...each.when })),
    ])
const seed = fc.integer({ min: 1, max: 1e9 })
const close = (a: number, b: number) => expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(a)))

test('bills of adjoining spans add up, where nothing but energy is billed', () =>
  fc.assert(
    fc.asyncProperty(
      list(anyPrice),
      list(anyPrice),
      seed,
      fc.integer({ min: 1, max: DAYS - 1 }),
      async (imported, exported, seedOf, cut) => {
        const tariff = { ...BASE, import: imported, export: exported, tax: 0.085 }
        const minutes = minutesOf(seedOf)
        const [all, first, second] = [
          await bill(tariff, minutes),
          await bill(tariff, minutes, 0, cut),
          await bill(tariff, minutes, cut),
        ]
        close(all.total, first.total + second.total)
        close(all.importKwh, first.importKwh + second.importKwh)
      },
    ),
    { numRuns },
  ))

test('the order of periods that do not overlap does not matter', () =>
  fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.integer({ min: 1, max: 1439 }), { minLength: 1, maxLength: 6 }),
      fc.array(anyPrice, { minLength: 7, maxLength: 7 }),
      fc.tuple(seed, seed),
      async (cuts, prices, [seedOf, order]) => {
        const edges = [0, ...cuts.toSorted((a, b) => a - b), 1440]
        const periods = edges.slice(1).map((untilMinute, index) => {
          return {
            name: `P${index}`,
            price: prices[index] ?? 0,
            hours: [{ fromMinute: edges[index] ?? 0, untilMinute }],
          }
        })
        const shuffled = periods.toSorted((a, b) => ((a.price * order) % 1) - ((b.price * order) % 1))
        const minutes = minutesOf(seedOf)
        const [a, b] = [
          await bill({ ...BASE, import: periods }, minutes),
          await bill({ ...BASE, import: shuffled }, minutes),
        ]
        close(a.total, b.total)
        expect(new Set(a.lines.map(({ name }) => name))).toEqual(new Set(b.lines.map(({ name }) => name)))
      },
    ),
    { numRuns },
  ))

const priced = fc.record({
  imported: list(price),
  limits: fc
    .uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 3 })
    .map((limits) => limits.toSorted((a, b) => a - b)),
  adders: fc.array(price, { minLength: 4, maxLength: 4 }),
  netting: fc.constantFrom('none' as const, 'bill' as const),
  tiered: fc.boolean(),
})

/** With tiers of a name, and of the bill. */
function tariffOf({ imported, limits, adders, netting, tiered }: PricedTariff): Tariff {
  const steps = [...limits, undefined].map((upTo, index) => ({ upTo, price: adders[index] ?? 0 }))
  const first = { name: 'Base', tiers: steps.map((step) => ({ ...step, each: 'day' as const })) }
  return {
    ...BASE,
    netting,
    import: tiered && netting === 'none' ? [first, ...imported.slice(1)] : imported,
    export: [{ price: 0.05 }],
    tiers: steps.map(({ upTo, price: add }) => ({ upTo, add })),
    demand: [{ window: '30m', pricePerKw: 3, basis: 'bill' }],
    minimum: 5,
    tax: 0.2,
  }
}

interface PricedTariff {
  readonly imported: Period[]
  readonly limits: number[]
  readonly adders: number[]
  readonly netting: 'none' | 'bill'
  readonly tiered: boolean
}

test('more import never makes a bill smaller whose prices and adders are not negative', () =>
  fc.assert(
    fc.asyncProperty(priced, seed, fc.integer({ min: 0, max: DAYS * 1440 - 1 }), async (parts, seedOf, minute) => {
      const tariff = tariffOf(parts)
      const minutes = minutesOf(seedOf)
      const more = {
        ...minutes,
        fromGrid: minutes.fromGrid.map((watts, index) => (index === minute ? watts + 90_000 : watts)),
      }
      expect((await bill(tariff, more)).total).toBeGreaterThanOrEqual((await bill(tariff, minutes)).total - 1e-9)
    }),
    { numRuns },
  ))

test('circuits and what is not metered add up to the cost of import', () =>
  fc.assert(
    fc.asyncProperty(priced, seed, async (parts, seedOf) => {
      const minutes = minutesOf(seedOf)
      const circuits = [0.5, 0.2, -0.1, 0].map((share, place) =>
        minutes.fromGrid.map((watts, index) =>
          (index + place) % 501 === 0 ? NaN : index % 700 < 20 ? -1 : watts * share,
        ),
      )
      const { circuitCosts, lines } = await bill(tariffOf(parts), { ...minutes, circuits })
      const cost = lines
        .filter(({ kind }) => kind === 'import' || kind === 'tier')
        .reduce((sum, { amount }) => sum + amount, 0)
      expect(circuitCosts).toHaveLength(4)
      expect(circuitCosts[2]).toBe(0)
      close(
        cost,
        circuitCosts.reduce((sum, one) => sum + one, 0),
      )
    }),
    { numRuns },
  ))
