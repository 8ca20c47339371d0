import { formatDay } from '../model/time-zone.ts'
import type { Bill, BillLine } from './bill.ts'

/** A bill as programs read it. */
export function showBill({ fromDay, toDay, tariff, total, lines, ...sums }: Bill) {
  const { importKwh, exportKwh, missingMinutes, unpricedKwh, unpricedExportKwh } = sums
  return {
    tariff,
    from: formatDay(fromDay),
    to: formatDay(toDay),
    days: toDay - fromDay,
    importKwh,
    exportKwh,
    missingMinutes,
    unpricedKwh,
    unpricedExportKwh,
    lines,
    total,
  }
}

const [BILL_COLUMNS, LINE_COLUMNS] = [
  ['tariff', 'from', 'to', 'days', 'importKwh', 'exportKwh', 'missingMinutes', 'unpricedKwh', 'unpricedExportKwh'],
  ['kind', 'name', 'kwh', 'kw', 'at', 'days', 'price', 'amount'],
] as const

/** The cells of a table: a header, then each line behind what is of its bill; the last is the total. */
export function tabulateBills(bills: readonly ReturnType<typeof showBill>[]): string[][] {
  const head = [...BILL_COLUMNS, ...LINE_COLUMNS.map((column) => (column === 'days' ? 'lineDays' : column))]
  return [
    head,
    ...bills.flatMap((bill) => {
      const all: readonly (Omit<BillLine, 'kind'> & { readonly kind: string })[] = bill.lines
      return [...all, { kind: 'total', name: 'Total', amount: bill.total }].map((line) => [
        ...BILL_COLUMNS.map((column) => `${bill[column]}`),
        ...LINE_COLUMNS.map((column) => `${line[column] ?? ''}`),
      ])
    }),
  ]
}
