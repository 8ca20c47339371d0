import { expect, it } from 'vitest'
import type { HouseSettings } from '../model/house-views.ts'
import { houseView, planHouse } from './house-plan.ts'

const SETTINGS: HouseSettings = {
  timezone: 'UTC',
  wiring: 'ahead',
  mains: ['Mains_1', 'Mains_2'],
  solar: [],
  groups: [
    { name: 'Heat pump', select: ['L1', 'L2', 'L3'] },
    { name: 'Garage', select: ['Garage_1', 'Garage_2', 'Door'] },
    { name: 'Cold', select: ['Freezer_1'] },
  ],
  names: { Oven_left: 'Stove left', Oven_right: 'Stove right', Pump_1: 'Pump', Pump_2: 'Boiler' },
  colours: {},
  isConfigured: true,
}

it('the legs of an appliance are found by their names, within a group', () => {
  const names =
    'Mains_1 Mains_2 L1 L2 L3 Garage_1 Door Garage_2 Freezer_1 Freezer_2 Oven_left Oven_right Pump_1 Pump_2 Office'.split(
      ' ',
    )
  const series = names.map((location) => ({ __name__: 'power', device: 'a', location }))
  expect(houseView(planHouse(SETTINGS, series)).legs).toEqual([
    { name: 'Heat pump', channels: ['L1', 'L2', 'L3'] },
    { name: 'Garage', channels: ['Garage_1', 'Garage_2'] },
    { name: 'Stove', channels: ['Oven_left', 'Oven_right'] },
  ])
})
