import { expect, it } from 'vitest'
import { HOUSE, houseOf, memoryStore, seriesOf } from '../../test/stored-house.ts'
import { HOUR_MS, MINUTE_MS } from '../model/time-window.ts'
import type { HouseSettings } from '../model/house-views.ts'

const { signal } = new AbortController()
const series = ['Mains_1', 'Mains_2', 'SolarA_1', 'Dryer', 'Furnace'].map((name) => seriesOf(name))
const expected = { fromMs: Date.parse('2026-03-18T04:00Z'), untilMs: Date.parse('2026-03-27T17:40Z') }
const wattsAt = (index: number) => (atMs: number) => 50 * (index + 1) + ((atMs / MINUTE_MS) % (7 * index + 11)) * 9

function home(house: Partial<HouseSettings>) {
  const memory = memoryStore()
  series.forEach((labels, index) => memory.put(labels, expected, wattsAt(index)))
  const { history } = houseOf({ store: memory.store, series, expected, nowMs: expected.untilMs + MINUTE_MS, house })
  return { history, memory }
}

it.each<[string, Partial<HouseSettings>]>([
  ['the same settings', {}],
  ['solar behind the sensors', { wiring: 'behind' }],
  ['other mains, and no solar', { mains: ['Mains_1'], solar: [] }],
  ['no mains', { mains: [] }],
  ['a zone of other quarters of an hour', { timezone: 'Asia/Kathmandu' }],
  ['a zone on the other side of the date line', { timezone: 'Pacific/Auckland' }],
])('with %s it shows what Now would show', async (_, settings) => {
  const { history, memory } = home({})
  const before = await history.now(signal)
  const reads = memory.readCount()
  const { now, house } = await history.preview({ ...HOUSE, ...settings }, signal)
  const would = home(settings).history
  expect(now).toEqual(await would.now(signal))
  expect(house).toEqual(await would.house(signal))
  // A day more where the zone's begins earlier.
  expect(memory.readCount() - reads).toBeLessThanOrEqual(1)
  expect(await history.now(signal)).toEqual(before)
})

it('names and colours change what is shown, and no figure', async () => {
  const { history } = home({})
  const names = { Dryer: 'Tumble dryer', constructor: 'x' }
  const { house, now } = await history.preview({ ...HOUSE, names, colours: { Dryer: 'blue', Heating: 'plum' } }, signal)
  const dryer = house.channels.find(({ id }) => id === 'Dryer')
  expect(dryer).toMatchObject({ location: 'Dryer', name: 'Tumble dryer', colour: 'blue' })
  expect(house.channels.filter(({ name, colour }) => name ?? colour)).toEqual([dryer])
  expect(house.groups.map(({ name, colour }) => [name, colour])).toEqual([
    ['Heating', 'plum'],
    ['Other', undefined],
  ])
  expect(now).toEqual(await history.now(signal))
})

it('the last week is the means of its hours, as they are stored', async () => {
  const { history, memory } = home({})
  const last = Math.floor(expected.untilMs / HOUR_MS) * HOUR_MS
  const mean = (index: number) => {
    const minutes = Array.from({ length: 60 }, (_, minute) => wattsAt(index)(last - HOUR_MS + minute * MINUTE_MS))
    return minutes.reduce((sum, watts) => sum + watts, 0) / 60
  }
  const week = await history.lastWeek(signal)
  expect([...week.keys()].toSorted()).toEqual(['Dryer', 'Furnace', 'Mains_1', 'Mains_2', 'SolarA_1'])
  expect(week.get('Dryer')).toHaveLength(7 * 24)
  expect(week.get('Dryer')?.at(-1)).toBeCloseTo(mean(3), 1)
  // The first days are added up in the background.
  expect(week.get('Dryer')?.[0]).toBeNull()
  expect(memory.readCount()).toBeLessThanOrEqual(3)
})
