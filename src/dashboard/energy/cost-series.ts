import type { Costs, Tariffs } from '../api/answers.ts'
import { periodColour } from '../page/colours.ts'
import { lineName } from '../text/money.ts'
import { texts } from '../text/texts.ts'

export const BAR_UNITS = ['kwh', 'money'] as const
export type BarUnit = (typeof BAR_UNITS)[number]
export const BAR_PARTS = ['origin', 'period'] as const
export type BarParts = (typeof BAR_PARTS)[number]

/** What bars are made of, one value for each bar; what is negative goes below zero. */
export interface BarSeries {
  readonly name: string
  /** The name of its colour. */
  readonly colour: string
  readonly values: readonly number[]
}

type Line = Costs['lines'][number]

const DAYS = ['weekday', 'saturday', 'sunday', 'holiday'] as const

/** The mean of the prices of each period, of all tariffs that the house has. */
export function periodPrices({ tariffs }: Tariffs): ReadonlyMap<string, number> {
  const found = new Map<string, Set<number>>()
  for (const { applies, import: imported } of tariffs)
    for (const { spans } of applies ? imported.seasons : [])
      for (const span of spans)
        for (const { name = UNNAMED, price, tiers = [] } of DAYS.flatMap((day) => span[day] ?? [])) {
          const prices = found.get(name) ?? new Set()
          for (const each of price === undefined ? tiers.map((tier) => tier.price) : [price]) prices.add(each)
          found.set(name, prices)
        }
  return new Map(
    [...found].map(([name, prices]) => [name, [...prices].reduce((sum, price) => sum + price, 0) / prices.size]),
  )
}

/** What the server calls a period that has no name. */
const UNNAMED = 'Import'

interface SeriesOptions {
  readonly unit: BarUnit
  readonly parts: BarParts
  /** Of all periods, by name. */
  readonly prices?: ReadonlyMap<string, number> | undefined
}

/** By where energy came from and went to, or by the periods of the tariff, the cheapest first. */
export function costSeries(
  { lines, startsMs }: Costs,
  { unit, parts, prices = new Map<string, number>() }: SeriesOptions,
): readonly BarSeries[] {
  const isMoney = unit === 'money'
  const ofKind = (kind: Line['kind']) => lines.filter((line) => line.kind === kind)
  const [imported, exported, tiers] = [ofKind('import'), ofKind('export'), isMoney ? ofKind('tier') : []]
  const sum = (some: readonly Line[], sign = 1) =>
    startsMs.map((_, bar) =>
      some.reduce((total, { amounts, kwh }) => total + sign * ((isMoney ? amounts : kwh)[bar] ?? 0), 0),
    )
  const below = { name: texts.toGrid, colour: 'export', values: sum(exported, isMoney ? 1 : -1) }
  const periods = byName(imported)
  const ranked = new Map([...periods.map((some) => [some[0].name, meanPrice(some)] as const), ...prices])
  // Also of those that do not occur in the span, so that each keeps its colour.
  const names = [...ranked].toSorted(([, one], [, other]) => one - other).map(([name]) => name)
  const rankOf = ([{ name }]: readonly [Line, ...Line[]]) => names.indexOf(name)
  const above =
    parts === 'origin'
      ? [{ name: texts.fromGrid, colour: 'import', values: sum([...imported, ...tiers]) }]
      : [
          ...periods
            .toSorted((one, other) => rankOf(one) - rankOf(other))
            .map((some) => ({ colour: periodColour(rankOf(some), names.length), some })),
          ...byName(tiers).map((some) => ({ colour: 'rest', some })),
        ].map(({ colour, some: [first, ...others] }) => ({
          name: lineName(first),
          colour,
          values: sum([first, ...others]),
        }))
  return exported.length > 0 ? [...above, below] : above
}

/** Lines of one name: at several prices, as of two seasons. */
function byName(lines: readonly Line[]): readonly (readonly [Line, ...Line[]])[] {
  const names = new Map<string, [Line, ...Line[]]>()
  for (const line of lines) {
    const some = names.get(line.name)
    if (some) some.push(line)
    else names.set(line.name, [line])
  }
  return [...names.values()]
}

function meanPrice(lines: readonly Line[]): number {
  const total = (column: (line: Line) => readonly number[]) =>
    lines.flatMap(column).reduce((sum, value) => sum + value, 0)
  return total(({ amounts }) => amounts) / total(({ kwh }) => kwh)
}
