import { expect, it } from 'vitest'
import { parsePointInTime } from '../config/setting-kinds.ts'
import { openTimeZone } from '../model/time-zone.ts'
import { formatTimeOfDay, houseTimes } from './format-time.ts'

const at = (iso: string) => Date.parse(iso)

it.each([
  ['2026-11-01', 'America/New_York', '2026-11-01T04:00Z'],
  ['2026-11-02', 'America/New_York', '2026-11-02T05:00Z'],
  ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00Z'],
  ['2026-03-30', 'Europe/Berlin', '2026-03-29T22:00Z'],
  ['2026-11-29', 'Asia/Kathmandu', '2026-11-28T18:15Z'],
  // Midnight is skipped there: the day begins at one.
  ['2024-04-26', 'Africa/Cairo', '2024-04-25T22:00Z'],
  // A time that is shown twice is the first of the two, one that is skipped is when the clock jumps.
  ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30Z'],
  ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:00Z'],
  ['2026-11-29T12:00Z', 'Europe/Berlin', '2026-11-29T12:00Z'],
  ['2026-11-29T12:00-04:00', 'Europe/Berlin', '2026-11-29T16:00Z'],
  ['2026-11-29', 'UTC', '2026-11-29T00:00Z'],
])('%s in %s is %s', (text, zone, instant) => {
  expect(parsePointInTime(text, openTimeZone(zone).instantMs)).toBe(at(instant))
})

it('times for people carry their zone', () => {
  const berlin = houseTimes('Europe/Berlin')
  expect(berlin.minute(at('2026-11-28T23:30:10Z'))).toBe('2026-11-29T00:30+01:00')
  expect(berlin.second(at('2026-11-28T23:30:10Z'))).toBe('2026-11-29T00:30:10+01:00')
  expect(berlin.day(at('2026-11-28T23:30Z'))).toBe('2026-11-29')
  expect(berlin.clock(at('2026-11-28T23:30:10Z'))).toBe('00:30:10')
  const utc = houseTimes('UTC')
  expect([utc.minute(0), utc.clock(0)]).toEqual(['1970-01-01T00:00Z', '00:00:00Z'])
})

it.each([
  ['Europe/Berlin', '2026-11-29T04:29Z', '05:29'],
  ['Europe/Berlin', '2026-11-28T04:29Z', '2026-11-28 05:29'],
  ['UTC', '2026-11-29T04:29Z', '04:29Z'],
])('in %s, %s is shown as %s at noon of the 29th', (zone, timeMs, text) => {
  expect(formatTimeOfDay(openTimeZone(zone), at(timeMs), at('2026-11-29T12:00Z'))).toBe(text)
})
