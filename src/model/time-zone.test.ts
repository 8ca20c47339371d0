import { expect, it } from 'vitest'
import { dayOf, dayStartMs, formatDay, formatLocal, openTimeZone } from './time-zone.ts'
import { HOUR_MS } from './time-window.ts'

it.each([
  ['America/New_York', '2026-03-08', '2026-03-08T05:00Z', 23],
  ['America/New_York', '2026-11-01', '2026-11-01T04:00Z', 25],
  ['America/New_York', '2026-03-27', '2026-03-27T04:00Z', 24],
  ['Australia/Lord_Howe', '2026-04-05', '2026-04-04T13:00Z', 24.5],
  ['Asia/Kathmandu', '2026-04-05', '2026-04-04T18:15Z', 24],
  ['America/Asuncion', '2023-10-01', '2023-10-01T04:00Z', 23],
  ['UTC', '2020-02-29', '2020-02-29T00:00Z', 24],
])('%s, %s begins at %s and has %d h', (name, date, start, hours) => {
  const zone = openTimeZone(name)
  const day = dayOf(zone, Date.parse(start))
  expect(formatDay(day)).toBe(date)
  expect(new Date(dayStartMs(zone, day)).toISOString()).toBe(new Date(start).toISOString())
  expect((dayStartMs(zone, day + 1) - dayStartMs(zone, day)) / HOUR_MS).toBe(hours)
})

it.each([
  ['2026-03-27T17:40Z', '2026-03-27T13:40:00-04:00'],
  ['2026-11-01T05:30Z', '2026-11-01T01:30:00-04:00'],
  ['2026-11-01T06:30Z', '2026-11-01T01:30:00-05:00'],
  ['2021-01-01T12:00Z', '2021-01-01T07:00:00-05:00'],
])('New York shows %s as %s', (instant, local) => {
  expect(formatLocal(openTimeZone('America/New_York'), Date.parse(instant))).toBe(local)
})

it('of what occurs twice the first counts, what is skipped is where the clock jumps', () => {
  const zone = openTimeZone('America/New_York')
  const instant = (local: string) => new Date(zone.instantMs(Date.parse(local))).toISOString()
  expect(instant('2026-11-01T01:30Z')).toBe('2026-11-01T05:30:00.000Z')
  expect(instant('2026-03-08T02:30Z')).toBe('2026-03-08T07:00:00.000Z')
})
