import { readPriceFiles } from '../config/price-files.ts'
import { parsePointInTime } from '../config/setting-kinds.ts'
import { didYouMean } from '../model/nearest-name.ts'
import { DAY_MS } from '../model/time-window.ts'
import { dayOf, dayStartMs, openTimeZone } from '../model/time-zone.ts'
import { systemClock } from '../runtime/clock.ts'
import type { Bill } from '../tariff/bill.ts'
import {
  billingSpans,
  cutByTariff,
  latestSpans,
  tariffInForce,
  type TariffSpan,
  versionInForce,
} from '../tariff/billing-spans.ts'
import type { BillSpan } from '../tariff/compute-bill.ts'
import { computeBills } from '../tariff/compute-bills.ts'
import { openHolidays } from '../tariff/holidays.ts'
import { showBill, tabulateBills } from '../tariff/show-bill.ts'
import type { Command, CommandRun } from './command.ts'
import { compareBills, describeBill, listBills } from './describe-bill.ts'
import { ExitCode, UsageError } from './exit-codes.ts'
import { csvLine } from './export-format.ts'
import type { BillFlags } from './flags.ts'
import { layoutOf } from './format-time.ts'
import { printAgainst } from './bill-against.ts'
import { findStored, readStored, type Stored } from './stored-grid.ts'

type Run = CommandRun<BillFlags>

/** What the store has, in money; no device is asked. */
export const billCommand: Command<BillFlags> = async (run) => {
  try {
    const { against } = run.options
    await (against === undefined ? printBills(run) : printAgainst(run, against))
    return ExitCode.done
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    if (run.options.json) run.output.print(JSON.stringify({ error: error.message }))
    run.output.log('error', error.message)
    return ExitCode.usage
  }
}

/** What is billed: spans, and each span under the tariffs in force or under plans. */
interface Asked {
  readonly spans: readonly BillSpan[]
  readonly billed: readonly TariffSpan[]
  readonly planned: readonly TariffSpan[]
}

async function printBills(run: Run): Promise<void> {
  const { engine, options, output } = run
  const { house, currency = '' } = engine.config
  refuseUsage(run)
  const zone = openTimeZone(house.timezone)
  await engine.store.flush(run.signal)
  const stored = await findStored(run)
  const asked = chooseBills(run, dayOf(zone, systemClock.nowMs()), dayOf(zone, stored.firstMs))
  const { billed, planned } = asked
  const bills = await billMinutes(run, [...billed, ...planned], stored)
  const [own, ofPlans] = [bills.slice(0, billed.length), bills.slice(billed.length)]
  const shown = planned.length > 0 ? ofPlans : own
  const layout = { ...layoutOf({ ...options, zone: zone.name }), currency }
  const isLatest = options.month === undefined && options.from === undefined
  const describe = () => {
    if (options.json) return [JSON.stringify({ currency, bills: shown.map(showBill) })]
    if (options.csv) return tabulateBills(shown.map(showBill)).map((cells) => csvLine(cells).trimEnd())
    if (options.compare) return compareBills(asked.spans, { billed: own, plans: ofPlans }, layout)
    if (isLatest) return latestAndEarlier(shown, asked.spans.at(-1), layout)
    return shown.flatMap((bill) => describeBill(bill, layout))
  }
  for (const line of describe()) output.print(line)
}

function latestAndEarlier(
  bills: readonly Bill[],
  running: BillSpan | undefined,
  layout: Parameters<typeof describeBill>[1],
) {
  const isRunning = ({ fromDay }: Bill) => running !== undefined && fromDay >= running.fromDay
  return [
    ...bills.filter(isRunning).flatMap((bill) => describeBill(bill, layout)),
    ...listBills(bills.filter((bill) => !isRunning(bill)).toReversed(), layout),
  ]
}

