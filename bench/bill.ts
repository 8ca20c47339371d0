import { at } from '../src/model/at.ts'
import { DAY_MS } from '../src/model/time-window.ts'
import { dayStartMs, openTimeZone } from '../src/model/time-zone.ts'
import { computeBills } from '../src/tariff/compute-bills.ts'
import { billingSpans } from '../src/tariff/billing-spans.ts'
import type { Bench } from './rows.ts'
import { documentedTariffs, gridMinutes, priced } from '../test/money/tariff-house.ts'

/** The bills of a year of minutes, in blocks of a day as they are read, under five tariffs by the month. */
export const bills: Bench = async function* ({ rounds }) {
  const zoneName = 'America/Los_Angeles'
  const zone = openTimeZone(zoneName)
  const year = { fromDay: Date.UTC(2025, 0) / DAY_MS, toDay: Date.UTC(2026, 0) / DAY_MS }
  const spans = billingSpans({ day: 1, starts: [] }, year)
  const examples = await documentedTariffs()
  const configs = await Promise.all([0, 1, 2, 4, 6].map((index) => priced(at(examples, index).text, zoneName)))
  const tariffs = configs.map(({ config }) => at(config.tariffs, 0))
  const holidays = new Set(configs.flatMap(({ config }) => config.holidays.add))
  const days = Array.from({ length: year.toDay - year.fromDay }, (_, index) => {
    const day = year.fromDay + index
    return gridMinutes(dayStartMs(zone, day), dayStartMs(zone, day + 1), { seed: day })
  })
  const billed = tariffs.flatMap((tariff) => spans.map((span) => ({ ...span, tariff })))
  const values: number[] = []
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage()
    await computeBills(billed, days, { zone, holidays, series: new Map() })
    const { user, system } = process.cpuUsage(before)
    values.push((user + system) / 1000)
  }
  yield { title: `${billed.length} bills from a year of minutes`, unit: 'ms of CPU', values, raw: {} }
}
