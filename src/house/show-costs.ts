import { at, outOfRange } from '../model/at.ts'
import type { Costs, SpanQuery } from '../model/house-views.ts'
import { MINUTE_MS, minuteCount, type TimeWindow } from '../model/time-window.ts'
import { dayOf, dayStartMs } from '../model/time-zone.ts'
import { billingSpans, cutByTariff, tariffInForce, type TariffSpan } from '../tariff/billing-spans.ts'
import { type BillSoFar, type Calendar, startBill } from '../tariff/compute-bill.ts'
import { type DayPart, splitByDays } from '../tariff/local-minutes.ts'
import { barEdges, chooseSpan, describeSpan } from './calendar.ts'
import { type DaySums, QUARTER_MINUTES, QUARTERS_A_DAY } from './day-sums.ts'
import { today } from './house-base.ts'
import { pricedMinutes } from './priced-minutes.ts'
import { billedUntilMs, calendarOf, knownDays, type MoneyBase, type MoneySettings } from './show-bills.ts'

type CostSums = Costs['sums']
type CostLine = Costs['lines'][number]

/** What energy cost by bar, and what each circuit bears of it. */
export async function showCosts(base: MoneyBase, query: SpanQuery): Promise<Costs> {
  const { money } = base
  const chosen = chooseSpan(base, query)
  const edges = barEdges(base.zone, chosen.span, chosen.here)
  const shown = { ...describeSpan(chosen), startsMs: edges.slice(0, -1) }
  const { channels, circuits, mains } = base.days.plan()
  if (!money || mains.length === 0)
    return { ...shown, lines: [], fixed: edges.slice(1).map(() => 0), sums: NOTHING, consumers: [] }
  const calendar = await calendarOf(base, money)
  const here = await addCosts(base, { money, calendar, window: chosen.soFar, edges })
  const soFarBefore = chosen.before?.soFar
  const before =
    soFarBefore &&
    (await addCosts(base, { money, calendar, window: soFarBefore, edges: [soFarBefore.fromMs, soFarBefore.untilMs] }))
  const ids = [...circuits.map((place) => at(channels, place).id), 'unmetered']
  return {
    currency: money.currency,
    ...shown,
    lines: here.lines,
    fixed: here.fixed,
    sums: here.sums,
    consumers: ids.map((id, row) => ({ id, cost: at(here.costs, row), couldEarn: at(here.earnings, row) })),
    ...(soFarBefore && before && before.knownMinutes > 0 && { before: { ...soFarBefore, sums: before.sums } }),
  }
}

const NOTHING: CostSums = {
  import: 0,
  export: 0,
  fixed: 0,
  total: 0,
  importKwh: 0,
  exportKwh: 0,
  unpricedKwh: 0,
  missingMinutes: 0,
}

interface CostOptions {
  readonly money: MoneySettings
  readonly calendar: Calendar
  readonly window: TimeWindow
  /** Of the bars; they begin with the window. */
  readonly edges: readonly number[]
}

