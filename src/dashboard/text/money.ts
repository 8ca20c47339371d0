import type { BillView } from '../api/answers.ts'
import { grouped, MINUS, THIN_SPACE, UNKNOWN } from './number.ts'
import { texts } from './texts.ts'

type Value = number | null | undefined

/** An amount with its currency, to its minor unit: `$12.34`, `−0,10 €`. */
export const moneyText = (amount: Value, currency: string): string => written(amount, { currency })

/** A price, with as many digits as it has, six at most: `$0.3125`. */
export const rateText = (price: Value, currency: string): string =>
  written(price, { currency, maximumFractionDigits: MOST_DIGITS })

/** The same of a kWh: `$0.3125/kWh`. */
export function priceText(price: Value, currency: string): string {
  const text = rateText(price, currency)
  return text === UNKNOWN ? UNKNOWN : `${text}/kWh`
}

const MOST_DIGITS = 6

/** Round numbers of an axis: `$0`, `$5`; with cents where one of them has some. */
export function axisMoneyTexts(marks: readonly number[], currency: string): readonly string[] {
  const digits = marks.every((mark) => Number.isInteger(mark)) ? { maximumFractionDigits: 0 } : {}
  return marks.map((mark) => written(mark, { currency, ...digits }))
}

/** The change against an amount before, in percent; of what was earned or nothing, there is none. */
export function percentText(amount: number, before: number): string {
  if (amount <= 0 || before <= 0) return UNKNOWN
  const percent = Math.round((amount / before - 1) * 100)
  return `${percent > 0 ? '+' : ''}${grouped(percent)}${THIN_SPACE}%`
}

type Kind = BillView['lines'][number]['kind']

/** What a line of a bill is called: as the tariff calls it; else in the language of the page. */
export function lineName({ kind, name }: { readonly kind: Kind; readonly name: string }): string {
  const names = NAMES[kind]
  return (Object.hasOwn(names, name) ? names[name] : undefined) ?? name
}

/** By the names that the server gives. */
const NAMES: Readonly<Record<Kind, Readonly<Record<string, string>>>> = {
  import: { Import: texts.fromGrid },
  export: { Export: texts.toGrid },
  tier: {},
  demand: {},
  fixed: { 'Per day': texts.money.perDay, 'Per bill': texts.money.perBill },
  minimum: { Minimum: texts.money.minimum },
  tax: { Tax: texts.money.tax },
}

/** Without a currency while none is known. */
function written(value: Value, options: Intl.NumberFormatOptions): string {
  if (value === null || value === undefined || options.currency === '') return UNKNOWN
  return formatOf(options)
    .formatToParts(value)
    .map((part) => (part.type === 'minusSign' ? MINUS : part.value))
    .join('')
}

const formats = new Map<string, Intl.NumberFormat>()

/** A negative zero is 0. */
function formatOf(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify(options)
  const format =
    formats.get(key) ?? new Intl.NumberFormat(texts.locale, { style: 'currency', signDisplay: 'negative', ...options })
  formats.set(key, format)
  return format
}
