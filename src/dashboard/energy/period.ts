import type { Column, Compared, Energy, EnergySums, HouseNumbers, Span } from '../api/answers.ts'
import { addDays, DAY_MS, dateText, HOUR_MS, MINUTE_MS, parseDate, type HouseTime } from '../text/house-time.ts'
import { grouped } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import { clockText, dateName, dayText, longMonthName, monthName, shortDayText, type Formatter } from '../text/time.ts'

export const HOURS: readonly number[] = Array.from({ length: 24 }, (_, hour) => hour)
export const hourText = (hour: number): string => `${String(hour).padStart(2, '0')}:00`

/** `March 2026` */
export function spanTitle(span: Span, date: string): string {
  const { year, month } = parseDate(date)
  if (span === 'day') return dateName(date, 0)
  if (span === 'month') return `${longMonthName(month)} ${year}`
  return span === 'year' ? String(year) : texts.energy.allYears
}

/** A day in the span before or after; none beside all years. */
export function stepDate(span: Span, date: string, by: 1 | -1): string | undefined {
  const { year, month } = parseDate(date)
  if (span === 'day') return addDays(date, by)
  if (span === 'month') return dateText({ year, month: month + by, day: 1 })
  return span === 'year' ? dateText({ year: year + by, month: 1, day: 1 }) : undefined
}

/** What the bars behind the bars stand for. */
export function beforeName({ span, before, fromMs }: Energy, { time }: Formatter): string {
  if (before === undefined) return ''
  if (span === 'all') return texts.energy.yearBefore
  const [there, here] = [time.local(before.fromMs), time.local(fromMs)]
  const isYearEarlier = before.fromMs < fromMs - LONGEST_MONTHS_MS
  if (span === 'day') return isYearEarlier ? texts.energy.sameHourOf(dayText(there, here.year)) : texts.energy.sameHour
  if (span === 'year') return texts.energy.sameMonth(there.year)
  const month = longMonthName(there.month)
  return texts.energy.sameDay(isYearEarlier ? `${month} ${there.year}` : month)
}

/** A period that begins longer ago is not the one before. */
const LONGEST_MONTHS_MS = 40 * DAY_MS

/** Without the period before where nothing of it is known; at its first moment, nothing of it is due yet. */
export function comparable(energy: Energy): Energy {
  const { before, ...alone } = energy
  if (before === undefined || !hasBegun(energy)) return energy
  const known = [...Object.values(before.sums.wattHours), before.sums.circuits ?? null]
  return known.every((value) => value === null) ? alone : energy
}

const hasBegun = ({ fromMs, soFarUntilMs = Infinity }: Energy): boolean => soFarUntilMs > fromMs

/** What of a figure may be compared with the span before; null where nothing may. */
export function comparedOf(energy: Energy, key: Figured): Compared | null {
  const { before, sums } = energy
  if (before?.compared) return before.compared[key]
  const of = (side: EnergySums) => (key === 'circuits' ? (side.circuits ?? null) : side.wattHours[key])
  const [wattHours, beforeWattHours] = [of(sums), before ? of(before.sums) : null]
  return wattHours === null || beforeWattHours === null ? null : { wattHours, beforeWattHours }
}

export type Figured = Exclude<keyof HouseNumbers, 'unmetered'> | 'circuits'

/** ` in 37 days`, where not all of it is compared. */
export function partName({ hours, days }: Compared): string {
  if (days !== undefined) return texts.energy.partDays(days)
  return hours === undefined ? '' : texts.energy.partHours(hours)
}

/** What the bars are: the house, or all circuits together where that is not known. */
export function barColumn(energy: Energy, hasMains: boolean): Column {
  return hasMains ? energy.house.house : (energy.circuits ?? [])
}

export function isOpenBar(
  { startsMs, untilMs, soFarUntilMs }: Pick<Energy, 'startsMs' | 'untilMs' | 'soFarUntilMs'>,
  index: number,
): boolean {
  const start = startsMs[index] ?? 0
  return soFarUntilMs !== undefined && start < soFarUntilMs && soFarUntilMs < (startsMs[index + 1] ?? untilMs)
}

