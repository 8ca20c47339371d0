import { describe, expect, it } from 'vitest'
import { addDays, DAY_MS, HOUR_MS, houseTime, urlTime } from './house-time.ts'

const newYork = houseTime('America/New_York')
const utc = (text: string) => Date.parse(`${text}Z`)

it.each([
  ['2026-03-08T06:59', 1, 59],
  ['2026-03-08T07:00', 3, 0],
  ['2026-11-01T05:30', 1, 30],
  ['2026-11-01T06:30', 1, 30],
])('at %s UTC the clock in New York shows %i:%i', (at, hour, minute) =>
  expect(newYork.local(utc(at))).toMatchObject({ hour, minute }),
)

describe('the instant of a wall time', () => {
  it.each([
    ['an ordinary one', { month: 3, day: 27, hour: 13, minute: 40 }, '2026-03-27T17:40'],
    ['the missing hour', { month: 3, day: 8, hour: 2, minute: 30 }, '2026-03-08T07:30'],
    ['the hour that occurs twice', { month: 11, day: 1, hour: 1, minute: 30 }, '2026-11-01T05:30'],
    ['after the hour that occurs twice', { month: 11, day: 1, hour: 2 }, '2026-11-01T07:00'],
  ])('%s', (_, wall, at) => expect(newYork.instant({ year: 2026, ...wall })).toBe(utc(at)))
})

it.each([
  [3, 8, 23],
  [11, 1, 25],
  [3, 27, 24],
])('day %i-%i has %i hours', (month, day, hours) => {
  const lengthMs = newYork.instant({ year: 2026, month, day: day + 1 }) - newYork.instant({ year: 2026, month, day })
  expect(lengthMs / HOUR_MS).toBe(hours)
})

it('half an hour of summer time', () => {
  const lordHowe = houseTime('Australia/Lord_Howe')
  const lengths = [4, 5].map(
    (day) => lordHowe.instant({ year: 2026, month: 4, day: day + 1 }) - lordHowe.instant({ year: 2026, month: 4, day }),
  )
  expect(lengths).toEqual([DAY_MS, DAY_MS + HOUR_MS / 2])
})

it('writes instants and dates for URLs', () => {
  expect(urlTime(utc('2026-03-27T17:40'), newYork)).toBe('2026-03-27T13:40-04:00')
  expect(urlTime(utc('2026-03-27T17:40'), houseTime('Asia/Kolkata'))).toBe('2026-03-27T23:10+05:30')
  expect(addDays('2026-02-28', 1)).toBe('2026-03-01')
  expect([newYork.abbreviation(utc('2026-03-27T17:40')), newYork.abbreviation(utc('2026-01-27T17:40'))]).toEqual([
    'EDT',
    'EST',
  ])
})