function refuseUsage({ engine, options }: Run): void {
  const { tariffs } = engine.config
  if (options.stamps !== undefined) throw new UsageError('--stamps is of a meter’s file: expected --against beside it')
  if (tariffs.length === 0)
    throw new UsageError('no tariff is configured: docs/money.md has twelve to copy, under tariffs:')
  if (options.devices.length > 0) throw new UsageError('a bill is of the house, not of some of its devices')
  if (options.json && options.csv) throw new UsageError('--json and --csv exclude each other')
  if (options.compare && options.tariff !== undefined)
    throw new UsageError('--compare is of every plan, and --tariff of one: expected one of the two')
  if (options.month !== undefined && (options.from ?? options.to) !== undefined)
    throw new UsageError('--month is of complete bills, and --from and --to of some days: expected one of the two')
  if (options.to !== undefined && options.from === undefined) throw new UsageError('--to wants --from beside it')
  const names = [...new Set(tariffs.map(({ name }) => name))]
  if (options.tariff !== undefined && !names.includes(options.tariff))
    throw new UsageError(
      `no tariff ${options.tariff}${didYouMean(options.tariff, names)}; there are: ${names.join(', ')}`,
    )
}

const EARLIER_BILLS = 12

function chooseBills({ engine, options }: Run, today: number, firstDay: number): Asked {
  const { tariffs } = engine.config
  const spans = chooseSpans({ engine, options }, today, firstDay)
  const under = (name: string) =>
    spans.flatMap((span) => cutByTariff(span, (day) => versionInForce(tariffs, name, day)))
  if (options.tariff !== undefined) return { spans, billed: [], planned: under(options.tariff) }
  const billed = spans.flatMap((span) => cutByTariff(span, (day) => tariffInForce(tariffs, day)))
  const names = [...new Set(tariffs.map(({ name }) => name))]
  if (options.compare) return { spans, billed, planned: names.flatMap(under).toSorted((a, b) => a.fromDay - b.fromDay) }
  if (billed.length > 0) return { spans, billed, planned: [] }
  throw new UsageError(
    `no tariff is in force on these days; to see them under one: --tariff ${JSON.stringify(names[0])}`,
  )
}

/** A day that has begun counts: the running bill is of the days so far. */
function chooseSpans(
  { engine, options }: Pick<Run, 'engine' | 'options'>,
  today: number,
  firstDay: number,
): BillSpan[] {
  const { billing } = engine.config
  const soFar = ({ fromDay, toDay }: BillSpan) => ({ fromDay, toDay: Math.min(toDay, today + 1) })
  if (options.from !== undefined) {
    const fromDay = readDate('--from', options.from)
    const toDay = options.to === undefined ? today + 1 : readDate('--to', options.to)
    if (fromDay > today) throw new UsageError(`--from ${options.from} is in the future`)
    if (toDay <= fromDay) throw new UsageError('--to must be later than --from')
    return [soFar({ fromDay, toDay })]
  }
  if (options.month !== undefined) {
    const [, year = '', month = ''] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(options.month) ?? []
    if (year === '') throw new UsageError(`--month ${options.month}: expected a month such as 2026-03`)
    const monthDay = (count: number) => Date.UTC(Number(year), Number(month) - 1 + count) / DAY_MS
    const [first, next] = [monthDay(0), monthDay(1)]
    if (first > today) throw new UsageError(`--month ${options.month} is in the future`)
    const all = billingSpans(billing, { fromDay: first, toDay: next }).filter(({ fromDay }) => fromDay <= today)
    const begun = all.filter(({ fromDay }) => fromDay >= first)
    return (begun.length > 0 ? begun : all).map(soFar)
  }
  return latestSpans(billing, { today, firstDay, count: 1 + EARLIER_BILLS })
}

function readDate(flag: string, text: string): number {
  const ms = /^\d{4}-\d\d-\d\d$/.test(text) ? parsePointInTime(text) : undefined
  if (ms === undefined) throw new UsageError(`${flag} ${text}: expected a date such as 2026-03-01`)
  return ms / DAY_MS
}

async function billMinutes(run: Run, spans: readonly TariffSpan[], stored: Stored): Promise<Bill[]> {
  const { tariffs, house, holidays } = run.engine.config
  const zone = openTimeZone(house.timezone)
  const { series, problems } = await readPriceFiles(tariffs, house.timezone)
  const [problem] = problems
  if (problem) throw new Error(`a price file of the tariffs cannot be used: ${problem.message}`)
  const window = {
    fromMs: dayStartMs(zone, Math.min(...spans.map(({ fromDay }) => fromDay))),
    untilMs: Math.min(stored.untilMs, dayStartMs(zone, Math.max(...spans.map(({ toDay }) => toDay)))),
  }
  return computeBills(spans, readStored(run, window, stored), { zone, holidays: await openHolidays(holidays), series })
}
