import { formatDay } from '../model/time-zone.ts'
import { plural } from '../runtime/plural.ts'
import type { Bill, BillLine } from '../tariff/bill.ts'
import type { BillSpan } from '../tariff/compute-bill.ts'
import { formatTable, indented } from './format-table.ts'
import type { Layout } from './format-time.ts'

interface BillLayout extends Layout {
  readonly currency: string
}

/** More spans of missing minutes than that are counted. */
const NAMED_GAPS = 3

/** A bill with its lines, and what is missing of it. */
export function describeBill(bill: Bill, layout: BillLayout): string[] {
  const money = moneyFormat(layout.currency)
  const rows = bill.lines.map((line) => [nameOf(line), quantityOf(line), money(line.amount)] as const)
  const all = [...rows, ['total', '', totalOf(bill, money)] as const]
  const width = Math.max(...all.map(([, , amount]) => amount.length))
  const cells = {
    line: ([name]: (typeof all)[number]) => name,
    quantity: ([, quantity]: (typeof all)[number]) => quantity,
    amount: ([, , amount]: (typeof all)[number]) => amount.padStart(width),
  }
  return [`${bill.tariff}, ${daysOf(bill)}`, ...indented(all, cells, layout), ...remarks(bill, layout), '']
}

function nameOf({ kind, name }: BillLine): string {
  return name.toLowerCase() === kind ? kind : kind === 'import' || kind === 'export' ? `${kind}, ${name}` : name
}

function quantityOf({ kwh, kw, at, days, price }: BillLine): string {
  const amounts = [
    ...(kwh === undefined ? [] : [`${decimal(kwh)} kWh`]),
    ...(kw === undefined ? [] : [`${decimal(kw)} kW`]),
    ...(days === undefined ? [] : [plural(days, 'day')]),
  ]
  const times = price === undefined ? '' : ` × ${decimal(price, 6)}`
  return amounts.length === 0 ? '' : `${amounts.join(', ')}${times}${at === undefined ? '' : ` at ${at.slice(0, 16)}`}`
}

function remarks({ missing, missingMinutes, unpricedKwh, unpricedExportKwh }: Bill, { times }: BillLayout): string[] {
  const named = missing.slice(0, NAMED_GAPS).map((gap) => times.window(gap))
  const more = missing.length > NAMED_GAPS ? `, and ${missing.length - NAMED_GAPS} more spans` : ''
  return [
    ...(missingMinutes > 0 ? [`  missing: ${plural(missingMinutes, 'minute')}: ${named.join(', ')}${more}`] : []),
    ...(unpricedKwh > 0 ? [`  not in it: ${decimal(unpricedKwh)} kWh of import for which no price is known`] : []),
    ...(unpricedExportKwh > 0
      ? [`  not in it: ${decimal(unpricedExportKwh)} kWh of export for which no price is known`]
      : []),
  ]
}

/** Bills in a line each. */
export function listBills(bills: readonly Bill[], layout: BillLayout): string[] {
  if (bills.length === 0) return []
  const money = moneyFormat(layout.currency)
  return formatTable(
    bills,
    {
      bill: daysOf,
      tariff: ({ tariff }) => tariff,
      import: ({ importKwh }) => `${decimal(importKwh, 1)} kWh`,
      export: ({ exportKwh }) => `${decimal(exportKwh, 1)} kWh`,
      total: (bill) => totalOf(bill, money),
    },
    layout,
  )
}

/** The same days under every plan, and how much more or less that is than under the tariffs in force. */
export function compareBills(
  spans: readonly BillSpan[],
  { billed, plans }: { readonly billed: readonly Bill[]; readonly plans: readonly Bill[] },
  layout: BillLayout,
): string[] {
  const money = moneyFormat(layout.currency)
  const names = [...new Set(plans.map(({ tariff }) => tariff))]
  const within = (bills: readonly Bill[], { fromDay, toDay }: BillSpan) =>
    bills.filter((bill) => bill.fromDay >= fromDay && bill.toDay <= toDay)
  const daysIn = (bills: readonly Bill[]) => bills.reduce((days, { fromDay, toDay }) => days + toDay - fromDay, 0)
  const isBilled = (some: readonly BillSpan[]) =>
    daysIn(billed) > 0 && some.every((span) => daysIn(within(billed, span)) === span.toDay - span.fromDay)
  const sumOf = (bills: readonly Bill[]) => bills.reduce((sum, { total }) => sum + total, 0)
  const rows = [
    ...spans.map((span) => ({ title: daysOf(span), spans: [span] })),
    ...(spans.length > 1 ? [{ title: 'in all', spans }] : []),
  ]
  type Row = (typeof rows)[number]
  const billsOf = (bills: readonly Bill[], row: Row) => row.spans.flatMap((span) => within(bills, span))
  const mark = (bills: readonly Bill[]) => (bills.some(({ missingMinutes }) => missingMinutes > 0) ? '≥ ' : '')
  const cellOf = (name: string) => (row: Row) => {
    const own = billsOf(plans, row).filter(({ tariff }) => tariff === name)
    const difference = sumOf(own) - sumOf(billsOf(billed, row))
    const sign = difference < 0 ? '' : '+'
    return `${mark(own)}${money(sumOf(own))}${isBilled(row.spans) ? ` (${sign}${money(difference)})` : ''}`
  }
  return formatTable(
    rows,
    {
      bill: ({ title }) => title,
      billed: (row) =>
        isBilled(row.spans) ? `${mark(billsOf(billed, row))}${money(sumOf(billsOf(billed, row)))}` : '–',
      ...Object.fromEntries(
        names.map((name) => [name === 'bill' || name === 'billed' ? `plan ${name}` : name, cellOf(name)]),
      ),
    },
    layout,
  )
}

function daysOf({ fromDay, toDay }: BillSpan): string {
  return `${formatDay(fromDay)} to ${formatDay(toDay)}, ${plural(toDay - fromDay, 'day')}`
}

function totalOf({ total, missingMinutes }: Bill, money: (amount: number) => string): string {
  return `${missingMinutes > 0 ? '≥ ' : ''}${money(total)}`
}

/** To the minor unit of the currency. */
function moneyFormat(currency: string): (amount: number) => string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency })
  return (amount) => format.format(amount)
}

function decimal(value: number, maximumFractionDigits = 2): string {
  return new Intl.NumberFormat('en', { maximumFractionDigits }).format(value)
}
