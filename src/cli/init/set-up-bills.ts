import { schemaProblems } from '../../config/schema-problems.ts'
import { mapping } from '../../config/setting-kinds.ts'
import { tariffProblems } from '../../config/tariff-problems.ts'
import { billingSchema, currencySchema, tariffsSchema } from '../../config/tariff-schema.ts'
import { UsageError } from '../exit-codes.ts'
import type { InitFlags } from '../flags.ts'

/** What energy costs, with the keys of the file; what is left out is not written. */
export interface BillsSetup {
  readonly currency?: string
  readonly billing?: { readonly day: number }
  readonly tariffs?: readonly [SimpleTariff]
}

export interface SimpleTariff {
  readonly name: string
  /** The first is the rule, the others are the exceptions. */
  readonly import: readonly SimplePeriod[]
  readonly export?: readonly [SimplePeriod]
  readonly fixed?: { readonly perDay: number }
}

export interface SimplePeriod {
  readonly name?: string
  readonly price: number
  readonly hours?: readonly string[]
  readonly days?: readonly string[]
  readonly months?: readonly string[]
}

/** What a tariff is made of. */
export interface Prices {
  /** Of every minute that no period covers. */
  readonly price: number
  readonly periods: readonly SimplePeriod[]
  readonly feedIn?: number | undefined
  readonly perDay?: number | undefined
}

export function makeTariff({ price, periods, feedIn, perDay }: Prices): SimpleTariff {
  return {
    name: periods.length === 0 ? 'One price' : 'Time of use',
    import: [periods.length === 0 ? { price } : { name: 'Standard', price }, ...periods],
    ...(feedIn !== undefined && { export: [{ price: feedIn }] }),
    ...(perDay !== undefined && { fixed: { perDay } }),
  }
}

const billsSchema = mapping({ currency: currencySchema, billing: billingSchema.optional(), tariffs: tariffsSchema })

/** What is wrong with it, in the words that `check` has for the file; undefined when nothing is. */
export function billsProblem(bills: BillsSetup): string | undefined {
  const { error } = billsSchema.safeParse(bills)
  return (error ? schemaProblems(bills, error.issues) : tariffProblems(bills))[0]?.message
}

/** `On-peak=0.45,16-21,Mon-Fri`: a name, a price, and hours, days and months in any order. */
export function readPeriod(text: string): SimplePeriod | undefined {
  const [, name = '', price = '', when = ''] = /^\s*([^=]+?)\s*=\s*([^,\s]+)\s*(?:,(.*))?$/.exec(text) ?? []
  const parts = when.split(',').flatMap((part) => part.trim() || [])
  if (readPrice(price) === undefined || parts.length === 0) return undefined
  const hours = parts.filter((part) => /^\d/.test(part))
  const months = parts.filter((part) => /^(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)/i.test(part))
  const days = parts.filter((part) => !hours.includes(part) && !months.includes(part))
  return {
    name,
    price: Number(price),
    ...(hours.length > 0 && { hours }),
    ...(days.length > 0 && { days }),
    ...(months.length > 0 && { months }),
  }
}

export const PERIOD_EXPECTED = 'a name, a price and when it applies, such as On-peak=0.45,16-21,Mon-Fri'
export const PRICE_EXPECTED = 'money per kWh, such as 0.31'

export function readPrice(text: string): number | undefined {
  return /^-?(?:\d+\.?\d*|\.\d+)$/.test(text.trim()) ? Number(text) : undefined
}

/** @throws UsageError */
export function givenBills({ billingDay, currency, price, period = [], feedIn, fixedPerDay }: InitFlags): BillsSetup {
  const day = billingDay === undefined ? {} : { billing: { day: billingDay } }
  refuse('--billing-day', String(billingDay), day)
  if (currency !== undefined) refuse('--currency', currency, { currency })
  if (price === undefined) {
    const other = Object.entries({ '--period': period[0], '--feed-in': feedIn, '--fixed-per-day': fixedPerDay }).find(
      ([, value]) => value !== undefined,
    )
    if (other) throw new UsageError(`${other[0]} needs --price, what a kWh costs at all other times`)
    return { ...(currency !== undefined && { currency }), ...day }
  }
  if (currency === undefined) throw new UsageError('--price needs --currency, such as USD or EUR')
  const bills = (periods: readonly SimplePeriod[]): BillsSetup => ({
    currency,
    ...day,
    tariffs: [makeTariff({ price, periods, feedIn, perDay: fixedPerDay })],
  })
  const periods: SimplePeriod[] = []
  for (const text of period) {
    const read = readPeriod(text)
    if (!read) throw new UsageError(`--period ${text}: expected ${PERIOD_EXPECTED}`)
    periods.push(read)
    refuse('--period', text, bills(periods))
  }
  return bills(periods)
}

function refuse(flag: string, text: string, bills: BillsSetup): void {
  const problem = billsProblem(bills)
  if (problem !== undefined) throw new UsageError(`${flag} ${text}: ${problem}`)
}
