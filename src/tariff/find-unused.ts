import { at } from '../model/at.ts'
import { DAY_MS } from '../model/time-window.ts'
import { createDayTables, type DayKind } from './day-table.ts'
import type { When } from './tariff.ts'

export interface PeriodFaults {
  /** Places of those that apply in no minute. */
  readonly unused: readonly number[]
  /** The first minute found that none applies to. */
  readonly gap?: { readonly day: DayKind; readonly minute: number }
}

/** Of a year with a 29 Feb. */
const [LEAP_YEAR_DAY, YEAR_DAYS] = [Date.UTC(2024, 0) / DAY_MS, 366]

/** Looks at every minute of every kind of day that there can be. */
export function findPeriodFaults(
  list: readonly When[],
  { hasHolidays }: { readonly hasHolidays: boolean },
): PeriodFaults {
  const tableOf = createDayTables(list)
  const used = new Set<number>()
  const looked = new Set<object>()
  let gap: PeriodFaults['gap']
  for (const [day, before] of possibleDays(list, hasHolidays)) {
    const table = tableOf(day, before)
    if (looked.has(table)) continue
    looked.add(table)
    for (const entry of table) used.add(entry >> 1)
    const minute = table.indexOf(-1)
    if (minute >= 0) gap ??= { day, minute }
  }
  return { unused: [...list.keys()].filter((place) => !used.has(place)), ...(gap && { gap }) }
}

/** Of days of the year that are alike, the first two: the day before counts too. */
function possibleDays(list: readonly When[], hasHolidays: boolean): (readonly [day: DayKind, before: DayKind])[] {
  const days = Array.from({ length: YEAR_DAYS }, (_, index) => {
    const date = new Date((LEAP_YEAR_DAY + index) * DAY_MS)
    return (date.getUTCMonth() + 1) * 100 + date.getUTCDate()
  })
  const dayBefore = (index: number) => at(days, (index + YEAR_DAYS - 1) % YEAR_DAYS)
  const starts = new Set(
    days.filter(
      (day, index) => day % 100 === 1 || list.some(({ from, to }) => from === day || to === dayBefore(index)),
    ),
  )
  const holidays = hasHolidays ? [false, true] : [false]
  return days.flatMap((monthDay, index) =>
    !starts.has(monthDay) && !starts.has(dayBefore(index))
      ? []
      : Array.from({ length: 7 }, (_, weekday) => weekday).flatMap((weekday) =>
          holidays.flatMap((isHoliday) =>
            holidays.map((wasHoliday) => {
              const before = { monthDay: dayBefore(index), weekday: (weekday + 6) % 7, isHoliday: wasHoliday }
              return [{ monthDay, weekday, isHoliday }, before] as const
            }),
          ),
        ),
  )
}
