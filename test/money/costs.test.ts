import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { parse, stringify } from 'yaml'
import { DAY_MS, MINUTE_MS } from '../../src/model/time-window.ts'
import { dayOf, dayStartMs, openTimeZone } from '../../src/model/time-zone.ts'
import type { MoneySettings } from '../../src/house/show-bills.ts'
import type { Bill } from '../../src/tariff/bill.ts'
import { computeBills } from '../../src/tariff/compute-bills.ts'
import type { Tariff } from '../../src/tariff/tariff.ts'
import { houseOf, memoryStore, seriesOf } from '../stored-house.ts'
import { documentedTariffs, halfHourlyPrices, priced, toCsv } from './tariff-house.ts'

const ZONE = 'Europe/Berlin'
const zone = openTimeZone(ZONE)
const day = (date: string) => Date.parse(date) / DAY_MS
/** Over the turn of a month, and the day with 23 hours; the last day is not over. */
const FROM_MS = dayStartMs(zone, day('2024-03-29'))
const NOW_MS = dayStartMs(zone, day('2024-04-03')) + 14 * 60 * MINUTE_MS + 7 * MINUTE_MS
const expected = { fromMs: FROM_MS, untilMs: NOW_MS }
const { signal } = new AbortController()

const [MAINS, SOLAR, CAR, OVEN] = ['Mains', 'PV', 'Car', 'Oven'].map((name) => seriesOf(name))
/** Watts by minute; an outage of the mains is one of the house. */
const wattsOf = {
  Mains: (index: number) =>
    index > 2000 && index < 2031 ? undefined : Math.sin(index / 97) * 2500 + 900.37 + (index % 7),
  PV: (index: number) => Math.max(0, Math.sin(index / 229.1) * 3000),
  Car: (index: number) => (index % 611 < 120 ? 7000.5 : 0.4),
  Oven: (index: number) => (index % 83) * 3.1 - 20,
}
const minuteOf = (atMs: number) => (atMs - FROM_MS) / MINUTE_MS

const example = async (title: RegExp) => {
  const found = (await documentedTariffs()).find((each) => title.test(each.title))
  return found ?? expect.unreachable()
}