/** `to 23:55` over an hour or a day that is not over, `to 29 Nov` over a month or a year. */
export function openBarText(span: Span, soFarUntilMs: number, formatter: Formatter): string {
  const isShort = span === 'day' || span === 'month'
  return texts.energy.until(isShort ? formatter.at(soFarUntilMs) : formatter.day(soFarUntilMs - 1))
}

/** The house in each bar of the period before: of the bar that is not over to the same time, of those ahead nothing. */
export function houseBefore(energy: Energy, hasMains: boolean): Column {
  const { before, soFarUntilMs = Infinity, startsMs } = energy
  if (before === undefined) return []
  const column = hasMains ? before.house : (before.circuits ?? [])
  const begun = column.slice(0, startsMs.filter((ms) => ms < soFarUntilMs).length)
  const last = begun.length - 1
  const [bar, sum] = [begun[last], hasMains ? before.sums.wattHours.house : (before.sums.circuits ?? null)]
  if (bar == null || sum === null || !isOpenBar(energy, last)) return onlyKnown(begun, energy)
  const earlier = begun.slice(0, last).reduce<number>((total, wattHours) => total + (wattHours ?? 0), 0)
  return onlyKnown([...begun.slice(0, last), Math.min(bar, Math.max(0, sum - earlier))], energy)
}

/** With more than this unknown of it, a bar before is no mark to compare with. */
const MOST_UNKNOWN = 0.01

function onlyKnown(column: Column, { before, startsMs, untilMs }: Energy): Column {
  const { lacking = [] } = before ?? {}
  const minutesOf = (bar: number) => ((startsMs[bar + 1] ?? untilMs) - (startsMs[bar] ?? 0)) / MINUTE_MS
  return column.map((wattHours, bar) => ((lacking[bar] ?? 0) > MOST_UNKNOWN * minutesOf(bar) ? null : wattHours))
}

/** `so far, compared with 1 Feb to 27 Feb, 13:40` */
export function comparison(energy: Energy, { time }: Formatter): string {
  const { before, isSoFar, span } = energy
  const soFar = isSoFar ? texts.energy.soFar : ''
  if (before === undefined) return `${soFar}${texts.energy.noEarlier}`
  if (!hasBegun(energy)) return texts.energy.beginsNow(spanName(energy, time))
  const compared = comparedOf(energy, before.sums.wattHours.house === null ? 'circuits' : 'house')
  if (compared === null || partName(compared) !== '') return partComparison(energy, compared, time)
  const from = time.local(before.fromMs)
  const until = time.local(isSoFar ? before.untilMs : before.untilMs - 1)
  const thisYear = time.local(energy.fromMs).year
  if (span === 'day')
    return `${soFar}${texts.energy.comparedWith(isSoFar ? texts.to(dayText(from, thisYear), clockText(until)) : dayText(from, thisYear))}`
  const days = texts.to(shortDayText(from, thisYear), shortDayText(until, thisYear))
  return `${soFar}${texts.energy.comparedWith(`${days}${isSoFar ? `, ${clockText(until)}` : ''}`)}`
}

/** The span before: `Sun 29 Nov`, `October 2026`, `2025` */
function spanName({ span, before, fromMs }: Energy, time: HouseTime): string {
  const from = time.local(before?.fromMs ?? fromMs)
  return span === 'day' ? dayText(from, time.local(fromMs).year) : spanTitle(span, dateText(from))
}

/** Where one of both is known in part. */
function partComparison(energy: Energy, compared: Compared | null, time: HouseTime): string {
  const name = spanName(energy, time)
  const knownFromMs = energy.before?.sums.knownFromMs
  const from = knownFromMs === undefined ? undefined : time.local(knownFromMs)
  const known =
    from === undefined
      ? texts.energy.partsUnknown(name)
      : texts.energy.knownFrom(
          name,
          energy.span === 'day' ? clockText(from) : shortDayText(from, time.local(energy.fromMs).year),
        )
  const soFar = energy.isSoFar ? texts.energy.soFarBut : ''
  return compared === null
    ? `${soFar}${texts.energy.nothingToCompare(known)}`
    : `${soFar}${texts.energy.comparedOver(known, partName(compared))}`
}

