import { expect, test, vi } from 'vitest'
import { DAY_MS } from '../model/time-window.ts'
import { formatDay } from '../model/time-zone.ts'
import { openHolidays } from './holidays.ts'
import type { HolidayPlace } from './tariff.ts'

const loaded = vi.hoisted(() => vi.fn<() => void>())
vi.mock(import('./public-holidays.ts'), async (importOriginal) => {
  loaded()
  return importOriginal()
})

const dayOf = (date: string) => Date.parse(date) / DAY_MS
const daysIn = async (year: number, place: HolidayPlace) =>
  (await openHolidays({ place, add: [], remove: [] })).inYear(year).map(({ day }) => formatDay(day).slice(5))

test('the library is loaded where a place is named, and only there', async () => {
  const dates = await openHolidays({ add: [dayOf('2026-05-25')], remove: [] })
  expect([dates.has(dayOf('2026-05-25')), dates.has(dayOf('2027-05-25'))]).toEqual([true, false])
  expect(loaded).not.toHaveBeenCalled()
  await openHolidays({ place: { country: 'US' }, add: [], remove: [] })
  expect(loaded).toHaveBeenCalledOnce()
})

test.each([
  // The day on which it is observed, beside its own.
  [2026, { country: 'US' }, '01-01 01-19 02-16 05-25 06-19 07-03 07-04 09-07 10-12 11-11 11-26 12-25'],
  // Of the next year's first day, too.
  [2021, { country: 'US', state: 'TX' }, expect.stringMatching(/12-31$/)],
  [2026, { country: 'US', state: 'CA' }, expect.stringContaining(' 03-31 ')],
  [2026, { country: 'CA', state: 'ON' }, '01-01 02-16 04-03 04-06 05-18 07-01 09-07 10-12 12-25 12-26'],
  [2026, { country: 'DE', state: 'BY', region: 'A' }, expect.stringContaining(' 08-08 08-15 10-03 11-01 ')],
  // Several days, and an odd half day at their end.
  [2026, { country: 'SA' }, '02-22 03-19 03-20 03-21 03-22 05-26 05-27 05-28 05-29 09-23'],
  [2026, { country: 'TR' }, expect.stringContaining(' 03-20 03-21 03-22 04-23 ')],
  // 12-24 from noon on is no holiday.
  [2026, { country: 'GT' }, expect.stringMatching(/ 11-01 12-25$/)],
])('%i in %j', async (year, place, expected) => expect((await daysIn(year, place)).join(' ')).toEqual(expected))

test('days are added and removed', async () => {
  const place = { country: 'US', state: 'CA' }
  const [add, remove] = [[dayOf('2026-12-24')], [dayOf('2026-03-31')]]
  const holidays = await openHolidays({ place, add, remove })
  expect(['2026-12-24', '2026-12-25', '2026-03-31'].map((date) => holidays.has(dayOf(date)))).toEqual([
    true,
    true,
    false,
  ])
  expect(holidays.inYear(2026).slice(-2)).toEqual([
    { day: dayOf('2026-12-24'), name: '' },
    { day: dayOf('2026-12-25'), name: 'Christmas Day' },
  ])
})
