import { isDeepStrictEqual } from 'node:util'
import { at } from '../model/at.ts'
import { type Bills, type BillsQuery, HouseError, type Tariffs } from '../model/house-views.ts'
import { didYouMean } from '../model/nearest-name.ts'
import { DAY_MS, floorToMinute, HOUR_MS, MINUTE_MS } from '../model/time-window.ts'
import { dayOf, dayStartMs, formatDay } from '../model/time-zone.ts'
import {
  billingSpans,
  cutByTariff,
  latestSpans,
  tariffInForce,
  type TariffSpan,
  versionInForce,
} from '../tariff/billing-spans.ts'
import { type BillSpan, type Calendar, type KwhPrice, type OpenBill, startBill } from '../tariff/compute-bill.ts'
import type { Holidays } from '../tariff/holidays.ts'
import { splitByDays } from '../tariff/local-minutes.ts'
import type { PriceSeries } from '../tariff/price-file.ts'
import { showBill } from '../tariff/show-bill.ts'
import { type Billing, isPriceFile, type Prices, type Tariff } from '../tariff/tariff.ts'
import { typicalDays, type TypicalSpan } from '../tariff/typical-days.ts'
import { type HouseBase, storedUntilMs, today } from './house-base.ts'
import { pricedMinutes } from './priced-minutes.ts'

/** What the configuration says of money. */
export interface MoneySettings {
  readonly currency: string
  readonly billing: Billing
  readonly tariffs: readonly Tariff[]
  readonly holidays: Holidays
  /** The price files as they are now, by path. @throws Error where one cannot be read */
  series(): Promise<ReadonlyMap<string, PriceSeries>>
}

export interface MoneyBase extends HouseBase {
  /** Left out: no tariff is configured. */
  readonly money?: MoneySettings | undefined
}

export async function calendarOf({ zone }: HouseBase, { holidays, series }: MoneySettings): Promise<Calendar> {
  return { zone, holidays, series: await series() }
}

/** A device copies what is new after some minutes; later than this, minutes are missing. */
const LATE_MS = HOUR_MS

/** The end of the newest minute of the mains; now, where that is long ago. */
export function billedUntilMs(base: HouseBase): number {
  const { channels, mains } = base.days.plan()
  const names = new Set(mains.map((place) => at(channels, place).device))
  const ends = base.devices.filter(({ name }) => names.has(name)).map((facts) => storedUntilMs(base, facts) ?? 0)
  const nowMs = floorToMinute(base.clock.nowMs())
  const newestMs = Math.max(...ends)
  return nowMs - newestMs > LATE_MS ? nowMs : newestMs
}

export async function showBills(base: MoneyBase, query: BillsQuery): Promise<Bills> {
  const { money } = base
  if (!money) return { bills: [] }
  const { tariffs, currency } = money
  const names = [...new Set(tariffs.map(({ name }) => name))]
  if (query.tariff !== undefined && !names.includes(query.tariff))
    throw new HouseError(
      'unknown',
      `there is no tariff ${query.tariff}${didYouMean(query.tariff, names)}; there are ${names.join(', ')}`,
    )
  requireMains(base)
  const spans = chooseSpans(base, money, query)
  const under = (name: string, of = spans) =>
    of.flatMap((span) => cutByTariff(span, (day) => versionInForce(tariffs, name, day)))
  const own = (of: readonly BillSpan[]) =>
    of.flatMap((span) =>
      query.tariff === undefined
        ? cutByTariff(span, (day) => tariffInForce(tariffs, day))
        : under(query.tariff, [span]),
    )
  const calendar = await calendarOf(base, money)
  const billed = own(spans)
  const planned = query.isCompared ? names.flatMap((name) => under(name)) : []
  const all = (await runBills(base, [...billed, ...planned], calendar)).map((bill) => bill.finish())
  const running = query.fromDay === undefined ? spans.at(-1) : undefined
  const forecast = running && (await forecastOf(base, { money, own, calendar }))
  return {
    currency,
    bills: all.slice(0, billed.length).map(showBill),
    ...(running && { runningFrom: formatDay(running.fromDay) }),
    ...(forecast && { forecast }),
    ...(query.isCompared && {
      plans: all
        .slice(billed.length)
        .toSorted((a, b) => a.fromDay - b.fromDay)
        .map(showBill),
    }),
  }
}

function requireMains({ days }: HouseBase): void {
  if (days.plan().mains.length === 0)
    throw new HouseError(
      'early',
      'no channel of the mains is known, so it is not known what came from the grid; to mark them: house.mains in the configuration',
    )
}

