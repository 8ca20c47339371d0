import { at } from '../model/at.ts'
import { DAY_MS } from '../model/time-window.ts'
import type { BillSpan } from './compute-bill.ts'
import type { Billing, Tariff } from './tariff.ts'

/** A `day` that is nearer to the first or last reading is the one that the reading stands for. */
const SAME_BILL_DAYS = 7

/** The bills that touch some days, oldest first. */
export function billingSpans({ day, starts }: Billing, { fromDay, toDay }: BillSpan): BillSpan[] {
  const [first = Infinity, last = -Infinity] = [starts[0], starts.at(-1)]
  const byDay = monthsBetween(fromDay - 100, toDay + 100)
    .map(({ year, month }) => billingDay(year, month, day))
    .filter((edge) => edge <= first - SAME_BILL_DAYS || edge >= last + SAME_BILL_DAYS)
  const edges = starts.length > 0 ? [...new Set([...byDay, ...starts])].toSorted((a, b) => a - b) : byDay
  return edges
    .slice(0, -1)
    .map((edge, index) => ({ fromDay: edge, toDay: at(edges, index + 1) }))
    .filter((span) => span.toDay > fromDay && span.fromDay < toDay)
}

/** The running bill, of the days so far (a day that has begun counts), and those before it, oldest first. */
export function latestSpans(
  billing: Billing,
  { today, firstDay, count }: { readonly today: number; readonly firstDay: number; readonly count: number },
): BillSpan[] {
  const oldest = Math.max(today - 31 * (count + 10), Math.min(firstDay, today))
  return billingSpans(billing, { fromDay: oldest, toDay: today + 1 })
    .slice(-count)
    .map(({ fromDay, toDay }) => ({ fromDay, toDay: Math.min(toDay, today + 1) }))
}

function billingDay(year: number, month: number, day: number): number {
  const lastOfMonth = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  return Date.UTC(year, month, Math.min(day, lastOfMonth)) / DAY_MS
}

function monthsBetween(firstDay: number, lastDay: number) {
  const numberOf = (day: number) => {
    const date = new Date(day * DAY_MS)
    return date.getUTCFullYear() * 12 + date.getUTCMonth()
  }
  const first = numberOf(firstDay)
  return Array.from({ length: numberOf(lastDay) - first + 1 }, (_, index) => {
    return { year: Math.floor((first + index) / 12), month: (first + index) % 12 }
  })
}

/** The tariff of a day: of those that apply, the one that began last. */
export function tariffInForce(tariffs: readonly Tariff[], day: number): Tariff | undefined {
  const begun = tariffs.filter(
    ({ applies, since = -Infinity, until = Infinity }) => applies && since <= day && day < until,
  )
  return lastBegun(begun)
}

/** The version of a plan on a day; before the first, the first. */
export function versionInForce(tariffs: readonly Tariff[], name: string, day: number): Tariff | undefined {
  const versions = tariffs.filter((tariff) => tariff.name === name)
  const begun = lastBegun(versions.filter(({ since = -Infinity }) => since <= day))
  return begun ?? versions.toSorted((a, b) => (a.since ?? 0) - (b.since ?? 0))[0]
}

function lastBegun(tariffs: readonly Tariff[]): Tariff | undefined {
  return tariffs.reduce<Tariff | undefined>(
    (last, tariff) => (last && (last.since ?? -Infinity) > (tariff.since ?? -Infinity) ? last : tariff),
    undefined,
  )
}

export interface TariffSpan extends BillSpan {
  readonly tariff: Tariff
}

/** Cut where another tariff begins; days without any are left out. */
export function cutByTariff({ fromDay, toDay }: BillSpan, tariffOf: (day: number) => Tariff | undefined): TariffSpan[] {
  const spans: TariffSpan[] = []
  for (let day = fromDay; day < toDay; day++) {
    const tariff = tariffOf(day)
    const last = spans.at(-1)
    if (last && last.tariff === tariff && last.toDay === day) spans[spans.length - 1] = { ...last, toDay: day + 1 }
    else if (tariff) spans.push({ tariff, fromDay: day, toDay: day + 1 })
  }
  return spans
}
