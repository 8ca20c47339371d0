import { at, outOfRange } from '../model/at.ts'
import { createDayTables, type DayKind, type DayTable } from './day-table.ts'
import type { PriceSeries } from './price-file.ts'
import { isPriceFile, type Period, type Prices } from './tariff.ts'

/** What one line of a bill adds up. */
export interface PriceGroup {
  readonly name: string
  /** Money per kWh; left out where it changes all the time. */
  readonly price?: number
  kwh: number
  amount: number
}

/** Energy in one direction, minute by minute, by the prices of its periods or of a file. */
export interface EnergyPricer {
  readonly groups: readonly PriceGroup[]
  startDay(today: DayKind, yesterday: DayKind, day: number): void
  /** The line that a minute is of; -1 where no period covers it. */
  groupAt(clock: number): number
  /** What the next kWh costs, after all that was added; NaN where no price is known, undefined where no period applies. */
  priceAt(clock: number, atMs: number): { readonly name: string; readonly price: number } | undefined
  /** Adds what flows in a minute, and returns what it costs; NaN where its price is not known. */
  add(kwh: number, clock: number, atMs: number): number
}

interface Limit {
  readonly upTo: number
  readonly price: number
  readonly group: PriceGroup
}

/** How much of a name has flowed: of the bill, and of each of two days, as hours over midnight belong to the day before. */
interface Counter {
  bill: number
  readonly days: Float64Array
}

interface Pricing {
  /** Its line, by place; of a period with tiers, that of the first. */
  readonly group: number
  readonly price: number
  readonly limits?: readonly Limit[]
  readonly each: 'day' | 'bill'
  readonly counter: Counter
}

export function createPricer(
  prices: Prices | undefined,
  { name, series }: { readonly name: string; readonly series?: PriceSeries | undefined },
): EnergyPricer {
  if (isPriceFile(prices)) return fromFile(name, series)
  return fromPeriods(prices ?? [], name)
}

function fromFile(name: string, series: PriceSeries = { startsMs: [], prices: [], untilMs: 0 }): EnergyPricer {
  const { startsMs, prices, untilMs } = series
  const group: PriceGroup = { name, kwh: 0, amount: 0 }
  let next = 0
  function priceAt(atMs: number): number {
    while (next < startsMs.length && (startsMs[next] ?? outOfRange(startsMs, next)) <= atMs) next++
    return next === 0 || atMs >= untilMs ? NaN : (prices[next - 1] ?? outOfRange(prices, next - 1))
  }
  return {
    groups: [group],
    startDay() {},
    groupAt: () => 0,
    priceAt: (_, atMs) => ({ name, price: priceAt(atMs) }),
    add(kwh, _, atMs) {
      const amount = kwh * priceAt(atMs)
      if (Number.isNaN(amount)) return NaN
      group.kwh += kwh
      group.amount += amount
      return amount
    },
  }
}

function fromPeriods(periods: readonly Period[], defaultName: string): EnergyPricer {
  const groups: PriceGroup[] = []
  const groupOf = (name: string, price: number): number => {
    const known = groups.findIndex((group) => group.name === name && group.price === price)
    return known >= 0 ? known : groups.push({ name, price, kwh: 0, amount: 0 }) - 1
  }
  const counters = new Map<string, Counter>()
  const pricings = periods.map(({ name = defaultName, price = 0, tiers }): Pricing => {
    const counter = counters.get(name) ?? { bill: 0, days: new Float64Array(2) }
    counters.set(name, counter)
    const limits = tiers?.map((tier) => {
      return { upTo: tier.upTo ?? Infinity, price: tier.price, group: at(groups, groupOf(name, tier.price)) }
    })
    const each = tiers?.find((tier) => tier.each !== undefined)?.each ?? 'bill'
    return { group: groupOf(name, limits?.[0]?.price ?? price), price, ...(limits && { limits }), each, counter }
  })
  const tableOf = createDayTables(periods)
  let table: DayTable = new Int16Array(0)
  let parity = 0
  return {
    groups,
    startDay(today, yesterday, day) {
      table = tableOf(today, yesterday)
      parity = day & 1
      for (const { days } of counters.values()) days[parity] = 0
    },
    groupAt(clock) {
      const entry = table[clock] ?? outOfRange(table, clock)
      return entry < 0 ? -1 : at(pricings, entry >> 1).group
    },
    priceAt(clock) {
      const entry = table[clock] ?? outOfRange(table, clock)
      if (entry < 0) return undefined
      const { group, price, limits = [], ...counting } = at(pricings, entry >> 1)
      const used = countedBefore(counting, parity ^ (entry & 1))
      return { name: at(groups, group).name, price: limits.find(({ upTo }) => used < upTo)?.price ?? price }
    },
    add(kwh, clock) {
      const entry = table[clock] ?? outOfRange(table, clock)
      if (entry < 0) return 0
      const place = entry >> 1
      const { group: first, price, limits, each, counter } = pricings[place] ?? outOfRange(pricings, place)
      const own = parity ^ (entry & 1)
      const before = countedBefore({ each, counter }, own)
      counter.bill += kwh
      counter.days[own] = (counter.days[own] ?? outOfRange(counter.days, own)) + kwh
      if (limits) return addByLimits(limits, before, kwh)
      const group = groups[first] ?? outOfRange(groups, first)
      group.kwh += kwh
      group.amount += kwh * price
      return kwh * price
    },
  }
}

function countedBefore({ each, counter }: Pick<Pricing, 'each' | 'counter'>, day: number): number {
  return each === 'day' ? (counter.days[day] ?? outOfRange(counter.days, day)) : counter.bill
}

/** Splits what crosses a limit; beyond the last one, nothing is charged. */
export function addByLimits(limits: readonly Limit[], before: number, kwh: number): number {
  let [used, left, amount] = [before, kwh, 0]
  for (const { upTo, price, group } of limits) {
    if (used >= upTo) continue
    const part = Math.min(left, upTo - used)
    group.kwh += part
    group.amount += part * price
    amount += part * price
    left -= part
    if (left <= 0) break
    used = upTo
  }
  return amount
}
