import { minuteCount, MINUTE_MS } from '../model/time-window.ts'
import type { Bill } from './bill.ts'
import type { TariffSpan } from './billing-spans.ts'
import { type Calendar, type GridMinutes, startBill } from './compute-bill.ts'
import { splitByDays } from './local-minutes.ts'

/** Bills in the order of their spans, which may overlap, of minutes that come in order. */
export async function computeBills(
  spans: readonly TariffSpan[],
  minutes: AsyncIterable<GridMinutes> | Iterable<GridMinutes>,
  calendar: Calendar,
): Promise<Bill[]> {
  const bills = spans.map((span) => startBill(span.tariff, span, calendar))
  for await (const block of minutes) {
    const untilMs = block.fromMs + block.fromGrid.length * MINUTE_MS
    for (const part of splitByDays(calendar.zone, block.fromMs, minuteCount({ fromMs: block.fromMs, untilMs })))
      for (const bill of bills) if (bill.fromDay <= part.day && part.day < bill.toDay) bill.add(part, block)
  }
  return bills.map((bill) => bill.finish())
}