async function open(text: string) {
  const prices = toCsv(halfHourlyPrices(FROM_MS - 2 * DAY_MS, NOW_MS + 9 * DAY_MS, 4))
  const { config, calendar } = await priced(text, ZONE, prices)
  const memory = memoryStore()
  for (const [series, name] of [
    [MAINS, 'Mains'],
    [SOLAR, 'PV'],
    [CAR, 'Car'],
    [OVEN, 'Oven'],
  ] as const)
    memory.put(series!, expected, (atMs) => wattsOf[name](minuteOf(atMs)))
  const folder = await mkdtemp(join(tmpdir(), 'costs-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const home = (changed: Partial<MoneySettings> = {}) =>
    houseOf({
      store: memory.store,
      series: [MAINS!, SOLAR!, CAR!, OVEN!],
      expected,
      nowMs: NOW_MS,
      house: { timezone: ZONE, wiring: 'behind', mains: ['Mains'], solar: ['PV'] },
      folder,
      money: {
        currency: 'EUR',
        billing: config.billing,
        tariffs: config.tariffs,
        holidays: calendar.holidays,
        series: () => Promise.resolve(calendar.series),
        ...changed,
      },
    })
  const house = home()
  await (
    await house.flush()
  )()
  return { ...house, config, calendar, memory, home }
}
type Opened = Awaited<ReturnType<typeof open>>

/** From the minutes themselves; the circuits bear each minute by their power. */
function billed({ config, calendar }: Opened, from: string, to: string, more = 0): Promise<Bill[]> {
  const length = (NOW_MS - FROM_MS) / MINUTE_MS
  const column = (name: keyof typeof wattsOf) =>
    Float64Array.from({ length }, (_, index) => wattsOf[name](index) ?? NaN)
  const [mains, solar, car, oven] = [
    column('Mains').map((watts) => watts + more),
    column('PV'),
    column('Car'),
    column('Oven'),
  ]
  const load = mains.map((watts, index) => watts + solar[index]!)
  const minutes = {
    fromMs: FROM_MS,
    fromGrid: mains.map((watts) => Math.max(0, watts)),
    toGrid: mains.map((watts) => Math.max(0, -watts)),
    circuits: [car, oven, load.map((watts, index) => watts - car[index]! - oven[index]!)],
  }
  const tariff = config.tariffs[0] ?? expect.unreachable()
  return computeBills([{ tariff, fromDay: day(from), toDay: day(to) }], [minutes], calendar)
}

const amountOf = ({ lines }: Pick<Bill, 'lines'>, kinds: readonly string[]) =>
  lines.reduce((sum, { kind, amount }) => sum + (kinds.includes(kind) ? amount : 0), 0)
const near = (value: number, digits = 9) => expect.closeTo(value, digits)
const spans = [
  ['2024-03-01', '2024-04-01'],
  ['2024-04-01', '2024-04-04'],
] as const

it.each((await documentedTariffs()).map(({ title, text }) => [title, text] as const))(
  'bills and costs of rollups are those of their minutes: %s',
  async (_, given) => {
    // All with bills that begin with the month.
    const { billing: _billing, ...file } = parse(given) as { billing?: unknown; tariffs: unknown[] }
    const opened = await open(stringify({ ...file, tariffs: file.tariffs.slice(0, 1) }))
    const { history } = opened
    // Of the time before the first sample.
    const before = [(FROM_MS - dayStartMs(zone, day('2024-03-01'))) / MINUTE_MS]
    const view = await history.bills({ count: 2, isCompared: false }, signal)
    const truth = (await Promise.all(spans.map(([from, to]) => billed(opened, from, to)))).flat()
    expect(view.bills.map(({ from, to, total, missingMinutes }) => [from, to, total, missingMinutes])).toEqual(
      truth.map(({ total, missingMinutes }, index) => [
        ...spans[index]!,
        near(total, 8),
        missingMinutes + (before[index] ?? 0),
      ]),
    )
    expect(view.runningFrom).toBe('2024-04-01')
    const isNetted = opened.config.tariffs[0]?.netting === 'bill'
    const costs = await history.costs({ span: 'month' }, signal)
    const april = truth[1]!
    const { sums, lines, consumers, fixed, startsMs } = costs
    if (!isNetted) {
      expect(sums.import).toEqual(near(amountOf(april, ['import', 'tier']), 8))
      expect(sums.export).toEqual(near(amountOf(april, ['export']), 8))
    }
    expect(sums).toMatchObject({ importKwh: near(april.importKwh, 8), missingMinutes: april.missingMinutes })
    const barred = lines.flatMap(({ amounts }) => amounts).reduce((sum, amount) => sum + amount, 0)
    expect(barred).toEqual(near(sums.import + sums.export, 8))
    expect([lines.every(({ kwh }) => kwh.length === startsMs.length), fixed.length]).toEqual([true, 30])
    expect(sums.fixed).toEqual(near(amountOf(april, ['fixed']), 8))
    expect(consumers.reduce((sum, { cost }) => sum + cost, 0)).toEqual(near(sums.import, 8))
    // A limit is crossed within a quarter of an hour.
    const isTiered = amountOf(april, ['tier']) !== 0 || /tiers/.test(given)
    if (!isNetted && !isTiered)
      expect(consumers.map(({ cost }) => cost)).toEqual(april.circuitCosts.map((cost) => near(cost, 4)))
  },
)

it('a repaired minute, and what a new start finds, are in the costs', async () => {
  const opened = await open((await example(/one price/i)).text)
  const { history, memory, home } = opened
  const before = await history.costs({ span: 'day', day: day('2024-04-02') }, signal)
  memory.put(MAINS!, expected, (atMs) => {
    const watts = wattsOf.Mains(minuteOf(atMs))
    return watts === undefined ? undefined : watts + 100
  })
  history.noteWritten(expected)
  opened.elapse(60_000)
  await (
    await opened.flush()
  )()
  const [truth] = await billed(opened, '2024-04-02', '2024-04-03', 100)
  const again = await history.costs({ span: 'day', day: day('2024-04-02') }, signal)
  expect(again.sums.import).toEqual(near(amountOf(truth!, ['import', 'tier'])))
  expect(again.sums.import).toBeGreaterThan(before.sums.import)
  const restarted = home()
  expect(await restarted.history.costs({ span: 'day', day: day('2024-04-02') }, signal)).toEqual(again)
})

it('an edited tariff and a price file that grew are in the next answer, of days that were kept before', async () => {
  const day = { span: 'day', day: Date.parse('2024-04-02') / DAY_MS } as const
  const { home, config, calendar } = await open((await example(/one price/i)).text)
  const [tariff] = config.tariffs
  const costsOf = async (imported: Tariff['import'], series = calendar.series) => {
    const tariffs = [{ ...tariff!, import: imported }]
    const { history } = home({ tariffs, series: () => Promise.resolve(series) })
    return (await history.costs(day, signal)).sums
  }
  const cheap = await costsOf([{ price: 0.1 }])
  expect(await costsOf([{ price: 0.3 }])).toMatchObject({ import: near(3 * cheap.import), importKwh: cheap.importKwh })
  const upTo = (date: string) =>
    new Map([['p', { startsMs: [Date.parse('2024-04-01')], prices: [0.2], untilMs: Date.parse(date) }]])
  const half = await costsOf({ file: 'p' }, upTo('2024-04-02T10:00Z'))
  expect(half.unpricedKwh).toBeGreaterThan(1)
  expect(half.import).toEqual(near(0.2 * (half.importKwh - half.unpricedKwh)))
  expect(await costsOf({ file: 'p' }, upTo('2024-04-04'))).toMatchObject({
    import: near(2 * cheap.import),
    unpricedKwh: 0,
  })
})

it('the price of the moment knows what the bill has used, and when it changes', async () => {
  const text = stringify({
    currency: 'EUR',
    tariffs: [
      {
        name: 'T',
        import: [
          { name: 'Day', tiers: [{ upTo: 1, price: 0.2 }, { price: 0.5 }] },
          { name: 'Night', hours: '22-06', price: 0.1 },
        ],
        export: [{ name: 'Feed-in', price: 0.08 }],
        tiers: [{ upTo: 0.5, add: 1 }, { add: 0.01 }],
      },
      { name: 'Plan', applies: false, import: [{ price: 0.3 }] },
    ],
  })
  const { history } = await open(text)
  const { now, tariffs, currency } = await history.tariffs(signal)
  expect(now).toEqual({
    tariff: 'T',
    import: { name: 'Day', price: near(0.51) },
    export: { name: 'Feed-in', price: 0.08 },
    untilMs: dayStartMs(zone, dayOf(zone, NOW_MS)) + 22 * 60 * MINUTE_MS,
  })
  expect([currency, tariffs.map(({ name, applies }) => [name, applies])]).toEqual([
    'EUR',
    [
      ['T', true],
      ['Plan', false],
    ],
  ])
  expect(tariffs[0]?.import.seasons[0]?.spans.map(({ fromMinute, weekday }) => [fromMinute, weekday?.name])).toEqual([
    [0, 'Night'],
    [360, 'Day'],
    [1320, 'Night'],
  ])
  const { plans } = await history.bills({ count: 1, isCompared: true }, signal)
  expect(plans?.map(({ tariff }) => tariff)).toEqual(['T', 'Plan'])
})

it('a forecast takes each day to come for the last one of its weekday', async () => {
  const opened = await open((await example(/one price/i)).text)
  // Five days are known.
  expect((await opened.history.bills({ count: 1, isCompared: false }, signal)).forecast).toBeUndefined()
})

it('without a tariff there is nothing, and a span or a plan that is not there is named', async () => {
  const memory = memoryStore()
  memory.put(MAINS!, expected, 500)
  const none = houseOf({ store: memory.store, series: [MAINS!], expected, nowMs: NOW_MS, house: { mains: ['Mains'] } })
  expect(await none.history.bills({ count: 2, isCompared: true }, signal)).toEqual({ bills: [] })
  expect(await none.history.tariffs(signal)).toEqual({ tariffs: [] })
  expect(await none.history.costs({ span: 'day' }, signal)).toMatchObject({ lines: [], sums: { total: 0 } })
  const { history } = await open((await example(/one price/i)).text)
  const ask = (query: object) => history.bills({ count: 1, isCompared: false, ...query }, signal)
  await expect(ask({ tariff: 'Flot' })).rejects.toThrow(
    'there is no tariff Flot (did you mean "Flat"?); there are Flat',
  )
  await expect(ask({ toDay: 5 })).rejects.toThrow('to: found without from')
  await expect(ask({ fromDay: day('2030-01-01') })).rejects.toThrow('expected a day before to, and not in the future')
})
