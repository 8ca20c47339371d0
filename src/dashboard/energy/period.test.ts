import { expect, it } from 'vitest'
import type { Energy, Span } from '../api/answers.ts'
import { HOUR_MS, houseTime } from '../text/house-time.ts'
import { publish } from '../text/time.ts'
import {
  barLabels,
  barSpan,
  barsPerDay,
  beforeName,
  comparable,
  comparison,
  houseBefore,
  openBarText,
  periodPerDay,
  spanTitle,
  stepDate,
} from './period.ts'

const time = houseTime('America/New_York')
const at = (month: number, day: number, hour = 0, minute = 0, year = 2026) =>
  time.instant({ year, month, day, hour, minute })
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

it.each([
  [energy('month', [at(3, 1)], before(at(2, 1), at(3, 1))), 'same day of February'],
  [energy('month', [at(3, 1)], before(at(3, 1, 0, 0, 2025), at(4, 1, 0, 0, 2025))), 'same day of March 2025'],
  [energy('year', [at(1, 1)], before(at(1, 1, 0, 0, 2025), at(1, 1))), 'same month of 2025'],
  [energy('day', [at(3, 9)], before(at(3, 8), at(3, 9))), 'same hour of the day before'],
  [energy('day', [at(3, 9)], before(at(3, 9, 0, 0, 2025), at(3, 10, 0, 0, 2025))), 'same hour of Sun 9 Mar 2025'],
])('says what the bars behind are: %#', (given, words) => expect(beforeName(given, formatter)).toBe(words))

const DAY = 1440
const soFar = { soFarUntilMs: at(3, 8, 12) }
it.each([
  ['28 and 31 days', [at(2, 1), at(3, 1)], [28 * DAY, 31 * DAY - 60], {}, [10, 10]],
  ['half of the minutes', [at(2, 1), at(3, 1)], [14 * DAY, 31 * DAY - 60], {}, [20, 10]],
  // Seven days and a half, of which one has no hour from 2 to 3.
  ['a month that is not over', [at(2, 1), at(3, 1)], [28 * DAY, 7.5 * DAY - 60], soFar, [10, 310 / 7.5]],
  ['a month ahead', [at(3, 1), at(4, 1)], [7.5 * DAY - 60, 0], { ...soFar, untilMs: at(5, 1) }, [280 / 7.5, null]],
] as const)('a day of a bar: %s', (_, startsMs, knownMinutes, more, expected) => {
  const house = { ...columns, house: [280, 310] }
  const found = barsPerDay(energy('year', startsMs, { house, knownMinutes, ...more }), true, formatter)
  expect(found?.map((each) => each && Math.round(each * 1e6))).toEqual(
    expected.map((each) => each && Math.round(each * 1e6)),
  )
})

it('a day of a period, beside one of fewer days', () => {
  const march = energy('month', [at(3, 1)], {
    sums: { ...sums, wattHours: { ...numbers, house: 310 } },
    knownMinutes: [31 * DAY - 60],
    before: {
      fromMs: at(2, 1),
      untilMs: at(3, 1),
      house: column,
      sums: { ...sums, wattHours: { ...numbers, house: 140 } },
    },
  })
  expect(periodPerDay(march, true, formatter)).toEqual({
    wattHours: 10,
    compared: { wattHours: 10, beforeWattHours: 5 },
  })
  expect(periodPerDay({ ...march, span: 'day' }, true, formatter)).toBeUndefined()
})

it('the time of a bar ends now', () => {
  const given = energy('month', [at(3, 7), at(3, 8), at(3, 9)], soFar)
  expect([0, 1, 2].map((index) => barSpan(given, index))).toEqual([
    { fromMs: at(3, 7), untilMs: at(3, 8) },
    { fromMs: at(3, 8), untilMs: at(3, 8, 12) },
    undefined,
  ])
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
