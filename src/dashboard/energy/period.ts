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

/** What the black marks stand for. */
export function beforeName({ span, before }: Energy): string {
  if (before === undefined) return ''
  if (span === 'day') return texts.energy.sameHour
  if (span === 'all') return texts.energy.yearBefore
  // Two weeks after its start is in the same month everywhere.
  const { year, month } = parseDate(new Date(before.fromMs + 14 * DAY_MS).toISOString().slice(0, 10))
  return span === 'month' ? texts.energy.sameDay(longMonthName(month)) : texts.energy.sameMonth(year)
}

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

export function isOpenBar({ startsMs, untilMs, soFarUntilMs }: Energy, index: number): boolean {
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

/** What stands under each bar. */
export interface BarLabel {
  readonly short: string
  readonly long: string
  readonly isWeekend: boolean
  /** How long it is, where that is not what one expects. */
  readonly length?: string | undefined
}

export function barLabels({ span, startsMs, untilMs }: Energy, { time }: Formatter): readonly BarLabel[] {
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
