import { DAY_MS } from '../model/time-window.ts'
import type { Holidays } from './holidays.ts'
import { HOLIDAY, type When } from './tariff.ts'

export const DAY_MINUTES = 1440

/** What a period can ask of a day. */
export interface DayKind {
  /** Month × 100 + day. */
  readonly monthDay: number
  readonly weekday: number
  readonly isHoliday: boolean
}

export function dayKind(day: number, holidays: Holidays): DayKind {
  const date = new Date(day * DAY_MS)
  return {
    monthDay: (date.getUTCMonth() + 1) * 100 + date.getUTCDate(),
    weekday: date.getUTCDay(),
    isHoliday: holidays.has(day),
  }
}

/**
 * Which entry of a list applies, for each minute that the clock of a day shows: its place × 2, and 1 more where it began
 * on the day before; -1 where none does.
 */
export type DayTable = Int16Array

/** Days of one kind, after days of one kind, share a table. */
export function createDayTables(list: readonly When[]): (day: DayKind, before: DayKind) => DayTable {
  const namesHoliday = list.some(({ days }) => days?.includes(HOLIDAY))
  const known = new Map<string, DayTable>()
  const fitting = (day: DayKind) => list.map((when) => fits(when, day, namesHoliday))
  return (day, before) => {
    const [today, yesterday] = [fitting(day), fitting(before)]
    const key = [...today, ...yesterday].map(Number).join('')
    const table = known.get(key) ?? drawTable(list, today, yesterday)
    known.set(key, table)
    return table
  }
}

function fits({ months, from, to, days }: When, { monthDay, weekday, isHoliday }: DayKind, namesHoliday: boolean) {
  if (months && !months.includes(Math.floor(monthDay / 100))) return false
  if (from !== undefined && to !== undefined) {
    const isWithin = from <= to ? from <= monthDay && monthDay <= to : from <= monthDay || monthDay <= to
    if (!isWithin) return false
  }
  return days === undefined || days.includes(namesHoliday && isHoliday ? HOLIDAY : weekday)
}

function drawTable(list: readonly When[], today: readonly boolean[], yesterday: readonly boolean[]): DayTable {
  const table = new Int16Array(DAY_MINUTES).fill(-1)
  list.forEach(({ hours = [{ fromMinute: 0, untilMinute: DAY_MINUTES }] }, place) => {
    for (const { fromMinute, untilMinute } of hours) {
      if (yesterday[place]) table.fill(place * 2 + 1, 0, Math.max(0, untilMinute - DAY_MINUTES))
      if (today[place]) table.fill(place * 2, fromMinute, Math.min(untilMinute, DAY_MINUTES))
    }
  })
  return table
}