function chooseSpans(base: HouseBase, { billing }: MoneySettings, { count, fromDay, toDay }: BillsQuery): BillSpan[] {
  const now = today(base)
  if (fromDay === undefined) {
    if (toDay !== undefined) throw new HouseError('invalid', 'to: found without from; expected both, or neither')
    const firstMs = base.days.firstMs()
    const firstDay = firstMs === undefined ? now : dayOf(base.zone, firstMs)
    return latestSpans(billing, { today: now, firstDay, count })
  }
  const endDay = Math.min(toDay ?? now + 1, now + 1)
  if (endDay <= fromDay)
    throw new HouseError(
      'invalid',
      `from: found ${formatDay(fromDay)}; expected a day before to, and not in the future`,
    )
  return [{ fromDay, toDay: endDay }]
}

/** @throws HouseError where some of the days are not known yet */
async function runBills(base: HouseBase, spans: readonly TariffSpan[], calendar: Calendar): Promise<OpenBill[]> {
  const bills = spans.map((span) => startBill(span.tariff, span, calendar))
  if (spans.length === 0) return bills
  const window = {
    fromMs: dayStartMs(base.zone, Math.min(...spans.map(({ fromDay }) => fromDay))),
    untilMs: Math.min(billedUntilMs(base), dayStartMs(base.zone, Math.max(...spans.map(({ toDay }) => toDay)))),
  }
  for (const block of pricedMinutes(await knownDays(base, window), window))
    for (const part of splitByDays(base.zone, block.fromMs, block.fromGrid.length))
      for (const bill of bills) if (bill.fromDay <= part.day && part.day < bill.toDay) bill.add(part, block)
  return bills
}

/** @throws HouseError where some are not read yet: their minutes would be called missing. */
export async function knownDays(base: HouseBase, window: { readonly fromMs: number; readonly untilMs: number }) {
  const days = await base.days.sums(window)
  const unknown = base.days.unknownDays(window)
  if (unknown > 0)
    throw new HouseError(
      'early',
      `${unknown} of these days are not added up yet; they are in some minutes, without asking again`,
    )
  return days
}

/** Days that a forecast looks back at, and how many of them it needs. */
const [BACK_DAYS, LEAST_DAYS] = [28, 7]
/** A day with more missing minutes is not taken for one. */
const MOST_MISSING = 15

interface ForecastOptions {
  readonly money: MoneySettings
  readonly own: (spans: readonly BillSpan[]) => TariffSpan[]
  readonly calendar: Calendar
}

/** Each minute to come is as that of the last full day of the same weekday. */
async function forecastOf(base: HouseBase, { money, own, calendar }: ForecastOptions): Promise<Bills['forecast']> {
  const now = today(base)
  const [complete] = billingSpans(money.billing, { fromDay: now, toDay: now + 1 })
  if (!complete) return undefined
  const models = await fullDays(base, now)
  if (models.length < LEAST_DAYS) return undefined
  const untilMs = billedUntilMs(base)
  const bills = await runBills(base, own([complete]), calendar)
  const unpricedKwh = () => bills.reduce((sum, bill) => sum + bill.soFar().unpricedKwh, 0)
  const unpricedBefore = unpricedKwh()
  for (let day = now; day < complete.toDay; day++) {
    const model = models.findLast((each) => (each.day - day) % 7 === 0) ?? at(models, models.length - 1)
    const fromMs = Math.max(untilMs, dayStartMs(base.zone, day))
    const count = (dayStartMs(base.zone, day + 1) - fromMs) / MINUTE_MS
    for (const part of splitByDays(base.zone, fromMs, Math.max(0, count))) {
      const minutes = {
        fromMs,
        fromGrid: Float64Array.from(part.clock, (minute) => at(model.fromGrid, minute)),
        toGrid: Float64Array.from(part.clock, (minute) => at(model.toGrid, minute)),
      }
      for (const bill of bills) if (bill.fromDay <= day && day < bill.toDay) bill.add(part, minutes)
    }
  }
  if (unpricedKwh() > unpricedBefore) return undefined
  return {
    to: formatDay(complete.toDay),
    total: bills.reduce((sum, bill) => sum + bill.finish().total, 0),
    days: models.length,
  }
}

