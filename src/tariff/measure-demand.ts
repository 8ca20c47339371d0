import { outOfRange } from '../model/at.ts'
import { MINUTE_MS } from '../model/time-window.ts'
import { formatLocal, type TimeZone } from '../model/time-zone.ts'
import type { BillLine } from './bill.ts'
import { createDayTables, type DayKind, type DayTable } from './day-table.ts'
import type { Demand } from './tariff.ts'

/** The highest mean power of the windows that have all their minutes. */
export interface DemandMeter {
  startDay(today: DayKind, yesterday: DayKind, day: number): void
  /** Of each minute that is measured, in order. */
  add(watts: number, clock: number, atMs: number): void
  lines(): BillLine[]
}

export function createDemandMeter(demand: Demand, zone: TimeZone): DemandMeter {
  const { window, pricePerKw, basis, name = 'Demand' } = demand
  const windowMinutes = Number.parseInt(window, 10)
  const tableOf = createDayTables([demand])
  /** Mean watts by the day on which the window's period began; all of a bill are one. */
  const highest = new Map<number, { readonly watts: number; readonly atMs: number }>()
  let table: DayTable = new Int16Array(0)
  let dayNumber = 0
  let [sum, count, nextMs] = [0, 0, -1]
  return {
    startDay(today, yesterday, day) {
      table = tableOf(today, yesterday)
      dayNumber = day
    },
    add(watts, clock, atMs) {
      const entry = table[clock] ?? outOfRange(table, clock)
      const place = clock % windowMinutes
      if (place === 0) [sum, count] = [0, 0]
      else if (atMs !== nextMs || count !== place) count = -1
      nextMs = atMs + MINUTE_MS
      if (entry < 0 || count < 0) return void (count = -1)
      sum += watts
      count++
      if (count < windowMinutes) return
      const key = basis === 'day' ? dayNumber - entry : 0
      const mean = sum / windowMinutes
      if (mean > (highest.get(key)?.watts ?? -1))
        highest.set(key, { watts: mean, atMs: nextMs - windowMinutes * MINUTE_MS })
    },
    lines() {
      const all = [...highest.values()]
      const [first] = all
      if (!first) return []
      const kw = all.reduce((total, { watts }) => total + watts, 0) / 1000
      const when = basis === 'bill' ? { at: formatLocal(zone, first.atMs) } : { days: all.length }
      return [{ kind: 'demand', name, kw, ...when, price: pricePerKw, amount: kw * pricePerKw }]
    },
  }
}
