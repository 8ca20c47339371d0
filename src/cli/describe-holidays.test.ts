import { expect, test } from 'vitest'
import { openHolidays } from '../tariff/holidays.ts'
import { describeHolidays } from './describe-holidays.ts'

test('the holidays of this and the next year, with those that were added', async () => {
  const holidays = await openHolidays({ place: { country: 'US', state: 'CA' }, add: [20_446], remove: [20_454] })
  const lines = describeHolidays(holidays, 2025, {})
  expect(lines.slice(0, 1)).toEqual(['holidays of 2025 and 2026'])
  expect(lines.slice(-14, -11)).toEqual([
    '  2025-12-24  Wed',
    '  2025-12-25  Thu      Christmas Day',
    '  2026-01-19  Mon      Martin Luther King Jr. Day',
  ])
  expect(describeHolidays(await openHolidays({ add: [], remove: [] }), 2026, {})).toEqual([])
})
