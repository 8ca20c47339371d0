import { expect, it } from 'vitest'
import { energyQuestions, readDate } from '../../api/view-questions.ts'
import { misreadChoice, misreadDates, misreadInstants, readInstant } from './read-query.tsx'

const of = (key: string, value: string) => new URLSearchParams({ [key]: value })

it.each(['garbage', '2026-02-30', '2026-3-27', '0000-01-01', '9999-12-31', '2026-03-27T00:00', 'NaN', '20260327'])(
  'the day %s is not understood, which is reported, and today is asked for',
  (text) => {
    expect(readDate(of('date', text), 'date')).toBeUndefined()
    expect(misreadDates(of('date', text), 'date', 'until').map(({ key, found }) => [key, found])).toEqual([
      ['date', text],
    ])
    expect(energyQuestions(of('date', text)).energy).toBe('/api/v1/energy?span=month')
  },
)

it('a day is understood', () => {
  expect(readDate(of('date', '2024-02-29'), 'date')).toBe('2024-02-29')
  expect(misreadDates(of('date', '2024-02-29'), 'date')).toEqual([])
  expect(misreadDates(of('date', ''), 'date')).toEqual([])
})

it.each(['2020', '2020…', 'garbage', '1585330800000', '9999-01-01T00:00Z'])('the time %s is not understood', (text) => {
  expect(readInstant(of('from', text), 'from')).toBeUndefined()
  expect(misreadInstants(of('from', text), 'from')).toHaveLength(1)
})

it('a choice that there is not is named with those that there are', () => {
  expect(misreadChoice(of('by', 'x'), 'by', ['groups', 'circuits'])).toEqual([
    { key: 'by', found: 'x', expected: 'one of groups, circuits' },
  ])
  expect(misreadChoice(of('by', 'groups'), 'by', ['groups'])).toEqual([])
})
