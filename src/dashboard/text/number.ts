import { texts } from './texts.ts'

/** How numbers read: a figure and its unit apart, since the unit is set smaller. */
export interface Figure {
  readonly text: string
  readonly unit: string
}

export const THIN_SPACE = '\u202f'
export const UNKNOWN = '–'
export const MINUS = '\u2212'
const NOTHING: Figure = { text: UNKNOWN, unit: '' }

/** Null or undefined where it is not known. */
type Value = number | null | undefined

export const inText = ({ text, unit }: Figure): string =>
  text === UNKNOWN || unit === '' ? text : `${text}${THIN_SPACE}${unit}`

/** A reading: watts without a fraction below 1,000, else kilowatts. */
export function power(watts: Value): Figure {
  if (watts === null || watts === undefined) return NOTHING
  const rounded = Math.round(watts)
  if (Math.abs(rounded) < 1000) return { text: grouped(rounded), unit: 'W' }
  return { text: grouped(watts / 1000, Math.abs(watts) < 9995 ? 2 : 1), unit: 'kW' }
}

export const powerText = (watts: Value): string => inText(power(watts))

/** A column whose head names the unit: without a fraction, with commas. */
export const rounded = (value: Value): string =>
  value === null || value === undefined ? UNKNOWN : grouped(Math.round(value))

export function energy(wattHours: Value): Figure {
  if (wattHours === null || wattHours === undefined) return NOTHING
  const kilo = wattHours / 1000
  const size = Math.abs(kilo)
  return { text: grouped(kilo, size < 9.995 ? 2 : size < 99.95 ? 1 : 0), unit: 'kWh' }
}

export const energyText = (wattHours: Value): string => inText(energy(wattHours))

/** Part of a total in percent; unknown where there is no total; never above 100 where both are measured alike. */
export function share(part: Value, of: Value, digits = 0): Figure {
  if (part === null || part === undefined || of === null || of === undefined || of <= 0) return NOTHING
  return { text: grouped((100 * part) / of, digits), unit: '%' }
}

export const shareText = (part: Value, of: Value): string => inText(share(part, of))

/** Never 100 before all is done. */
export const percentDone = (done: number, total: number): number => (total === 0 ? 0 : Math.floor((100 * done) / total))

const LEAST_BEFORE_WH = 500

/** The change against the period before, in percent without a fraction. */
export function change(wattHours: Value, before: Value): string {
  if (wattHours === null || wattHours === undefined || before === null || before === undefined) return UNKNOWN
  if (before < LEAST_BEFORE_WH) return wattHours < LEAST_BEFORE_WH ? UNKNOWN : texts.isNew
  const percent = Math.round((wattHours / before - 1) * 100)
  const sign = percent > 0 ? '+' : ''
  return `${sign}${grouped(percent)}${THIN_SPACE}%`
}

/** `+12 % against 5.2`; where no change can be told, what it was. */
export const against = (changed: string, before: string): string =>
  changed === UNKNOWN ? texts.money.before(before) : texts.energy.against(changed, before)

/** `iwatt5, iwatt6 and attic` */
export const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} ${texts.and} ${names.at(-1) ?? ''}`

const NAMED = 5

/** `iwatt1, iwatt2, iwatt3, iwatt4, iwatt5 and 995 more`, where there are many. */
export function listedBriefly(names: readonly string[]): string {
  if (names.length <= NAMED + 1) return listed(names)
  return texts.coverage.andMore(names.slice(0, NAMED).join(', '), names.length - NAMED)
}

const FORMATS = [0, 1, 2, 3].map(
  (digits) => new Intl.NumberFormat(texts.locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }),
)

/** With thousands apart and the true minus; a negative zero is 0. */
export function grouped(value: number, digits = 0): string {
  const isNegative = value < 0 && Number(value.toFixed(digits)) !== 0
  return `${isNegative ? MINUS : ''}${FORMATS[digits]?.format(Math.abs(value)) ?? ''}`
}
