import { DAY_MS } from '../model/time-window.ts'
import { formatDay } from '../model/time-zone.ts'
import type { HolidayYears } from '../tariff/holidays.ts'
import { indented } from './format-table.ts'
import type { Layout } from './format-time.ts'

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** The holidays of a year and the next, so that a person sees what is taken for one. */
export function describeHolidays(holidays: HolidayYears, year: number, layout: Pick<Layout, 'columns'>): string[] {
  const days = [...holidays.inYear(year), ...holidays.inYear(year + 1)]
  if (days.length === 0) return []
  const cells = {
    date: ({ day }: (typeof days)[number]) => formatDay(day),
    weekday: ({ day }: (typeof days)[number]) => WEEKDAYS[new Date(day * DAY_MS).getUTCDay()] ?? '',
    name: ({ name }: (typeof days)[number]) => name,
  }
  return [`holidays of ${year} and ${year + 1}`, ...indented(days, cells, layout)]
}
