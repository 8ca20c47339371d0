import Calendar from 'date-holidays'
import { DAY_MS, HOUR_MS } from '../model/time-window.ts'
import type { Holiday, HolidayPlace } from './tariff.ts'

/** The public holidays of a year, with the days on which they are observed instead; halves of days are none. */
export function publicHolidays({ country, state = '', region = '' }: HolidayPlace): (year: number) => Holiday[] {
  const calendar = new Calendar(country, state, region, { types: ['public'] })
  return (year) =>
    calendar.getHolidays(year, 'en').flatMap(({ date, start, end, name }) => {
      const [, text = ''] = /^(\d{4}-\d\d-\d\d) 00:00:00/.exec(date) ?? []
      if (text === '') return []
      // A day on which clocks change has 23 hours.
      const days = Math.max(1, Math.floor((end.getTime() - start.getTime() + 2 * HOUR_MS) / DAY_MS))
      return Array.from({ length: days }, (_, index) => ({ day: Date.parse(text) / DAY_MS + index, name }))
    })
}