/** The time of a bar, as far as it is not ahead; undefined where all of it is. */
export function barSpan(
  { startsMs, untilMs, soFarUntilMs = Infinity }: Pick<Energy, 'startsMs' | 'untilMs' | 'soFarUntilMs'>,
  index: number,
) {
  const fromMs = startsMs[index]
  if (fromMs === undefined || fromMs >= soFarUntilMs) return undefined
  return { fromMs, untilMs: Math.min(startsMs[index + 1] ?? untilMs, soFarUntilMs) }
}

/** Days of the calendar: a day of 23 hours is one. */
function calendarDays(fromMs: number, untilMs: number, time: HouseTime): number {
  const wallMs = (ms: number) => {
    const { year, month, day, hour, minute } = time.local(ms)
    return Date.UTC(year, month - 1, day, hour, minute)
  }
  return (wallMs(untilMs) - wallMs(fromMs)) / DAY_MS
}

/** Watt-hours a day of each bar that is longer than a day, of what of it is known, so that 28 days compare with 31. */
export function barsPerDay(energy: Energy, hasMains: boolean, { time }: Formatter): Column | undefined {
  const { span, knownMinutes } = energy
  if (knownMinutes === undefined || span === 'day' || span === 'month') return undefined
  return barColumn(energy, hasMains).map((wattHours, index) => {
    const [bar, known = 0] = [barSpan(energy, index), knownMinutes[index]]
    if (wattHours === null || bar === undefined || known === 0) return null
    return wattHours * ((bar.untilMs - bar.fromMs) / MINUTE_MS / known / calendarDays(bar.fromMs, bar.untilMs, time))
  })
}

/** The same of a period that is longer than a day, and, where it may be compared, of both. */
export function periodPerDay(energy: Energy, hasMains: boolean, { time }: Formatter) {
  const { span, fromMs, untilMs, soFarUntilMs = untilMs, knownMinutes = [], sums, before } = energy
  const wattHours = (hasMains ? sums.wattHours.house : sums.circuits) ?? null
  const known = knownMinutes.reduce((sum, minutes) => sum + minutes, 0)
  const days = calendarDays(fromMs, soFarUntilMs, time)
  if (span === 'day' || wattHours === null || known === 0 || days === 0) return undefined
  const perDay = (wattHours * (soFarUntilMs - fromMs)) / MINUTE_MS / known / days
  const compared = before && comparedOf(energy, hasMains ? 'house' : 'circuits')
  if (!before || !compared) return { wattHours: perDay }
  const daysBefore = compared.days ?? calendarDays(before.fromMs, before.untilMs, time)
  return {
    wattHours: perDay,
    compared: {
      wattHours: compared.wattHours / (compared.days ?? days),
      beforeWattHours: compared.beforeWattHours / daysBefore,
    },
  }
}

/** What stands under each bar. */
export interface BarLabel {
  readonly short: string
  readonly long: string
  readonly isWeekend: boolean
  /** How long it is, where that is not what one expects. */
  readonly length?: string | undefined
}

export function barLabels(
  { span, startsMs, untilMs }: Pick<Energy, 'span' | 'startsMs' | 'untilMs'>,
  { time }: Formatter,
): readonly BarLabel[] {
  const hours = startsMs.map((ms) => time.local(ms).hour)
  return startsMs.map((startMs, index) => {
    const at = time.local(startMs)
    const isWeekend = span === 'month' && (at.weekday === 0 || at.weekday === 6)
    const endMs = startsMs[index + 1] ?? untilMs
    if (span === 'day') {
      const isDouble = hours.filter((hour) => hour === at.hour).length > 1
      const zone = isDouble ? ` ${time.abbreviation(startMs)}` : ''
      return { short: String(at.hour), long: `${clockText(at)}${zone}`, isWeekend, length: zone.trim() || undefined }
    }
    if (span === 'month') {
      const length = Math.round(((endMs - startMs) / HOUR_MS) * 10) / 10
      return {
        short: String(at.day),
        long: dayText(at, at.year),
        isWeekend,
        length: length === 24 ? undefined : `${grouped(length, length % 1 === 0 ? 0 : 1)} ${texts.h}`,
      }
    }
    if (span === 'year') return { short: monthName(at.month), long: `${longMonthName(at.month)} ${at.year}`, isWeekend }
    return { short: String(at.year), long: String(at.year), isWeekend }
  })
}
