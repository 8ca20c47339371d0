import { expect, test } from 'vitest'
import type { LabelRule } from '../model/channel.ts'
import { DEFAULT_LABEL_RULES } from './default-rules.ts'
import { labelsFor } from './labels-for.ts'

const addedTo = (location: string, rules: readonly LabelRule[] = DEFAULT_LABEL_RULES) => {
  const {
    __name__,
    location: where,
    source,
    device,
    ...added
  } = labelsFor({ metric: 'power', location }, { device: 'd', rules })
  expect([__name__, where, source, device]).toEqual(['power', location, 'iotawatt', 'd'])
  return added
}

const circuit = { type: 'Circuit' }
const hvac = { type: 'Circuit', hvac: 'True' }
const minisplit = { type: 'Circuit', hvac: 'True', minisplit: 'True' }
const trunk = (pair: string) => ({ type: 'Trunk', pair })
const solar = (pair: string) => ({ type: 'Trunk', pair, solar: 'Both' })

test.each([
  ['Mains_1', trunk('Mains')],
  ['Mains_2', trunk('Mains')],
  ['SolarA_1', solar('SolarA')],
  ['SolarA_2', solar('SolarA')],
  ['SolarB_1', solar('SolarB')],
  ['SolarB_2', solar('SolarB')],
  ['Garage_1', trunk('Garage')],
  ['Garage_2', trunk('Garage')],
  ['MinisplitGreatAndBlue', minisplit],
  ['MinisplitBedAndStudio', minisplit],
  ['EastWall', circuit],
  ['BathroomHeat', hvac],
  ['OfficeHeat', hvac],
  ['Dryer', circuit],
  ['Office', circuit],
  ['Furnace', hvac],
  ['OGMaker', circuit],
  ['LaundryFoyerMaker', circuit],
  ['GreatroomSouthTV', circuit],
  ['Datacenter', circuit],
  ['BlueAndBreeze', circuit],
  ['StudioA', circuit],
  ['Freezers', circuit],
  ['Bedroom', circuit],
  ['StudioASouth', circuit],
  ['Dishwasher', circuit],
  ['Washer', circuit],
  ['Fridge', circuit],
])('%s of the original system has its labels', (location, added) => expect(addedTo(location)).toEqual(added))

test.each([
  ['MinisplitHeat', minisplit],
  ['MainsHeat', { ...trunk('Mains'), hvac: 'True' }],
  ['SolarC_1', circuit],
  ['mains_1', circuit],
  ['OldMains_1', circuit],
  ['Furnace2', circuit],
  ['Heater', circuit],
  ['Mains', trunk('Mains')],
])('%s, which no or more than one row of the table fits', (location, added) => expect(addedTo(location)).toEqual(added))

test('a series of the first version is continued label for label', () => {
  expect(labelsFor({ metric: 'power', location: 'Mains_1' }, { device: 'iwatt5', rules: DEFAULT_LABEL_RULES })).toEqual(
    {
      __name__: 'power',
      location: 'Mains_1',
      source: 'iotawatt',
      device: 'iwatt5',
      pair: 'Mains',
      type: 'Trunk',
    },
  )
})

test.each([
  ['*', 'EV charger', true],
  ['EV*', 'EV charger', true],
  ['EV', 'EV charger', false],
  ['EV?charger', 'EV charger', true],
  ['EV?', 'EV', false],
  ['ev*', 'EV', false],
  ['a.c', 'abc', false],
  ['(a|b)+[c]^$', '(a|b)+[c]^$', true],
  ['a\\b', 'a\\b', true],
  ['*', 'two\nlines', true],
  ['Küche?', 'Küche🔥', true],
  ['/heat/', 'BathroomHeat', false],
  ['/heat/i', 'BathroomHeat', true],
  ['/^(Mains|Garage)_[12]$/', 'Garage_2', true],
  ['/^(Mains|Garage)_[12]$/', 'Garage_3', false],
  ['/', '/', true],
])('the pattern %j on %j: %s', (match, location, matches) =>
  expect(addedTo(location, [{ match, set: { hit: 'yes' } }])).toEqual(matches ? { hit: 'yes' } : {}),
)

test('all matching rules apply, and a later one wins', () => {
  const rules = [
    { match: '*', set: { type: 'Circuit', floor: '1' } },
    { match: 'EV', set: { type: 'Car' } },
  ]
  expect(addedTo('EV', rules)).toEqual({ type: 'Car', floor: '1' })
})

test('channels are known by their location and keep their metric, and no rule changes who they are', () => {
  const rules = [{ match: 'Dryer', set: { device: 'x', location: 'x', __name__: 'x', hit: 'yes' } }]
  expect(labelsFor({ metric: 'voltage', location: 'Dryer' }, { device: 'd', rules })).toEqual({
    __name__: 'voltage',
    location: 'Dryer',
    source: 'iotawatt',
    device: 'd',
    hit: 'yes',
  })
})

test('the labels of a device are on each of its series, whatever the rules say', () => {
  const rules = [{ match: '*', set: { site: 'by rule', type: 'Circuit' } }]
  const labels = { site: 'north', tenant: 't1', device: 'other', location: 'other' }
  expect(labelsFor({ metric: 'power', location: 'Dryer' }, { device: 'd', rules, labels })).toEqual({
    __name__: 'power',
    source: 'iotawatt',
    device: 'd',
    location: 'Dryer',
    type: 'Circuit',
    site: 'north',
    tenant: 't1',
  })
})
