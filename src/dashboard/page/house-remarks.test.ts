import { expect, it } from 'vitest'
import type { House } from '../api/answers.ts'
import { mainsExample } from './house-remarks.tsx'

const channelsOf = (...names: readonly string[]) =>
  names.map((location) => ({ id: location, device: 'd', location, role: 'circuit', labels: {} })) as House['channels']

it.each([
  [['Grid_1', 'Grid_2', 'Garage_1', 'Garage_2'], 'Grid_1, Grid_2'],
  [['Netz L1', 'Netz L2', 'Netz L3', 'Herd_1'], '"Netz L1", "Netz L2", "Netz L3"'],
  [['L1', 'L2', 'L3', 'Boiler_1'], 'L1, L2, L3'],
  [['House_1', 'House_2', 'Boiler'], 'House_1, House_2'],
  [['Boiler', 'Küche'], 'NAME, NAME'],
])('of %j the mains may be %s', (names, shown) =>
  expect(mainsExample({ channels: channelsOf(...names) })).toBe(`house: { mains: [${shown}] }`),
)
