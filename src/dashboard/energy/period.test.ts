import { expect, it } from 'vitest'
import type { Energy, Span } from '../api/answers.ts'
import { HOUR_MS, houseTime } from '../text/house-time.ts'
import { publish } from '../text/time.ts'
import {
  barLabels,
  beforeName,
  comparable,
  comparison,
  houseBefore,
  openBarText,
  spanTitle,
  stepDate,
} from './period.ts'

const time = houseTime('America/New_York')
const at = (month: number, day: number, hour = 0, minute = 0) => time.instant({ year: 2026, month, day, hour, minute })
const formatter = publish(time, at(3, 27, 13, 42))
const column: readonly number[] = []
const columns = { house: column, solar: column, used: column, fromGrid: column, toGrid: column, unmetered: column }
const numbers = { house: 1, solar: 1, used: 1, fromGrid: 1, toGrid: 1, unmetered: 1 }
const noMinutes = { house: 0, solar: 0, used: 0, fromGrid: 0, toGrid: 0, unmetered: 0 }
const sums = { wattHours: numbers, missingMinutes: 0, lackingMinutes: noMinutes, isWhole: true }

const energy = (span: Span, startsMs: readonly number[], more: Partial<Energy> = {}): Energy => ({
  span,
  date: '',
  fromMs: startsMs[0]!,
  untilMs: at(4, 1),
  isSoFar: false,
  startsMs,
  house: columns,
  sums,
  ...more,
})
const before = (fromMs: number, untilMs: number) => ({ before: { fromMs, untilMs, house: column, sums } })

it.each([
  ['day', '2026-03-08', 'Sun 8 Mar 2026', '2026-03-09'],
  ['month', '2026-12-31', 'December 2026', '2027-01-01'],
  ['year', '2026-03-08', '2026', '2027-01-01'],
  ['all', '2026-03-08', 'All years', undefined],
] as const)('a %s with %s is %s, and after it comes %s', (span, date, title, next) =>
  expect([spanTitle(span, date), stepDate(span, date, 1)]).toEqual([title, next]),
)

it.each([
  [
    energy('month', [at(3, 1)], { isSoFar: true, ...before(at(2, 1), at(2, 27, 13, 40)) }),
    'so far, compared with 1 Feb to 27 Feb, 13:40',
  ],
  [energy('month', [at(3, 1)], before(at(2, 1), at(3, 1))), 'compared with 1 Feb to 28 Feb'],
  [
    energy('day', [at(3, 8)], { isSoFar: true, ...before(at(3, 7), at(3, 7, 13, 40)) }),
    'so far, compared with Sat 7 Mar to 13:40',
  ],
  [energy('month', [at(3, 1)]), 'no earlier data to compare with'],
])('%#', (given, words) => expect(comparison(given, formatter)).toBe(words))

it('says what the marks are', () => {
  expect(beforeName(energy('month', [at(3, 1)], before(at(2, 1), at(3, 1))))).toBe('same day of February')
  expect(beforeName(energy('year', [at(1, 1)], before(time.instant({ year: 2025, month: 1, day: 1 }), at(1, 1))))).toBe(
    'same month of 2025',
  )
})

it.each([
  ['complete where the span is over', { house: [10, 20, 30], sum: 60 }, undefined, [10, 20, 30]],
  ['to the same time in the bar that is not over', { house: [10, 20, 30], sum: 22 }, at(3, 2, 13), [10, 12]],
  ['of a bar that is just over', { house: [10, 20, 30], sum: 30 }, at(3, 3), [10, 20]],
  ['none that is missing in the period before', { house: [10, null, null], sum: 10 }, at(3, 2, 13), [10, null]],
  ['never more than the bar', { house: [10, 20, 30], sum: 90 }, at(3, 2, 13), [10, 20]],
] as const)('marks of the period before: %s', (_, { house, sum }, soFarUntilMs, marks) => {
  const ago = { fromMs: at(2, 1), untilMs: at(2, 4), house, sums: { ...sums, wattHours: { ...numbers, house: sum } } }
  const starts = [at(3, 1), at(3, 2), at(3, 3)]
  expect(houseBefore(energy('month', starts, { before: ago, ...(soFarUntilMs && { soFarUntilMs }) }), true)).toEqual(
    marks,
  )
})

it('compares with nothing where nothing of the period before is known', () => {
  const nothing = { house: null, solar: null, used: null, fromGrid: null, toGrid: null, unmetered: null }
  const ago = { fromMs: at(2, 1), untilMs: at(2, 27), house: [null, 5], sums: { ...sums, wattHours: nothing } }
  expect(comparable(energy('month', [at(3, 1)], { before: ago }))).not.toHaveProperty('before')
  expect(comparable(energy('month', [at(3, 1)], before(at(2, 1), at(2, 27))))).toHaveProperty('before')
})

it('names the day of 23 hours under its bar', () => {
  const labels = barLabels(energy('month', [at(3, 7), at(3, 8), at(3, 9)], { untilMs: at(3, 10) }), formatter)
  expect(labels.map(({ short, length }) => [short, length])).toEqual([
    ['7', undefined],
    ['8', '23 h'],
    ['9', undefined],
  ])
})

it('tells the hour that occurs twice apart', () => {
  const starts = [0, 1, 2, 3].map((hour) => at(11, 1) + hour * HOUR_MS)
  expect(barLabels(energy('day', starts), formatter).map(({ long }) => long)).toEqual([
    '00:00',
    '01:00 EDT',
    '01:00 EST',
    '02:00',
  ])
})

it.each([
  ['day', 'to 13:40'],
  ['month', 'to 13:40'],
  ['year', 'to 27 Mar'],
  ['all', 'to 27 Mar'],
] as const)('a bar of a %s that is not over is %s', (span, words) =>
  expect(openBarText(span, at(3, 27, 13, 40), formatter)).toBe(words),
)

it('a bar that ends with the day is of that day', () =>
  expect(openBarText('year', at(3, 28), formatter)).toBe('to 27 Mar'))

it('at its first moment nothing can be compared yet, and it shows with what it will be', () => {
  const begins = { isSoFar: true, soFarUntilMs: at(3, 9), fromMs: at(3, 9) }
  const given = energy('day', [at(3, 9)], { ...begins, ...before(at(3, 8), at(3, 8)) })
  expect(comparison(comparable(given), formatter)).toBe('begins now; to be compared with Sun 8 Mar')
  const unknown = { house: null, solar: null, used: null, fromGrid: null, toGrid: null, unmetered: null }
  const ago = { fromMs: at(3, 8), untilMs: at(3, 8), house: column, sums: { ...sums, wattHours: unknown } }
  expect(comparison(comparable(energy('day', [at(3, 9)], { ...begins, before: ago })), formatter)).toBe(
    'begins now; to be compared with Sun 8 Mar',
  )
})
