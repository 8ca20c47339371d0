import { expect, it } from 'vitest'
import { houseTime } from '../text/house-time.ts'
import { axisLabels, axisMarks, dayHours, niceTop, powerUnit, signedMarks, timeMarks } from './axes.ts'

const time = houseTime('America/New_York')
const utc = (text: string) => Date.parse(`${text}Z`)
const texts = (from: string, until: string, count: number) =>
  timeMarks({ fromMs: utc(from), untilMs: utc(until) }, time, count).map(({ text }) => text)

it.each([
  [5300, 6000],
  [6000, 6000],
  [6100, 8000],
  [10_600, 12_000],
  [7400, 8000],
  [4100, 5000],
  [950, 1000],
  [0, 1],
  [11, 12],
])('an axis up to %i tops at %i', (max, top) => expect(niceTop(max)).toBe(top))

it.each([
  [0, 6000, 3, [0, 2000, 4000, 6000]],
  [-25, 95, 5, [-25, 0, 25, 50, 75]],
  [0, 1, 4, [0, 0.25, 0.5, 0.75, 1]],
] as const)('from %i to %i in %i', (min, max, steps, marks) => expect(axisMarks(min, max, steps)).toEqual(marks))

it.each([
  [-4300, 5200, [-4000, 0, 4000]],
  [-200, 3100, [0, 2000]],
  [-200, 500, [0, 400]],
  [-5200, 600, [-4000, 0]],
] as const)('the same mark on both sides of 0, from %i to %i', (min, max, marks) =>
  expect(signedMarks(min, max)).toEqual(marks),
)

it.each([
  [
    'a day',
    '2026-03-26T17:40',
    '2026-03-27T17:40',
    8,
    ['15:00', '18:00', '21:00', 'Fri 27', '03:00', '06:00', '09:00', '12:00'],
  ],
  [
    'the night of the missing hour',
    '2026-03-08T05:40',
    '2026-03-08T08:10',
    8,
    ['01:00', '01:30', '03:00', '03:30', '04:00'],
  ],
  ['a month', '2026-03-01T05:00', '2026-03-27T17:40', 5, ['2 Mar', '9 Mar', '16 Mar', '23 Mar']],
  ['a year', '2025-04-01T04:00', '2026-03-27T17:40', 5, ['Apr', 'Jul', 'Oct', '2026']],
])('marks of %s', (_, from, until, count, expected) => expect(texts(from, until, count)).toEqual(expected))

it('the hours of a day of 23', () => {
  const marks = dayHours({ fromMs: utc('2026-03-08T05:00'), untilMs: utc('2026-03-09T04:00') }, time, 6)
  expect(marks.map(({ text }) => text)).toEqual(['00:00', '06:00', '12:00', '18:00', '24:00'])
})

it.each([
  [200, ['0', '50', '100', '150', '200 W']],
  [100, ['0', '25', '50', '75', '100 W']],
  [1000, ['0', '0.25', '0.5', '0.75', '1 kW']],
  [4000, ['0', '1', '2', '3', '4 kW']],
  [6000, ['0', '2', '4', '6 kW']],
])('the marks of an axis up to %i W are told apart', (top, words) => {
  const labels = axisLabels(axisMarks(0, top, 4), powerUnit(top))
  expect(new Set(labels).size).toBe(labels.length)
  expect(labels.map((label) => label.replace(/(\d)\.(\d*?)0+(?= |$)/, '$1.$2').replace(/\.(?= |$)/, ''))).toEqual(words)
})
