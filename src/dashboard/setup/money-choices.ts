import type { MoneyFile, Setup } from '../api/answers.ts'

type Shown = NonNullable<Setup['money']>
type Simple = NonNullable<Shown['tariffs'][number]['simple']>
type Period = Simple['import'][number]

/** A price and when it applies, as they are written into their fields; empty: not restricted. */
export interface PeriodChoice {
  readonly name: string
  readonly price: string
  readonly hours: string
  readonly days: string
  readonly months: string
}

export interface TariffChoice {
  /** Its place in the file, from 0; left out: it is new. */
  readonly kept?: number
  /** More than can be set up here: it stays as it is. */
  readonly isFixed: boolean
  readonly name: string
  /** Whether it is only compared with. */
  readonly isPlan: boolean
  readonly periods: readonly PeriodChoice[]
  readonly feedIn: string
  readonly perDay: string
  readonly perBill: string
  readonly tax: string
}

/** What a person has chosen of money. */
export interface MoneyChoices {
  readonly currency: string
  readonly day: string
  readonly country: string
  readonly state: string
  readonly tariffs: readonly TariffChoice[]
}

/** Undefined where it cannot be set up here. */
export function moneyChoicesOf({ money }: Setup): MoneyChoices | undefined {
  if (!money) return undefined
  const { currency = '', billing, holidays, tariffs } = money
  const place = holidays && 'country' in holidays ? holidays : undefined
  return {
    currency,
    day: written(billing?.day),
    country: place?.country ?? '',
    state: place?.state ?? '',
    tariffs: tariffs.map(({ name, simple }, kept) =>
      simple ? { kept, ...choiceOf(simple) } : { ...NEW_TARIFF, periods: [], name, kept, isFixed: true },
    ),
  }
}

export const NEW_PERIOD: PeriodChoice = { name: '', price: '', hours: '', days: '', months: '' }
export const NEW_TARIFF: TariffChoice = {
  isFixed: false,
  name: '',
  isPlan: false,
  periods: [NEW_PERIOD],
  feedIn: '',
  perDay: '',
  perBill: '',
  tax: '',
}

function choiceOf(tariff: Simple): TariffChoice {
  const { name, applies = true, import: periods, export: exported = [], fixed = {}, tax } = tariff
  return {
    isFixed: false,
    name,
    isPlan: !applies,
    periods: periods.map((period) => ({
      name: period.name ?? '',
      price: written(period.price),
      hours: listed(period.hours),
      days: listed(period.days),
      months: listed(period.months),
    })),
    feedIn: written(exported[0]?.price),
    perDay: written(fixed.perDay),
    perBill: written(fixed.perBill),
    tax: written(tax),
  }
}

const written = (value: number | string | undefined): string => (value === undefined ? '' : String(value))
const listed = (value: string | readonly string[] | undefined): string => [value ?? []].flat().join(', ')

