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

/** A year that begins with each day of the week, with a 29 Feb. */
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
  for (const [day, before] of possibleDays(hasHolidays)) {
    const table = tableOf(day, before)
    if (looked.has(table)) continue
    looked.add(table)
    for (const entry of table) used.add(entry >> 1)
    const minute = table.indexOf(-1)
    if (minute >= 0) gap ??= { day, minute }
  }
  return { unused: [...list.keys()].filter((place) => !used.has(place)), ...(gap && { gap }) }
}

function possibleDays(hasHolidays: boolean): (readonly [day: DayKind, before: DayKind])[] {
  const days = Array.from({ length: YEAR_DAYS }, (_, index) => {
    const date = new Date((LEAP_YEAR_DAY + index) * DAY_MS)
    return (date.getUTCMonth() + 1) * 100 + date.getUTCDate()
  })
  const holidays = hasHolidays ? [false, true] : [false]
  return days.flatMap((monthDay, index) =>
    Array.from({ length: 7 }, (_, weekday) => weekday).flatMap((weekday) =>
      holidays.flatMap((isHoliday) =>
        holidays.map((wasHoliday) => {
          const before = { monthDay: at(days, (index + days.length - 1) % days.length), weekday: (weekday + 6) % 7 }
          return [
            { monthDay, weekday, isHoliday },
            { ...before, isHoliday: wasHoliday },
          ] as const
        }),
      ),
    ),
  )
}
