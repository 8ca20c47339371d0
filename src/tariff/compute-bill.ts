import { at, outOfRange } from '../model/at.ts'
import { MINUTE_MS, type TimeWindow } from '../model/time-window.ts'
import type { TimeZone } from '../model/time-zone.ts'
import type { Bill, BillLine } from './bill.ts'
import { dayKind } from './day-table.ts'
import type { Holidays } from './holidays.ts'
import type { DayPart } from './local-minutes.ts'
import { createDemandMeter } from './measure-demand.ts'
import { addByLimits, createPricer, type EnergyPricer, type PriceGroup } from './price-energy.ts'
import type { PriceSeries } from './price-file.ts'
import type { Tariff } from './tariff.ts'

/** What the prices of a tariff come from, beside itself. */
export interface Calendar {
  readonly zone: TimeZone
  readonly holidays: Holidays
  /** By the path of its file. */
  readonly series: ReadonlyMap<string, PriceSeries>
}

export interface BillSpan {
  readonly fromDay: number
  readonly toDay: number
}

/** Mean watts minute by minute, NaN where nothing is known. */
export interface GridMinutes {
  readonly fromMs: number
  readonly fromGrid: Float64Array
  readonly toGrid: Float64Array
  /** Circuits that bear the cost, and what is not metered, as the last one. */
  readonly circuits?: readonly Float64Array[]
}

export interface OpenBill extends BillSpan {
  /** A part of one of its days; all of them in order. */
  add(part: DayPart, minutes: GridMinutes): void
  /** What the next kWh costs, tiers of the bill among it, and what it earns; undefined where nothing is paid. */
  pricesAt(moment: { readonly day: number; readonly clock: number; readonly atMs: number }): {
    readonly import: KwhPrice | undefined
    readonly export: KwhPrice | undefined
  }
  /** What has been added up so far. */
  soFar(): BillSoFar
  finish(): Bill
}

/** NaN where no price is known. */
export interface KwhPrice {
  readonly name: string
  readonly price: number
}

/** The same objects each time, but of `export` where it is netted: then it is what offsets import, at its prices. */
export interface BillSoFar {
  readonly import: readonly PriceGroup[]
  readonly export: readonly PriceGroup[]
  readonly tier: readonly PriceGroup[]
  readonly importKwh: number
  readonly exportKwh: number
  readonly unpricedKwh: number
}

/** A bill that is computed minute by minute, in order, in memory that does not grow with its length. */
export function startBill(tariff: Tariff, { fromDay, toDay }: BillSpan, calendar: Calendar): OpenBill {
  const { zone, holidays, series } = calendar
  const seriesOf = (prices: Tariff['export']) => (prices && 'file' in prices ? series.get(prices.file) : undefined)
  const imported = createPricer(tariff.import, { name: 'Import', series: seriesOf(tariff.import) })
  const exported = createPricer(tariff.export, { name: 'Export', series: seriesOf(tariff.export) })
  const net = tariff.netting === 'bill' ? createNetting(imported) : undefined
  const meters = tariff.demand.map((demand) => createDemandMeter(demand, zone))
  const days = toDay - fromDay
  const tiers = tariff.tiers.map(({ upTo, upToPerDay, add }, index) => {
    const group: PriceGroup = { name: `Tier ${index + 1}`, price: add, kwh: 0, amount: 0 }
    return { upTo: upTo ?? (upToPerDay === undefined ? Infinity : upToPerDay * days), price: add, group }
  })
  const missing: TimeWindow[] = []
  /** By the line of import that is netted; else all in one. The last is that of tiers. */
  const circuitCosts: Float64Array[] = []
  const costRows = net ? imported.groups.length + 1 : 1
  let [importKwh, exportKwh, missingMinutes, unpricedKwh, unpricedExportKwh] = [0, 0, 0, 0, 0]
  let lastDay = NaN

  function startDay(day: number): void {
    lastDay = day
    const [today, yesterday] = [dayKind(day, holidays), dayKind(day - 1, holidays)]
    for (const each of [imported, exported, ...meters]) each.startDay(today, yesterday, day)
  }

  function noteMissing(fromMs: number): void {
    missingMinutes++
    const last = missing.at(-1)
    if (last?.untilMs === fromMs) missing[missing.length - 1] = { fromMs: last.fromMs, untilMs: fromMs + MINUTE_MS }
    else missing.push({ fromMs, untilMs: fromMs + MINUTE_MS })
  }

  function share(circuits: readonly Float64Array[], index: number, [row, cost]: readonly [number, number]): void {
    while (circuitCosts.length < costRows) circuitCosts.push(new Float64Array(circuits.length))
    const costs = at(circuitCosts, row)
    let sum = 0
    for (const column of circuits) sum += positive(column[index])
    if (sum === 0) return void (costs[circuits.length - 1] = at(costs, circuits.length - 1) + cost)
    circuits.forEach((column, place) => {
      costs[place] = at(costs, place) + (cost * positive(column[index])) / sum
    })
  }

  return {
    fromDay,
    toDay,
    add({ day, fromMs, first, count, clock }, { fromGrid, toGrid, circuits }) {
      if (day !== lastDay) startDay(day)
      for (let minute = 0, index = first; minute < count; minute++, index++) {
        const atMs = fromMs + minute * MINUTE_MS
        const watts = fromGrid[index] ?? outOfRange(fromGrid, index)
        const back = toGrid[index] ?? outOfRange(toGrid, index)
        if (Number.isNaN(watts) || Number.isNaN(back)) {
          noteMissing(atMs)
          continue
        }
        const shown = clock[minute] ?? outOfRange(clock, minute)
        const inKwh = watts / 60_000
        const outKwh = back / 60_000
        let tierCost = 0
        let cost = 0
        if (inKwh > 0) {
          if (tiers.length > 0) tierCost = addByLimits(tiers, importKwh, inKwh)
          importKwh += inKwh
          cost = imported.add(inKwh, shown, atMs)
          if (Number.isNaN(cost)) {
            unpricedKwh += inKwh
            cost = 0
          }
        }
        const group = net ? imported.groupAt(shown) : 0
        if (outKwh > 0) {
          exportKwh += outKwh
          const earned = exported.add(outKwh, shown, atMs)
          if (Number.isNaN(earned)) unpricedExportKwh += outKwh
          if (net) net.add(group, outKwh, earned)
        }
        for (const meter of meters) meter.add(watts, shown, atMs)
        if (circuits) {
          share(circuits, index, [group, net ? cost : cost + tierCost])
          if (net) share(circuits, index, [costRows - 1, tierCost])
        }
      }
    },
    pricesAt({ day, clock, atMs }) {
      if (day !== lastDay) startDay(day)
      const bought = imported.priceAt(clock, atMs)
      const added = tiers.find(({ upTo }) => importKwh < upTo)?.price ?? 0
      return {
        import: bought && { name: bought.name, price: bought.price + added },
        export: exported.priceAt(clock, atMs),
      }
    },
    soFar: () => ({
      import: imported.groups,
      export: net ? net.offsets() : exported.groups,
      tier: tiers.map(({ group }) => group),
      importKwh,
      exportKwh,
      unpricedKwh,
    }),
    finish() {
      const lines: BillLine[] = [
        ...(net ? net.lines() : [...linesOf('import', imported.groups), ...linesOf('export', exported.groups)]),
        ...linesOf(
          'tier',
          tiers.map(({ group }) => group),
        ),
        ...meters.flatMap((meter) => meter.lines()),
        ...fixedLines(tariff, days),
      ]
      return {
        tariff: tariff.name,
        fromDay,
        toDay,
        importKwh,
        exportKwh,
        missing,
        missingMinutes,
        unpricedKwh,
        unpricedExportKwh,
        ...totalled(lines, tariff),
        circuitCosts: sumColumns(circuitCosts, net ? [...net.shares(), 1] : [1]),
      }
    },
  }
}