/** A number, also with a comma; what is none is told by the server. */
function amount(text: string): number | string {
  const plain = text.trim().replace(',', '.')
  return /^[-+]?(?:\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : text
}

/** Of a tax, also without the sign and with a comma. */
function percentage(text: string): string {
  const value = amount(text.replace('%', ''))
  return typeof value === 'number' ? `${value}%` : text
}

/** Whether holidays are more than a country and a state, and so stay as they are. */
export function hasOwnHolidays({ money }: Setup): boolean {
  const { holidays } = money ?? {}
  return (
    holidays !== undefined &&
    !('country' in holidays && Object.keys(holidays).every((key) => key === 'country' || key === 'state'))
  )
}

/** The sections of the file: what is not changed stays as it is written there. */
export function moneySettingsOf(choices: MoneyChoices, setup: Setup): MoneyFile {
  const { money } = setup
  const before = moneyChoicesOf(setup)
  const { currency, day, country, state, tariffs } = choices
  const billing = {
    ...(day.trim() !== '' && { day: amount(day) }),
    ...(money?.billing?.starts && { starts: money.billing.starts }),
  }
  const isSameBilling = day === before?.day
  const isSamePlace = hasOwnHolidays(setup) || (country === before?.country && state === before.state)
  const place = { country: country.trim(), ...(state.trim() !== '' && { state: state.trim() }) }
  const chosen = isSameBilling ? money?.billing : Object.keys(billing).length > 0 ? billing : undefined
  const holidays = isSamePlace ? money?.holidays : place.country === '' ? undefined : place
  return {
    ...(currency.trim() !== '' && { currency: currency.trim().toUpperCase() }),
    ...(chosen && { billing: chosen }),
    ...(holidays && { holidays }),
    ...(tariffs.length > 0 && { tariffs: tariffs.map((tariff) => tariffOf(tariff, money)) }),
  }
}

type Sent = NonNullable<MoneyFile['tariffs']>[number]

function tariffOf(choice: TariffChoice, money: Shown | undefined): Sent {
  const { kept, ...own } = choice
  const { isFixed, name, isPlan, periods, feedIn, perDay, perBill, tax } = own
  const before = kept === undefined ? undefined : money?.tariffs[kept]?.simple
  if (kept !== undefined && (isFixed || (before && isEqual(choiceOf(before), own)))) return { kept }
  const fixed = {
    ...(perDay.trim() !== '' && { perDay: amount(perDay) }),
    ...(perBill.trim() !== '' && { perBill: amount(perBill) }),
  }
  return {
    name: name.trim(),
    ...(isPlan ? { applies: false } : before?.applies === true && { applies: true }),
    import: periods.map((period, index) => periodOf(period, before?.import[index])),
    ...(feedIn.trim() !== '' && { export: [{ price: amount(feedIn) }] }),
    ...(Object.keys(fixed).length > 0 && { fixed }),
    ...(tax.trim() !== '' && { tax: percentage(tax) }),
  }
}

function periodOf({ name, price, hours, days, months }: PeriodChoice, before: Period | undefined): Period {
  return {
    ...(name.trim() !== '' && { name: name.trim() }),
    price: amount(price),
    ...someOf('hours', hours, before),
    ...someOf('days', days, before),
    ...someOf('months', months, before),
  }
}

function someOf(key: 'hours' | 'days' | 'months', text: string, before: Period | undefined) {
  const parts = text.split(',').flatMap((part) => part.trim() || [])
  const [first] = parts
  if (first === undefined) return {}
  const said = before?.[key]
  return { [key]: said !== undefined && text === listed(said) ? said : parts.length === 1 ? first : parts }
}

/** The choices on what the file has become meanwhile; tariffs are those of the person where they were touched. */
export function rebaseMoney(
  base: MoneyChoices | undefined,
  mine: MoneyChoices | undefined,
  theirs: MoneyChoices | undefined,
): MoneyChoices | undefined {
  if (!base || !mine || !theirs) return theirs
  const pick = (key: 'currency' | 'day' | 'country' | 'state') => (mine[key] === base[key] ? theirs[key] : mine[key])
  return {
    currency: pick('currency'),
    day: pick('day'),
    country: pick('country'),
    state: pick('state'),
    tariffs: isEqual(mine.tariffs, base.tariffs)
      ? theirs.tariffs
      : mine.tariffs.flatMap((each) => placed(each, theirs)),
  }
}

/** At its place in the file as it is now, where it is known by its name; one that can only stay is gone where the file lost it. */
function placed(tariff: TariffChoice, { tariffs }: MoneyChoices): readonly TariffChoice[] {
  const found = tariffs.findIndex(({ name, isFixed }) => name === tariff.name && isFixed === tariff.isFixed)
  if (found < 0 && tariff.isFixed) return []
  const { kept: _before, ...own } = tariff
  return [found < 0 ? own : { ...own, kept: found }]
}

/** Both have their keys in one order. */
const isEqual = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)
