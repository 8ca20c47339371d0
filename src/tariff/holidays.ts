import { DAY_MS } from '../model/time-window.ts'
import type { Holiday, HolidaySettings } from './tariff.ts'

/** Whether a day is a holiday. */
export type Holidays = Pick<ReadonlySet<number>, 'has'>

export interface HolidayYears extends Holidays {
  /** In order. */
  inYear(year: number): Holiday[]
}

/** Loads the library of holidays only where a place is named; years are computed when they are asked about. */
export async function openHolidays({ place, add, remove }: HolidaySettings): Promise<HolidayYears> {
  const ofPlace = place && (await import('./public-holidays.ts')).publicHolidays(place)
  const known = new Map<number, readonly Holiday[]>()
  const [added, removed] = [new Set(add), new Set(remove)]
  function placeIn(year: number): readonly Holiday[] {
    const found = known.get(year) ?? ofPlace?.(year) ?? []
    known.set(year, found)
    return found
  }
  function inYear(year: number): Holiday[] {
    // One of several days may go over the turn of the year.
    const byDay = new Map([...placeIn(year - 1), ...placeIn(year)].map((holiday) => [holiday.day, holiday]))
    for (const day of added) if (!byDay.has(day)) byDay.set(day, { day, name: '' })
    return [...byDay.values()]
      .filter(({ day }) => yearOf(day) === year && !removed.has(day))
      .toSorted((a, b) => a.day - b.day)
  }
  const years = new Map<number, ReadonlySet<number>>()
  return {
    inYear,
    has(day) {
      const year = yearOf(day)
      const days = years.get(year) ?? new Set(inYear(year).map((holiday) => holiday.day))
      years.set(year, days)
      return days.has(day)
    },
  }
}

export function yearOf(day: number): number {
  return new Date(day * DAY_MS).getUTCFullYear()
}
