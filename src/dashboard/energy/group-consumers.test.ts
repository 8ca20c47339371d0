import { expect, it } from 'vitest'
import type { Consumer, House } from '../api/answers.ts'
import { sumKnown } from '../chart/lines.tsx'
import { groupConsumers } from './group-consumers.ts'

const channel = (id: string, labels: Record<string, string>) => ({
  id,
  device: 'd',
  location: id,
  role: 'circuit' as const,
  labels,
})
const house: House = {
  timezone: 'UTC',
  wiring: 'ahead',
  isConfigured: true,
  hasMains: true,
  hasSolar: true,
  channels: [
    channel('Dryer', { type: 'Circuit' }),
    channel('Washer', { type: 'Circuit' }),
    channel('Fridge', { type: 'Cold', cools: 'True' }),
  ],
  groups: [
    { name: 'Cold', channels: ['Fridge'] },
    { name: 'Laundry', channels: ['Dryer', 'Washer'] },
  ],
  labelNames: ['type'],
}
const used = (id: string, wattHours: number | null): Consumer => ({
  id,
  wattHours,
  beforeWattHours: wattHours,
  hours: [wattHours],
})
const consumers = [used('Dryer', 4), used('Washer', 6), used('Fridge', 7), used('unmetered', 99)]

it.each([
  ['groups', ['Laundry 10: Washer 6, Dryer 4', 'Cold 7: Fridge 7', 'Unmetered 99: ']],
  ['circuits', ['Fridge 7: ', 'Washer 6: ', 'Dryer 4: ', 'Unmetered 99: ']],
  ['type', ['Circuit 10: Washer 6, Dryer 4', 'Cold 7: Fridge 7', 'Unmetered 99: ']],
  ['cools', ['without cools 10: Washer 6, Dryer 4', 'cools 7: Fridge 7', 'Unmetered 99: ']],
  ['pair', ['without pair 17: Fridge 7, Washer 6, Dryer 4', 'Unmetered 99: ']],
])('by %s', (by, expected) => {
  const words = groupConsumers(consumers, house, { by }).map(
    ({ name, wattHours, parts }) =>
      `${name} ${wattHours}: ${parts.map((part) => `${part.name} ${part.wattHours}`).join(', ')}`,
  )
  expect(words).toEqual(expected)
})

it('adds what is known', () => expect([sumKnown([1, null, 2]), sumKnown([null]), sumKnown([0])]).toEqual([3, null, 0]))
