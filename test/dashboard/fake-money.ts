import type { Bills, BillView, Costs, CostSums, Span, Tariffs } from '../../src/dashboard/api/answers.ts'
import { parseDate } from '../../src/dashboard/text/house-time.ts'
import { energy } from './fake-answers.ts'
import { circuits, columns, COUNT, FROM_MS, MIN, minutes, time, UNTIL_MS } from './fake-house.ts'

/** What energy costs in the invented house, as the daemon would tell it. */
const CURRENCY = 'USD'
const PERIODS = [
  { name: 'Off-peak', price: 0.25 },
  { name: 'Super off-peak', price: 0.11 },
  { name: 'On-peak', price: 0.45 },
] as const
const [EXPORT, PER_DAY] = [0.06, 0.39]
const periodAt = (hour: number) => (hour < 6 ? 1 : hour >= 16 && hour < 21 ? 2 : 0)

const hours = Uint8Array.from({ length: COUNT }, (_, index) => time.local(FROM_MS + index * MIN).hour)
const indexOf = (ms: number) => Math.min(COUNT, Math.max(0, Math.round((ms - FROM_MS) / MIN)))

/** kWh by period, and what went to the grid. */
function kwhOf(from: number, until: number) {
  const kwh = [0, 0, 0, 0]
  for (let index = from; index < until; index++) {
    kwh[periodAt(hours[index]!)]! += (columns.fromGrid[index] ?? 0) / 60_000
    kwh[3]! += (columns.toGrid[index] ?? 0) / 60_000
  }
  return kwh
}

function sumsOf(from: number, until: number, days: number): CostSums {
  const kwh = kwhOf(from, until)
  const imported = PERIODS.reduce((sum, { price }, place) => sum + price * kwh[place]!, 0)
  const [exported, fixed] = [-EXPORT * kwh[3]!, PER_DAY * days]
  return {
    import: imported,
    export: exported,
    fixed,
    total: imported + exported + fixed,
    importKwh: kwh[0]! + kwh[1]! + kwh[2]!,
    exportKwh: kwh[3]!,
    unpricedKwh: 0,
    missingMinutes: 0,
  }
}

export function tariffs(): Tariffs {
  const all = (place: number) => ({
    weekday: PERIODS[place]!,
    saturday: PERIODS[place]!,
    sunday: PERIODS[place]!,
    holiday: PERIODS[place]!,
  })
  const spans = [0, 6, 16, 21].map((hour, index, starts) => ({
    fromMinute: hour * 60,
    untilMinute: (starts[index + 1] ?? 24) * 60,
    ...all(periodAt(hour)),
  }))
  return {
    currency: CURRENCY,
    tariffs: [
      {
        name: 'EV-TOU-5',
        applies: true,
        import: { isFile: false, seasons: [{ months: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], spans }] },
      },
    ],
    now: {
      tariff: 'EV-TOU-5',
      import: PERIODS[0],
      export: { name: 'Export', price: EXPORT },
      untilMs: time.instant({ ...time.local(UNTIL_MS), hour: 16, minute: 0 }),
    },
  }
}

