import { describe, expect, it } from 'vitest'
import { localToUtc, utcToLocal, type TimeZone } from './local-time.ts'

const newYork: TimeZone = {
  offsetMinutes: -300,
  daylight: {
    shiftMinutes: 60,
    utc: false,
    begin: { month: 3, weekday: 1, instance: 2, timeMinutes: 120 },
    end: { month: 11, weekday: 1, instance: 1, timeMinutes: 120 },
  },
}
const berlin: TimeZone = {
  offsetMinutes: 60,
  daylight: {
    shiftMinutes: 60,
    utc: true,
    begin: { month: 3, weekday: 1, instance: -1, timeMinutes: 60 },
    end: { month: 10, weekday: 1, instance: -1, timeMinutes: 60 },
  },
}
const adelaide: TimeZone = {
  offsetMinutes: 570,
  daylight: {
    shiftMinutes: 60,
    utc: false,
    begin: { month: 10, weekday: 1, instance: 1, timeMinutes: 120 },
    end: { month: 4, weekday: 1, instance: 1, timeMinutes: 180 },
  },
}

const seconds = (text: string) => Date.parse(`${text}Z`) / 1000

describe('agrees with the time zone database, hour by hour over two years', () => {
  it.each([
    ['America/New_York', newYork],
    ['Europe/Berlin', berlin],
    ['Australia/Adelaide', adelaide],
  ])('%s', (name, zone) => {
    const format = new Intl.DateTimeFormat('sv-SE', { timeZone: name, dateStyle: 'short', timeStyle: 'medium' })
    for (let utcS = seconds('2023-01-01T00:30:00'); utcS < seconds('2025-01-01T00:00:00'); utcS += 3600) {
      const local = format.format(new Date(utcS * 1000)).replace(' ', 'T')
      if (utcToLocal(zone, utcS) !== seconds(local)) expect.fail(`${utcS}: not ${local}`)
    }
  })
})

it.each([
  ['2024-05-31T19:58:00', '2024-05-31T23:58:00', 'daylight time'],
  ['2024-01-01T00:00:00', '2024-01-01T05:00:00', 'standard time'],
  ['2023-11-05T01:30:00', '2023-11-05T06:30:00', 'a time that occurs twice is the later one'],
  ['2024-03-10T02:30:00', '2024-03-10T06:30:00', 'a time that does not occur is an hour earlier'],
])('%s in New York is %s UTC: %s', (local, utc) => {
  expect(localToUtc(newYork, seconds(local))).toBe(seconds(utc))
})

it('without daylight time only shifts', () => {
  expect(localToUtc({ offsetMinutes: 330 }, utcToLocal({ offsetMinutes: 330 }, 1_717_200_000))).toBe(1_717_200_000)
})
