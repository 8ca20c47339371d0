import { expect, it } from 'vitest'
import { houseOf, memoryStore, seriesOf } from '../../test/stored-house.ts'
import type { HouseSettings } from '../model/house-views.ts'

const NOW_MS = Date.parse('2026-03-27T17:40Z')
const IWATT5 = ['Mains_1', 'Mains_2', 'SolarA_1', 'SolarB_1', 'Dryer']
const series = [...IWATT5.map((name) => seriesOf(name)), seriesOf('Fridge', 'iwatt6'), seriesOf('Dryer', 'iwatt6')]

/** What the page is shown where the devices read so, the one 3 s ago, the other now. */
function shown(iwatt5: readonly (number | undefined)[] | undefined, iwatt6: readonly number[] | undefined, house = {}) {
  const expected = { fromMs: NOW_MS - 60_000, untilMs: NOW_MS }
  const { history } = houseOf({ store: memoryStore().store, series, expected, nowMs: NOW_MS, house })
  const reading = (names: readonly string[], watts: readonly (number | undefined)[], ageMs: number) => ({
    atMs: NOW_MS - ageMs,
    tookMs: 20,
    watts: new Map(names.map((name, index) => [name, watts[index]])),
  })
  return history.live({
    intervalMs: 5_000,
    devices: new Map([
      ...(iwatt5 ? [['iwatt5', reading(IWATT5, iwatt5, 3_000)] as const] : []),
      ...(iwatt6 ? [['iwatt6', reading(['Fridge', 'Dryer'], iwatt6, 0)] as const] : []),
    ]),
  })
}

it.each<[string, Partial<HouseSettings>, readonly number[]]>([
  ['ahead', { wiring: 'ahead' }, [895, 745, 2750, 2350, 1465]],
  ['behind', { wiring: 'behind' }, [-1730, -1730, 2750, 2350, 1465]],
])('the house by the plan of its minutes, %s', (_, house, watts) => {
  const live = shown(watts, [100, 0], house)
  expect(live.watts).toEqual({ house: 1640, solar: 5100, used: 1640, fromGrid: 0, toGrid: 3460, unmetered: 75 })
  expect(live).toMatchObject({ atMs: NOW_MS - 3_000, intervalMs: 5_000 })
  expect(live.devices[1]).toEqual({ name: 'iwatt6', atMs: NOW_MS, channels: { Fridge: 100, 'iwatt6/Dryer': 0 } })
  expect(live.devices[0]?.channels).toMatchObject({ 'iwatt5/Dryer': 1465, Mains_1: watts[0] })
})

it('without the device of the mains nothing of the house is known', () => {
  const live = shown(undefined, [100, 0])
  expect(Object.values(live.watts)).toEqual([null, null, null, null, null, null])
  expect(live.devices[0]).toEqual({
    name: 'iwatt5',
    channels: { Mains_1: null, Mains_2: null, SolarA_1: null, SolarB_1: null, 'iwatt5/Dryer': null },
  })
})

it('without a device of circuits, all but what is unmetered', () =>
  expect(shown([500, 500, 0, 0, 100], undefined).watts).toMatchObject({ house: 1000, fromGrid: 1000, unmetered: null }))

it('without one of two legs, no sum', () =>
  expect(shown([500, undefined, 0, 0, 100], [0, 0]).watts).toMatchObject({ house: null, solar: 0, fromGrid: null }))

it('without the number of a circuit, all but what is unmetered', () =>
  expect(shown([500, 500, 0, 0, undefined], [0, 0]).watts).toMatchObject({ house: 1000, unmetered: null }))

it('nobody has answered', () => expect(shown(undefined, undefined)).not.toHaveProperty('atMs'))
