import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import type { Config } from '../../src/config/config.ts'
import { readPriceFile, type PriceSeries } from '../../src/tariff/price-file.ts'
import { openHolidays } from '../../src/tariff/holidays.ts'
import { openTimeZone } from '../../src/model/time-zone.ts'
import { isPriceFile } from '../../src/tariff/tariff.ts'
import type { Calendar, GridMinutes } from '../../src/tariff/compute-bill.ts'
import { loadText } from '../test-config.ts'
import type { TruthTariff } from './bill-truth.ts'

export const DEVICES = '\ndevices:\n  - { name: a, url: http://a }\n'

export interface Example {
  readonly title: string
  readonly text: string
  readonly tariff: TruthTariff
  readonly holidays: string[]
}

/** The tariffs of the document, as they stand there. */
export async function documentedTariffs(): Promise<Example[]> {
  // From the root: a benchmark is bundled elsewhere.
  const text = await readFile('docs/money.md', 'utf8')
  return [...text.matchAll(/^### (.+?)\n(?:(?!^###)[^])*?```yaml\n([^]*?)```/gm)].map(([, title = '', yaml = '']) => {
    const { tariffs, holidays = [] } = parse(yaml) as { tariffs: TruthTariff[]; holidays?: string[] }
    return { title, text: yaml, tariff: tariffs[0]!, holidays }
  })
}

/** A price for each half hour of some days, some negative, and none on one day; then the time of the next. */
export function halfHourlyPrices(fromMs: number, untilMs: number, unknownDay: number): [number, number | null][] {
  return Array.from({ length: (untilMs - fromMs) / 1_800_000 }, (_, index) => {
    const isUnknown = Math.floor(index / 48) === unknownDay
    return [
      fromMs + index * 1_800_000,
      isUnknown ? null : Math.round(1000 * (0.1 + 0.2 * Math.sin(index * 1.7))) / 1000,
    ]
  })
}

export const toCsv = (rows: readonly [number, number | null][]) =>
  `time,price\n${rows.map(([atMs, price]) => `${new Date(atMs).toISOString()},${price ?? ''}\n`).join('')}`

/** Solar at noon, appliances at any time; the same for the same seed. */
export function gridMinutes(fromMs: number, untilMs: number, { seed = 1, outages = [] as [number, number][] } = {}) {
  const length = (untilMs - fromMs) / 60_000
  const fromGrid = new Float64Array(length)
  const toGrid = new Float64Array(length)
  let state = seed
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const atMs = fromMs + index * 60_000
    const noon = Math.max(0, Math.sin((atMs / 86_400_000) * 2 * Math.PI))
    const net = 300 + (state / 2 ** 32) * 2500 + (index % 97 < 20 ? 4000 : 0) - 4200 * noon
    const isOut = outages.some(([from, until]) => from <= atMs && atMs < until)
    fromGrid[index] = isOut ? NaN : Math.max(0, net)
    toGrid[index] = isOut ? NaN : Math.max(0, -net)
  }
  return { fromMs, fromGrid, toGrid } satisfies GridMinutes
}

export interface Priced {
  readonly config: Config
  readonly calendar: Calendar
}

/** A configuration as it is read from its text, and what its prices come from. */
export async function priced(
  text: string,
  zone: string,
  prices = 'time,price\n2024-01-01,1\n2024-01-02,1\n',
): Promise<Priced> {
  const { config } = await loadText(`${text}house: { timezone: ${zone} }${DEVICES}`, {
    files: { 'prices.csv': prices },
  })
  const series = new Map<string, PriceSeries>()
  for (const { import: imported } of config.tariffs) {
    const read = isPriceFile(imported) ? readPriceFile(prices, openTimeZone(zone)) : undefined
    if (isPriceFile(imported) && read && !('line' in read)) series.set(imported.file, read)
  }
  return { config, calendar: { zone: openTimeZone(zone), holidays: await openHolidays(config.holidays), series } }
}
