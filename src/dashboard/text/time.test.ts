import { expect, it } from 'vitest'
import { houseTime } from './house-time.ts'
import { ageText, clockWords, dateName, lengthText, publish } from './time.ts'

const MIN = 60_000
const utc = (text: string) => Date.parse(`${text}Z`)
const { at, when, day, span } = publish(houseTime('America/New_York'), utc('2026-03-27T17:42'))

it.each([
  [at(utc('2026-03-27T17:40')), '13:40'],
  [when(utc('2026-03-27T17:40')), '13:40'],
  [when(utc('2026-03-26T17:40')), 'Thu 26 Mar 13:40'],
  [when(utc('2025-12-31T17:40')), 'Wed 31 Dec 2025 12:40'],
  [day(utc('2025-09-28T12:00')), '28 Sep 2025'],
  [span(utc('2026-03-27T13:12'), utc('2026-03-27T13:59')), 'Fri 27 Mar, 09:12 to 09:59'],
  [span(utc('2023-08-11T23:00'), utc('2023-08-12T10:00')), 'Fri 11 Aug 2023, 19:00 to Sat 12 Aug 2023, 06:00'],
  [dateName('2026-03-08', 2026), 'Sun 8 Mar'],
])('%s', (found, expected) => expect(found).toBe(expected))

it.each([
  [0, '0 min'],
  [2 * MIN + 59_000, '2 min'],
  [60 * MIN, '1 h'],
  [192 * MIN, '3 h 12 min'],
  [4.5 * 1440 * MIN, '4 d'],
])('an age of %i ms is %s', (ms, text) => expect(ageText(ms)).toBe(text))

it.each([
  [300, '0.3 s'],
  [-71_000, '71 s'],
  [292 * 60 * MIN, '12 d 4 h'],
])('a length of %i ms is %s', (ms, text) => expect(lengthText(ms)).toBe(text))

it.each([
  [0, 'in sync'],
  [-100, 'in sync'],
  [1_900, 'in sync'],
  [-2_300, '2.3 s behind'],
  [14_000, '14 s ahead'],
  [-180 * MIN, '3 h behind'],
])('a clock that is ahead by %i ms is %s', (ms, words) => expect(clockWords(ms)).toBe(words))
