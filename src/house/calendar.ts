import type { Span, Step } from '../model/house-views.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, type TimeWindow } from '../model/time-window.ts'
import { dayOf, dayStartMs, type TimeZone } from '../model/time-zone.ts'

export interface CalendarSpan extends TimeWindow {
  /** Numbers of local days; the second is not of it. */
  readonly firstDay: number
  readonly endDay: number
}

/** A day, a month or a year of the local calendar that holds a day. */
export function spanOf(zone: TimeZone, span: Exclude<Span, 'all'>, day: number): CalendarSpan {
  const date = new Date(day * DAY_MS)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  if (span === 'day') return ofDays(zone, day, day + 1)
  if (span === 'month') return ofDays(zone, dayNumber(year, month, 1), dayNumber(year, month + 1, 1))
  return ofDays(zone, dayNumber(year, 0, 1), dayNumber(year + 1, 0, 1))
}

export function ofDays(zone: TimeZone, firstDay: number, endDay: number): CalendarSpan {
  return { firstDay, endDay, fromMs: dayStartMs(zone, firstDay), untilMs: dayStartMs(zone, endDay) }
}

export function dayNumber(year: number, month: number, date: number): number {
  return Date.UTC(year, month, date) / DAY_MS
}

/** The period of the same kind before; a year before, of a year. */
export function spanBefore(zone: TimeZone, span: Exclude<Span, 'all'>, { firstDay }: CalendarSpan): CalendarSpan {
  return spanOf(zone, span, firstDay - 1)
}

/**
 * The moment of the period before that answers to a moment of this one: the same day number (of the same month, in a
 * year) and the same time of the clock; the end of it where it has no such day.
 */
export function momentBefore(
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

const STEP_MS = { minute: MINUTE_MS, '10m': 10 * MINUTE_MS, '30m': 30 * MINUTE_MS } as const

/** What a point of a window is. */
export function chooseStep({ fromMs, untilMs }: TimeWindow): Step {
  const lengthMs = untilMs - fromMs
  if (lengthMs <= 25 * HOUR_MS) return 'minute'
  if (lengthMs <= 7 * DAY_MS + HOUR_MS) return '10m'
  if (lengthMs <= 31 * DAY_MS + HOUR_MS) return '30m'
  return lengthMs <= 366 * DAY_MS + HOUR_MS ? '6h' : 'day'
}

/** The starts of the points of a window, and the end of the last one. */
export function pointEdges(zone: TimeZone, window: TimeWindow, step: Step): { edges: number[]; stepMs?: number } {
  if (step !== '6h' && step !== 'day') {
    const stepMs = STEP_MS[step]
    const phaseMs = zone.offsetMs(window.fromMs) % (30 * MINUTE_MS)
    const firstMs = Math.floor((window.fromMs + phaseMs) / stepMs) * stepMs - phaseMs
    const count = Math.ceil((window.untilMs - firstMs) / stepMs)
    return { edges: Array.from({ length: count + 1 }, (_, index) => firstMs + index * stepMs), stepMs }
  }
  const [first, last] = [dayOf(zone, window.fromMs), dayOf(zone, window.untilMs - 1)]
  const hours = step === 'day' ? [0] : [0, 6, 12, 18]
  const edges: number[] = []
  for (let day = first; day <= last + 1; day++)
    for (const hour of hours) edges.push(zone.instantMs(day * DAY_MS + hour * HOUR_MS))
  const from = edges.findLastIndex((edge) => edge <= window.fromMs)
  const until = edges.findIndex((edge) => edge >= window.untilMs)
  return { edges: edges.slice(Math.max(0, from), until + 1) }
}