/** Bills are computed from their first day on, as prices may depend on what was used before. */
async function addCosts(base: MoneyBase, { money, calendar, window, edges }: CostOptions) {
  const { zone } = base
  const rows = base.days.plan().circuits.length + 1
  const bars = edges.length - 1
  const lines = new Map<string, CostLine & { readonly kwh: number[]; readonly amounts: number[] }>()
  const none = () => Array.from({ length: bars }, () => 0)
  const fixed = none()
  const [costs, earnings] = [new Float64Array(rows), new Float64Array(rows)]
  const sums = { ...NOTHING }
  let knownMinutes = 0
  const barAt = (atMs: number) => edges.findLastIndex((edge) => edge <= atMs)

  function addTo(bar: number, { kind, name, price, kwh, amount }: Change): void {
    const key = JSON.stringify([kind, name, price])
    const line = lines.get(key) ?? { kind, name, ...(price !== undefined && { price }), kwh: none(), amounts: none() }
    lines.set(key, line)
    line.kwh[bar] = at(line.kwh, bar) + kwh
    line.amounts[bar] = at(line.amounts, bar) + amount
  }

  /** Of the days that have begun; what is paid per bill, on its first. */
  function addFixed({ fromDay, toDay, tariff }: TariffSpan, untilMs: number): void {
    const { perDay = 0, perBill = 0 } = tariff.fixed
    for (let day = Math.max(fromDay, dayOf(zone, window.fromMs)); day < toDay; day++) {
      const dayMs = dayStartMs(zone, day)
      if (dayMs >= untilMs) break
      const amount = perDay + (day === fromDay ? perBill : 0)
      const bar = Math.min(bars - 1, Math.max(0, barAt(dayMs)))
      fixed[bar] = at(fixed, bar) + amount
      sums.fixed += amount
    }
  }

  for (const span of spansOf(base, money, window)) {
    const bill = startBill(span.tariff, span, calendar)
    const billed = {
      fromMs: dayStartMs(zone, span.fromDay),
      untilMs: Math.min(billedUntilMs(base), window.untilMs, dayStartMs(zone, span.toDay)),
    }
    const groups = bill.soFar()
    const spent = [...groups.import, ...groups.tier]
    let last = copyOf(groups)
    let bar = -1
    let spentBefore = 0

    /** What has been added up since the last bar began is of that bar; what is before the window, of none. */
    function endBar(): void {
      const next = bill.soFar()
      if (bar >= 0) {
        for (const kind of KINDS)
          for (const [index, group] of next[kind].entries()) {
            const before = at(last[kind], index)
            if (group.kwh === before.kwh) continue
            const sign = kind === 'export' ? -1 : 1
            const amount = sign * (group.amount - before.amount)
            addTo(bar, { ...group, kind, kwh: group.kwh - before.kwh, amount })
            sums[kind === 'export' ? 'export' : 'import'] += amount
          }
        sums.importKwh += next.importKwh - last.importKwh
        sums.exportKwh += next.exportKwh - last.exportKwh
        sums.unpricedKwh += next.unpricedKwh - last.unpricedKwh
      }
      last = copyOf(next)
    }

    for (const block of pricedMinutes(await knownDays(base, billed), billed))
      for (const part of splitByDays(zone, block.fromMs, block.fromGrid.length).flatMap((each) =>
        byQuarters(each, block.day),
      )) {
        const isWithin = part.fromMs >= window.fromMs
        const barNow = isWithin ? Math.min(bars - 1, barAt(part.fromMs)) : -1
        if (barNow !== bar) endBar()
        bar = barNow
        bill.add(part, block)
        const spentNow = spent.reduce((sum, { amount }) => sum + amount, 0)
        const cost = spentNow - spentBefore
        spentBefore = spentNow
        if (!isWithin) continue
        let known = 0
        for (let minute = part.first; minute < part.first + part.count; minute++)
          if (!Number.isNaN(block.fromGrid[minute])) known++
        knownMinutes += known
        sums.missingMinutes += part.count - known
        if (!block.day) continue
        const { gridShares, solarShares, fromMs } = block.day
        const quarter = Math.floor((part.fromMs - fromMs) / (QUARTER_MINUTES * MINUTE_MS))
        share(costs, { shares: gridShares, quarter }, cost)
        const usedWh = sumOf(solarShares, quarter)
        if (usedWh === 0) continue
        const { export: earned } = bill.pricesAt({ day: part.day, clock: at(part.clock, 0), atMs: part.fromMs })
        if (earned && !Number.isNaN(earned.price))
          share(earnings, { shares: solarShares, quarter }, (earned.price * usedWh) / 1000)
      }
    endBar()
    addFixed(span, billed.untilMs)
  }
  sums.total = sums.import + sums.export + sums.fixed
  return { lines: [...lines.values()], fixed, sums, costs, earnings, knownMinutes }
}

interface Change extends Pick<CostLine, 'kind' | 'name' | 'price'> {
  readonly kwh: number
  readonly amount: number
}

const KINDS = ['import', 'export', 'tier'] as const

/** Of the running bill the days so far, by which its limits are. */
function spansOf(base: MoneyBase, { billing, tariffs }: MoneySettings, { fromMs, untilMs }: TimeWindow): TariffSpan[] {
  const { zone } = base
  if (untilMs <= fromMs) return []
  const days = { fromDay: dayOf(zone, fromMs), toDay: dayOf(zone, untilMs - 1) + 1 }
  const now = today(base)
  return billingSpans(billing, days)
    .map((span) => ({ ...span, toDay: Math.min(span.toDay, now + 1) }))
    .flatMap((span) => cutByTariff(span, (day) => tariffInForce(tariffs, day)))
    .filter(({ fromDay, toDay }) => fromDay < days.toDay && toDay > days.fromDay)
}

/** Cut where a quarter of the day begins of which shares are kept. */
function byQuarters(part: DayPart, day: DaySums | undefined): DayPart[] {
  const parts: DayPart[] = []
  const startMs = day?.fromMs ?? part.fromMs
  for (let minute = 0; minute < part.count;) {
    const atMs = part.fromMs + minute * MINUTE_MS
    const into = minuteCount({ fromMs: startMs, untilMs: atMs }) % QUARTER_MINUTES
    const count = Math.min(part.count - minute, QUARTER_MINUTES - into)
    parts.push({
      day: part.day,
      fromMs: atMs,
      first: part.first + minute,
      count,
      clock: part.clock.subarray(minute, minute + count),
    })
    minute += count
  }
  return parts
}

function copyOf(soFar: BillSoFar) {
  const copy = (groups: BillSoFar['import']) => groups.map(({ kwh, amount }) => ({ kwh, amount }))
  return { ...soFar, import: copy(soFar.import), export: copy(soFar.export), tier: copy(soFar.tier) }
}

interface Shares {
  /** As a day keeps them. */
  readonly shares: Float32Array
  readonly quarter: number
}

/** So that the parts add up to it, however they were rounded. */
function share(into: Float64Array, { shares, quarter }: Shares, amount: number): void {
  const sum = sumOf(shares, quarter)
  if (sum === 0) return
  for (let row = 0, place = quarter; row < into.length; row++, place += QUARTERS_A_DAY)
    into[row] = (into[row] ?? outOfRange(into, row)) + (amount * (shares[place] ?? outOfRange(shares, place))) / sum
}

function sumOf(shares: Float32Array, quarter: number): number {
  let sum = 0
  for (let place = quarter; place < shares.length; place += QUARTERS_A_DAY)
    sum += shares[place] ?? outOfRange(shares, place)
  return sum
}