function positive(watts: number | undefined): number {
  return watts !== undefined && watts > 0 ? watts : 0
}

/** What flows in the minutes of each line of import offsets what is imported in them. */
function createNetting({ groups }: EnergyPricer) {
  const back = groups.map(() => ({ kwh: 0, earned: 0 }))
  const netOf = (index: number) => at(groups, index).kwh - at(back, index).kwh
  return {
    add(index: number, kwh: number, earned: number): void {
      const one = back[index] ?? outOfRange(back, index)
      one.kwh += kwh
      one.earned += earned
    },
    offsets: (): PriceGroup[] =>
      groups.map(({ name, price = 0 }, index) => {
        const { kwh } = at(back, index)
        return { name, price, kwh, amount: kwh * price }
      }),
    lines(): BillLine[] {
      const nets = groups.map(({ name, price = 0 }, index) => ({ name, price, kwh: netOf(index), index }))
      return [
        ...nets
          .filter(({ kwh }) => kwh > 0)
          .map(({ name, price, kwh }) => ({ kind: 'import' as const, name, kwh, price, amount: kwh * price })),
        ...nets
          .filter(({ kwh }) => kwh < 0)
          .map(({ name, kwh, index }) => {
            const price = at(back, index).earned / at(back, index).kwh
            return { kind: 'export' as const, name, kwh: -kwh, price, amount: kwh * price + 0 }
          }),
      ]
    },
    /** How much of the cost of each line is left. */
    shares: () => groups.map(({ kwh }, index) => (kwh > 0 ? Math.max(0, netOf(index)) / kwh : 0)),
  }
}

function linesOf(kind: 'import' | 'export' | 'tier', groups: readonly PriceGroup[]): BillLine[] {
  const sign = kind === 'export' ? -1 : 1
  return groups
    .filter(({ kwh }) => kwh > 0)
    .map(({ name, price, kwh, amount }) => {
      return { kind, name, kwh, ...(price !== undefined && { price }), amount: sign * amount + 0 }
    })
}

function fixedLines({ fixed: { perDay, perBill } }: Tariff, days: number): BillLine[] {
  return [
    ...(perDay === undefined
      ? []
      : [{ kind: 'fixed' as const, name: 'Per day', days, price: perDay, amount: perDay * days }]),
    ...(perBill === undefined ? [] : [{ kind: 'fixed' as const, name: 'Per bill', amount: perBill }]),
  ]
}

/** With what lifts it to the minimum, and the tax on all but export. */
function totalled(lines: readonly BillLine[], { minimum, tax }: Tariff): Pick<Bill, 'lines' | 'total'> {
  const lift = minimum === undefined ? 0 : minimum - sumOf(lines)
  const lifted = lift > 0 ? [...lines, { kind: 'minimum' as const, name: 'Minimum', amount: lift }] : lines
  const taxed = tax === undefined ? 0 : tax * sumOf(lifted.filter(({ kind }) => kind !== 'export'))
  const all = tax === undefined ? lifted : [...lifted, { kind: 'tax' as const, name: 'Tax', amount: taxed }]
  return { lines: all, total: sumOf(all) }
}

function sumOf(lines: readonly BillLine[]): number {
  return lines.reduce((sum, { amount }) => sum + amount, 0)
}

function sumColumns(rows: readonly Float64Array[], shares: readonly number[]): number[] {
  return Array.from(rows[0] ?? [], (_, place) =>
    rows.reduce((sum, row, index) => sum + at(row, place) * at(shares, index), 0),
  )
}