export function costs(span: Span, date?: string, compare?: string): Costs {
  const bars = energy(span, date, compare)
  const edges = [...bars.startsMs, bars.untilMs].map(indexOf)
  const found = bars.startsMs.map((_, bar) => kwhOf(edges[bar]!, edges[bar + 1]!))
  const days = bars.startsMs.map((startMs, bar) =>
    startMs >= UNTIL_MS
      ? 0
      : Math.ceil((Math.min(UNTIL_MS, bars.startsMs[bar + 1] ?? bars.untilMs) - startMs) / (1440 * MIN)),
  )
  const fixed = days.map((count, bar) => (span === 'day' && bar > 0 ? 0 : count * PER_DAY))
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  const sums = sumsOf(edges[0]!, edges.at(-1)!, sum(fixed) / PER_DAY)
  const { before } = bars
  const costOf = (of: readonly (number | null)[]) => {
    let [cost, couldEarn] = [0, 0]
    for (let index = edges[0]!; index < edges.at(-1)!; index++) {
      const [house, watts] = [columns.house[index] ?? 0, of[index] ?? 0]
      if (house === 0) continue
      cost += (watts * (columns.fromGrid[index] ?? 0) * PERIODS[periodAt(hours[index]!)].price) / house / 60_000
      couldEarn += (watts * (columns.used[index] ?? 0) * EXPORT) / house / 60_000
    }
    return { cost, couldEarn }
  }
  return {
    currency: CURRENCY,
    span,
    date: bars.date,
    fromMs: bars.fromMs,
    untilMs: bars.untilMs,
    startsMs: bars.startsMs,
    lines: [
      ...PERIODS.map(({ name, price }, place) => ({
        kind: 'import' as const,
        name,
        price,
        kwh: found.map((kwh) => kwh[place]!),
        amounts: found.map((kwh) => kwh[place]! * price),
      })),
      {
        kind: 'export' as const,
        name: 'Export',
        price: EXPORT,
        kwh: found.map((kwh) => kwh[3]!),
        amounts: found.map((kwh) => -kwh[3]! * EXPORT),
      },
    ],
    fixed,
    sums,
    consumers: [
      ...circuits.map((id) => ({ id, ...costOf(minutes.get(id)!) })),
      { id: 'unmetered', ...costOf(columns.unmetered) },
    ],
    ...(before && {
      before: {
        fromMs: before.fromMs,
        untilMs: before.untilMs,
        sums: sumsOf(indexOf(before.fromMs), indexOf(before.untilMs), sum(fixed) / PER_DAY),
      },
    }),
  }
}

const FIRST = '2026-02-01'
const STARTS = [FIRST, '2026-02-14', '2026-03-14', '2026-03-28']

export function bills(): Bills {
  const all = STARTS.slice(0, -1).map((from, index) => ({ from, to: STARTS[index + 1]! }))
  const at = (date: string) => indexOf(time.instant(parseDate(date)))
  const own = all.map(({ from, to }, index): BillView => {
    const kwh = kwhOf(at(from), at(to))
    const days = (at(to) - at(from)) / 1440
    const lines: BillView['lines'] = [
      ...PERIODS.map(({ name, price }, place) => ({
        kind: 'import' as const,
        name,
        kwh: kwh[place]!,
        price,
        amount: kwh[place]! * price,
      })),
      { kind: 'demand', name: 'Peak demand', kw: 6.42, at: `${from}T17:30-05:00`, price: 1.5, amount: 9.63 },
      { kind: 'export', name: 'Export', kwh: kwh[3]!, price: EXPORT, amount: -kwh[3]! * EXPORT },
      { kind: 'fixed', name: 'Per day', days: Math.round(days), price: PER_DAY, amount: Math.round(days) * PER_DAY },
      { kind: 'tax', name: 'Tax', amount: 2.11 },
    ]
    return billOf('EV-TOU-5', { from, to, kwh, lines, missingMinutes: index === 0 ? 90 : 0 })
  })
  const flat = (price: number, name: string) =>
    all.map(({ from, to }): BillView => {
      const kwh = kwhOf(at(from), at(to))
      const imported = kwh[0]! + kwh[1]! + kwh[2]!
      const lines: BillView['lines'] = [
        { kind: 'import', name: 'Import', kwh: imported, price, amount: imported * price },
      ]
      return billOf(name, { from, to, kwh, lines, missingMinutes: 0 })
    })
  return {
    currency: CURRENCY,
    bills: own,
    runningFrom: '2026-03-14',
    forecast: { to: '2026-04-14', total: 2.2 * own.at(-1)!.total, days: 7 },
    plans: [...own, ...flat(0.31, 'Flat'), ...flat(0.2, 'Cheap and simple')].toSorted((a, b) =>
      a.from < b.from ? -1 : a.from > b.from ? 1 : 0,
    ),
  }
}

interface Parts extends Pick<BillView, 'from' | 'to' | 'lines' | 'missingMinutes'> {
  readonly kwh: readonly number[]
}

const billOf = (tariff: string, { kwh, ...bill }: Parts): BillView => ({
  tariff,
  ...bill,
  days: Math.round((Date.parse(bill.to) - Date.parse(bill.from)) / 86_400_000),
  importKwh: kwh[0]! + kwh[1]! + kwh[2]!,
  exportKwh: kwh[3]!,
  unpricedKwh: 0,
  unpricedExportKwh: 0,
  total: bill.lines.reduce((sum, { amount }) => sum + amount, 0),
})
