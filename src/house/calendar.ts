import type { Span, SpanQuery } from '../model/house-views.ts'
import { DAY_MS, HOUR_MS, type TimeWindow } from '../model/time-window.ts'
import { dayOf, dayStartMs, formatDay, type TimeZone } from '../model/time-zone.ts'
import { type HouseBase, newestMs, today } from './house-base.ts'

export interface CalendarSpan extends TimeWindow {
  /** Numbers of local days; the second is not of it. */
  readonly firstDay: number
  readonly endDay: number
}

/** What somebody asked for, and what it is compared with. */
export interface ChosenSpan {
  readonly span: Span
  readonly here: CalendarSpan
  /** What of it is counted. */
  readonly soFar: TimeWindow
  readonly before?: { readonly complete: CalendarSpan; readonly soFar: TimeWindow }
}

export function chooseSpan(base: HouseBase, { span, day = today(base), compare = 'before' }: SpanQuery): ChosenSpan {
  const { zone } = base
  const here = span === 'all' ? allYears(base) : spanOf(zone, span, day)
  const newest = newestMs(base) ?? base.clock.nowMs()
  const soFar = { fromMs: here.fromMs, untilMs: Math.max(here.fromMs, Math.min(here.untilMs, newest)) }
  if (span === 'all') return { span, here, soFar }
  const complete = spanOf(zone, span, compare === 'year' ? yearEarlier(here.firstDay) : here.firstDay - 1)
  const untilMs =
    soFar.untilMs < here.untilMs
      ? momentBefore(zone, { span, here, before: complete }, soFar.untilMs)
      : complete.untilMs
  return { span, here, soFar, before: { complete, soFar: { fromMs: complete.fromMs, untilMs } } }
}

/** What every answer about a span begins with. */
export function describeSpan({ span, here }: ChosenSpan) {
  return { span, date: formatDay(here.firstDay), fromMs: here.fromMs, untilMs: here.untilMs }
}

function allYears(base: HouseBase): CalendarSpan {
  const yearOf = (day: number) => new Date(day * DAY_MS).getUTCFullYear()
  const last = yearOf(today(base))
  const firstMs = base.days.firstMs()
  const first = firstMs === undefined ? last : yearOf(dayOf(base.zone, firstMs))
  return ofDays(base.zone, dayNumber(first, 0, 1), dayNumber(last + 1, 0, 1))
}

/** A day, a month or a year of the local calendar that holds a day. */
function spanOf(zone: TimeZone, span: Exclude<Span, 'all'>, day: number): CalendarSpan {
  const date = new Date(day * DAY_MS)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  if (span === 'day') return ofDays(zone, day, day + 1)
  if (span === 'month') return ofDays(zone, dayNumber(year, month, 1), dayNumber(year, month + 1, 1))
  return ofDays(zone, dayNumber(year, 0, 1), dayNumber(year + 1, 0, 1))
}

export function ofDays(zone: TimeZone, firstDay: number, endDay: number): CalendarSpan {
  return { firstDay, endDay, fromMs: dayStartMs(zone, firstDay), untilMs: dayStartMs(zone, endDay) }
}

/** Of 29 Feb, 28 Feb. */
function yearEarlier(day: number): number {
  const date = new Date(day * DAY_MS)
  const [year, month] = [date.getUTCFullYear() - 1, date.getUTCMonth()]
  return Math.min(dayNumber(year, month, date.getUTCDate()), dayNumber(year, month + 1, 0))
}

function dayNumber(year: number, month: number, date: number): number {
  return Date.UTC(year, month, date) / DAY_MS
}

/**
 * The moment of the period before that answers to a moment of this one: the same day number (of the same month, in a
 * year) and the same time of the clock; the end of it where it has no such day.
 */
function momentBefore(
  zone: TimeZone,
  { span, here, before }: { span: Exclude<Span, 'all'>; here: CalendarSpan; before: CalendarSpan },
  atMs: number,
): number {
  const localMs = zone.localMs(atMs)
  const day = Math.floor(localMs / DAY_MS)
  const date = new Date(day * DAY_MS)
  const [year, month] = [date.getUTCFullYear() - 1, date.getUTCMonth()]
  const dayBefore =
    span === 'year' ? dayNumber(year, month, date.getUTCDate()) : before.firstDay + (day - here.firstDay)
  // What 29 Feb is compared with ends with the Feb of a year that has none.
  const lastMs = span === 'year' ? dayStartMs(zone, dayNumber(year, month + 1, 1)) : before.untilMs
  const momentMs = zone.instantMs(dayBefore * DAY_MS + (localMs - day * DAY_MS))
  return Math.max(before.fromMs, Math.min(lastMs, momentMs))
}

/** The starts of the bars of a span, and its end. */
export function barEdges(zone: TimeZone, span: Span, { firstDay, endDay, fromMs, untilMs }: CalendarSpan): number[] {
  if (span === 'day') return hourEdges(zone, { fromMs, untilMs })
  const days = Array.from({ length: endDay - firstDay }, (_, index) => firstDay + index)
  const isStart = (day: number) => {
    const date = new Date(day * DAY_MS)
    return span === 'month' || (date.getUTCDate() === 1 && (span === 'year' || date.getUTCMonth() === 0))
  }
  const starts = days.filter((day) => day === firstDay || isStart(day))
  return [...starts.map((day) => dayStartMs(zone, day)), untilMs]
}

/** Where the clock shows a full hour, or jumps over one. */
export function hourEdges(zone: TimeZone, { fromMs, untilMs }: TimeWindow): number[] {
  const edges: number[] = []
  for (let atMs = fromMs; atMs < untilMs;) {
    edges.push(atMs)
    const toNextMs = HOUR_MS - (((zone.localMs(atMs) % HOUR_MS) + HOUR_MS) % HOUR_MS)
    atMs += toNextMs
  }
  return [...edges, untilMs]
}

/** What the clock shows at each; undefined where it is 0 to 23. */
export function wallHours(zone: TimeZone, edges: readonly number[]): readonly number[] | undefined {
  const hours = edges.slice(0, -1).map((atMs) => Math.floor((zone.localMs(atMs) % DAY_MS) / HOUR_MS))
  return hours.length === 24 && hours.every((hour, index) => hour === index) ? undefined : hours
}
