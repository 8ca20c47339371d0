import { at } from '../../model/at.ts'
import type { Bills, Costs, EnergyTable, Power, Values } from '../../model/house-views.ts'
import { formatLocal, type TimeZone } from '../../model/time-zone.ts'
import { tabulateBills } from '../../tariff/show-bill.ts'

/** The lines of a CSV, without their ends. */
export function* powerTable(view: Power, zone: TimeZone): Generator<string> {
  const { house, channels, fromMs, stepMs = 0, startsMs } = view
  const grid = house.fromGrid.map((from, index) => (from === null ? null : from - (at(house.toGrid, index) ?? 0)))
  const columns: [string, Values][] = [
    ['house_watts', house.house],
    ['solar_watts', house.solar],
    ['grid_watts', grid],
    ['unmetered_watts', house.unmetered],
    ...Object.entries(channels).map(([id, values]): [string, Values] => [`${id}_watts`, values]),
  ]
  yield* table('time', columns, (index) => formatLocal(zone, startsMs ? at(startsMs, index) : fromMs + index * stepMs))
}

/** Kilowatt-hours; bars that are still to come are left out. */
export function* energyTable(
  { house, channels, startsMs, soFarUntilMs = Infinity }: EnergyTable,
  zone: TimeZone,
): Generator<string> {
  const kwh = (values: Values) => values.map((value) => (value === null ? null : Math.round(value * 1000) / 1e6))
  const columns: [string, Values][] = [
    ['house_kwh', kwh(house.house)],
    ['solar_kwh', kwh(house.solar)],
    ['solar_used_kwh', kwh(house.used)],
    ['from_grid_kwh', kwh(house.fromGrid)],
    ['to_grid_kwh', kwh(house.toGrid)],
    ['unmetered_kwh', kwh(house.unmetered)],
    ...Object.entries(channels).map(([id, values]): [string, Values] => [`${id}_kwh`, kwh(values)]),
  ]
  const shown = startsMs.filter((startMs) => startMs < soFarUntilMs).length
  yield* table(
    'from',
    columns.map(([name, values]) => [name, values.slice(0, shown)]),
    (index) => formatLocal(zone, at(startsMs, index)),
  )
}

/** The plans, where they were asked for; else the bills. */
export function* billsTable({ bills, plans = bills }: Bills): Generator<string> {
  for (const cells of tabulateBills(plans))
    yield cells.map((cell) => (Number.isFinite(Number(cell)) ? cell : quoted(cell))).join(',')
}

/** By bar, all of a kind together, then each line. */
export function* costsTable({ startsMs, lines, fixed }: Costs, zone: TimeZone): Generator<string> {
  const sumOf = (kinds: readonly string[]): Values =>
    startsMs.map((_, bar) =>
      lines.reduce((sum, { kind, amounts }) => sum + (kinds.includes(kind) ? at(amounts, bar) : 0), 0),
    )
  const columns: [string, Values][] = [
    ['import_cost', sumOf(['import', 'tier'])],
    ['export_cost', sumOf(['export'])],
    ['fixed_cost', fixed],
    ...lines.map(({ kind, name, price, amounts }): [string, Values] => [
      [kind, name, ...(price === undefined ? [] : [price])].join('_'),
      amounts,
    ]),
  ]
  yield* table('from', columns, (index) => formatLocal(zone, at(startsMs, index)))
}

function* table(
  first: string,
  columns: readonly [string, Values][],
  startOf: (index: number) => string,
): Generator<string> {
  yield [first, ...columns.map(([name]) => quoted(name))].join(',')
  const length = columns[0]?.[1].length ?? 0
  for (let index = 0; index < length; index++)
    yield [startOf(index), ...columns.map(([, values]) => at(values, index) ?? '')].join(',')
}

/** A name that a spreadsheet would take for a formula is made a text. */
function quoted(name: string): string {
  const safe = /^[=+\-@\t\r]/.test(name) ? `'${name}` : name
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
