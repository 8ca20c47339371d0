import { expect, it } from 'vitest'
import type { Power } from '../api/answers.ts'
import { newestPoint, silentSpans } from './silent-spans.tsx'

const MIN = 60_000
const channels = [
  { id: 'a', device: 'cellar', location: 'a', role: 'circuit', labels: {} },
  { id: 'b', device: 'attic', location: 'b', role: 'circuit', labels: {} },
] as const
const column = (length: number, isKnown: (index: number) => boolean) =>
  Array.from({ length }, (_, index) => (isKnown(index) ? 5 : null))
const nothing = column(60, () => false)

function powerOf(a: readonly (number | null)[], b: readonly (number | null)[], house = nothing): Power {
  const none = { solar: nothing, used: nothing, fromGrid: nothing, toGrid: nothing, unmetered: nothing }
  return { fromMs: 0, untilMs: 60 * MIN, step: 'minute', stepMs: MIN, house: { ...none, house }, channels: { a, b } }
}

it('names where a device has nothing of what others have', () => {
  const power = powerOf(
    column(60, (index) => index < 20 || index >= 35),
    column(60, (index) => index < 40),
  )
  expect(silentSpans(power, { channels })).toEqual([
    { device: 'cellar', fromMs: 20 * MIN, untilMs: 35 * MIN, isOpen: false },
    { device: 'attic', fromMs: 40 * MIN, untilMs: 60 * MIN, isOpen: true },
  ])
})

it('says nothing of a device that is a few minutes later than another, or of time that is still to come', () => {
  const power = powerOf(
    column(60, (index) => index < 30),
    column(60, (index) => index < 27),
  )
  expect(silentSpans(power, { channels })).toEqual([])
})

it.each([
  ['of the house', column(60, (index) => index < 50), 49],
  ['of anything where the house was known long ago', column(60, (index) => index < 20), 54],
  ['of anything where there is no house', nothing, 54],
])('the newest point is that %s', (_, house, at) => {
  expect(
    newestPoint(
      powerOf(
        column(60, (index) => index < 55),
        nothing,
        house,
      ),
    ),
  ).toBe(at)
})