/** The last days of which nearly all is known, oldest first, by what the clock shows; a minute that is not known is as the one before. */
async function fullDays(base: HouseBase, now: number) {
  const window = { fromMs: dayStartMs(base.zone, now - BACK_DAYS), untilMs: dayStartMs(base.zone, now) }
  const days = new Map<number, { day: number; fromGrid: Float64Array; toGrid: Float64Array }>()
  const none = () => new Float64Array(DAY_MS / MINUTE_MS).fill(NaN)
  for (const block of pricedMinutes(await base.days.sums(window), window))
    for (const { day, first, clock } of splitByDays(base.zone, block.fromMs, block.fromGrid.length)) {
      const own = days.get(day) ?? { day, fromGrid: none(), toGrid: none() }
      days.set(day, own)
      clock.forEach((minute, index) => {
        own.fromGrid[minute] = at(block.fromGrid, first + index)
        own.toGrid[minute] = at(block.toGrid, first + index)
      })
    }
  const countUnknown = (watts: Float64Array) => watts.filter((each) => Number.isNaN(each)).length
  return [...days.values()]
    .filter(({ fromGrid }) => countUnknown(fromGrid) <= MOST_MISSING)
    .map(({ day, fromGrid, toGrid }) => {
      for (const column of [fromGrid, toGrid])
        for (let minute = 0; minute < column.length; minute++)
          if (Number.isNaN(column[minute])) column[minute] = column[minute - 1] ?? 0
      return { day, fromGrid, toGrid }
    })
}

export async function showTariffs(base: MoneyBase): Promise<Tariffs> {
  const { money } = base
  if (!money) return { tariffs: [] }
  const now = await presentPrice(base, money)
  return {
    currency: money.currency,
    tariffs: money.tariffs.map(({ name, applies, since, until, import: imported, export: exported }) => ({
      name,
      applies,
      ...(since !== undefined && { since: formatDay(since) }),
      ...(until !== undefined && { until: formatDay(until) }),
      import: typicalPrices(imported),
      ...(exported && { export: typicalPrices(exported) }),
    })),
    ...(now && { now }),
  }
}

type TypicalPrices = Tariffs['tariffs'][number]['import']

export function typicalPrices(prices: Prices): TypicalPrices {
  if (isPriceFile(prices)) return { isFile: true, seasons: [] }
  const periodOf = ({ periods }: TypicalSpan, place: number) => {
    const period = periods[place]
    if (!period) return null
    const { name, price, tiers } = period
    return {
      ...(name !== undefined && { name }),
      ...(price !== undefined && { price }),
      ...(tiers && {
        tiers: tiers.map((tier) => ({ ...(tier.upTo !== undefined && { upTo: tier.upTo }), price: tier.price })),
      }),
    }
  }
  return {
    isFile: false,
    seasons: typicalDays(prices).map(({ months, spans }) => ({
      months,
      spans: spans.map((span) => ({
        fromMinute: span.fromMinute,
        untilMinute: span.untilMinute,
        weekday: periodOf(span, 0),
        saturday: periodOf(span, 1),
        sunday: periodOf(span, 2),
        holiday: periodOf(span, 3),
      })),
    })),
  }
}

/** So far ahead a change of prices is looked for. */
const AHEAD_MS = 2 * DAY_MS

/** After all that the running bill has already. */
async function presentPrice(base: MoneyBase, money: MoneySettings): Promise<Tariffs['now']> {
  const { zone, clock } = base
  const [running] = latestSpans(money.billing, { today: today(base), firstDay: today(base), count: 1 })
  const span = running && cutByTariff(running, (day) => tariffInForce(money.tariffs, day)).at(-1)
  if (span?.toDay !== today(base) + 1) return undefined
  const calendar = await calendarOf(base, money)
  const hasMains = base.days.plan().mains.length > 0
  const [bill = startBill(span.tariff, span, calendar)] = hasMains ? await runBills(base, [span], calendar) : []
  const nowMs = floorToMinute(clock.nowMs())
  const pricesAt = (atMs: number) => {
    const day = dayOf(zone, atMs)
    return bill.pricesAt({ day, clock: Math.floor((zone.localMs(atMs) - day * DAY_MS) / MINUTE_MS), atMs })
  }
  const now = pricesAt(nowMs)
  if (!now.import) return undefined
  const shown = ({ name, price }: KwhPrice) => ({ name, price: Number.isNaN(price) ? null : price })
  let untilMs = nowMs + MINUTE_MS
  while (untilMs < nowMs + AHEAD_MS && isDeepStrictEqual(pricesAt(untilMs), now)) untilMs += MINUTE_MS
  return {
    tariff: span.tariff.name,
    import: shown(now.import),
    ...(now.export && { export: shown(now.export) }),
    ...(untilMs < nowMs + AHEAD_MS && { untilMs }),
  }
}
