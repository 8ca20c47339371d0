import { expect, test } from 'vitest'
import { type HouseProposal, type ProposalChannel, proposeHouse } from './propose-house.ts'

const DAYS = 7
const ALL_HOURS = [...Array(DAYS * 24).keys()]

type Watts = (hour: number) => number

/** The same numbers from 0 to 1 for the same seed: hour by hour. */
function noise(seed: number): Watts {
  return (hour) => {
    const value = Math.sin(seed * 127.1 + hour * 311.7) * 43_758.5453
    return value - Math.floor(value)
  }
}

/** On for an hour now and then, else at rest. */
const runs = (seed: number, watts: number, share = 0.15): Watts => {
  const now = noise(seed)
  return (hour) => (now(hour) < share ? watts * (0.5 + now(hour + 5_000)) : 5)
}
const steady =
  (watts: number): Watts =>
  (hour) =>
    watts * (1 + 0.1 * noise(watts)(hour))
/** Noon is at that hour of UTC; some days are dull. */
const sun = (watts: number, noon = 12): Watts => {
  return (hour) => {
    const height = Math.cos(((hour - noon) / 12) * Math.PI)
    return height > 0 ? watts * height * (0.3 + 0.7 * noise(noon)(Math.floor((hour - noon + 12) / 24))) - 4 : -4
  }
}
const sum =
  (...parts: readonly Watts[]): Watts =>
  (hour) =>
    parts.reduce((total, part) => total + part(hour), 0)
const times =
  (factor: number, part: Watts): Watts =>
  (hour) =>
    factor * part(hour)

function measured(channels: Readonly<Record<string, Watts>>): ProposalChannel[] {
  return Object.entries(channels).map(([location, watts]) => ({ location, kind: 'input', hours: ALL_HOURS.map(watts) }))
}
const named = (...names: readonly string[]): ProposalChannel[] => names.map((location) => ({ location, kind: 'input' }))
const output = (location: string): ProposalChannel => ({ location, kind: 'output' })

const oven = runs(1, 2_400)
const dryer = runs(2, 3_000, 0.1)
const kettle = runs(3, 900, 0.3)
const fridge = steady(90)
const unmetered = sum(runs(4, 300, 0.4), steady(120))

/** What a proposal says, short. */
function found({ mains, solar, wiring, groups }: HouseProposal): object {
  return {
    mains: mains?.locations,
    solar: solar?.locations,
    wiring: wiring?.value,
    groups: Object.fromEntries(groups.map(({ name, locations }) => [name, locations])),
  }
}
const nothing = { mains: undefined, solar: undefined, wiring: undefined, groups: {} }

test.each<[string, readonly ProposalChannel[], Partial<ReturnType<typeof found>>]>([
  [
    'a split-phase house of the United States',
    named('Mains_1', 'Mains_2', 'SolarA_1', 'SolarA_2', 'SolarB_1', 'SolarB_2', 'Garage_1', 'Garage_2', 'Kitchen'),
    {
      mains: ['Mains_1', 'Mains_2'],
      solar: ['SolarA_1', 'SolarA_2', 'SolarB_1', 'SolarB_2'],
      groups: { Garage: ['Garage_1', 'Garage_2'] },
    },
  ],
  [
    'a three-phase house of Europe',
    named('Netz L1', 'Netz L2', 'Netz L3', 'PV', 'Wärmepumpe L1', 'Wärmepumpe L2', 'Wärmepumpe L3', 'Herd'),
    {
      mains: ['Netz L1', 'Netz L2', 'Netz L3'],
      solar: ['PV'],
      wiring: 'behind',
      groups: { 'Heating and cooling': ['Wärmepumpe L1', 'Wärmepumpe L2', 'Wärmepumpe L3'] },
    },
  ],
  ['a house with an inverter of batteries', named('Mains', 'AC_In', 'AC_Out'), { mains: ['Mains'] }],
  [
    'a house whose air conditioning has inverters',
    named('Mains', 'Inverter AC bedroom', 'Inverter AC hall'),
    { mains: ['Mains'], groups: { 'Heating and cooling': ['Inverter AC bedroom', 'Inverter AC hall'] } },
  ],
  [
    'a house in Kathmandu',
    named('grid_left', 'grid_right', 'pv_east', 'pv_west', 'kitchen', 'water pump'),
    { mains: ['grid_left', 'grid_right'], solar: ['pv_east', 'pv_west'], wiring: 'behind' },
  ],
  [
    'a house in France',
    named('Réseau', 'Solaire', 'Pompe à chaleur', 'Climatisation', 'Chauffe-eau', 'Four'),
    {
      mains: ['Réseau'],
      solar: ['Solaire'],
      wiring: 'behind',
      groups: { 'Heating and cooling': ['Pompe à chaleur', 'Climatisation'] },
    },
  ],
  [
    'a house in Italy',
    named('Rete L1', 'Rete L2', 'Rete L3', 'Fotovoltaico', 'Pompa di calore', 'Condizionatore', 'Acqua calda'),
    {
      mains: ['Rete L1', 'Rete L2', 'Rete L3'],
      solar: ['Fotovoltaico'],
      wiring: 'behind',
      groups: { 'Heating and cooling': ['Pompa di calore', 'Condizionatore'] },
    },
  ],
  [
    'a house in Spain',
    named('Acometida', 'Fotovoltaica', 'Calefacción', 'Aire acondicionado', 'Horno'),
    {
      mains: ['Acometida'],
      solar: ['Fotovoltaica'],
      groups: { 'Heating and cooling': ['Calefacción', 'Aire acondicionado'] },
    },
  ],
  [
    'a house in the Netherlands',
    named('Hoofdaansluiting', 'Zonnepanelen', 'Warmtepomp', 'Vloerverwarming', 'Oven'),
    {
      mains: ['Hoofdaansluiting'],
      solar: ['Zonnepanelen'],
      groups: { 'Heating and cooling': ['Warmtepomp', 'Vloerverwarming'] },
    },
  ],
  [
    'without accents, and in capitals',
    named('HAUPTZAEHLER', 'RESEAU', 'WAERMEPUMPE', 'FUSSBODENHEIZUNG', 'PV_OST', 'PV_WEST'),
    { solar: ['PV_OST', 'PV_WEST'], groups: { 'Heating and cooling': ['WAERMEPUMPE', 'FUSSBODENHEIZUNG'] } },
  ],
  ['umlauts of two signs', named('Hauptza\u0308hler', 'Ofen'), { mains: ['Hauptza\u0308hler'] }],
  ['solar that heats water', named('Solarthermie', 'Solar', 'Solarpumpe'), { solar: ['Solar'] }],
  ['outputs only', [output('Import'), output('Export'), output('Ofen')], {}],
  ['one channel', named('Netz'), { mains: ['Netz'] }],
  ['one channel that says nothing', named('Input_1'), {}],
  ['eight lines', named(...[...Array(8).keys()].map((index) => `Line ${index + 1}`)), {}],
  ['fourteen that say nothing', named(...[...Array(14).keys()].map((index) => `Input_${index + 1}`)), {}],
  ['phases alone', named('L1', 'L2', 'L3', 'Sauna'), { mains: ['L1', 'L2', 'L3'] }],
  ['sides before the word', named('Left main', 'Right main', 'Oven'), { mains: ['Left main', 'Right main'] }],
  ['one main', named('Main panel', 'Oven'), { mains: ['Main panel'] }],
  [
    'legs by letters',
    named('MainA', 'MainB', 'PoolA', 'PoolB'),
    { mains: ['MainA', 'MainB'], groups: { Pool: ['PoolA', 'PoolB'] } },
  ],
  ['mains beside what may be the utility corner', named('Mains', 'Utility'), { mains: ['Mains'] }],
  ['a sum beside its legs', named('Mains', 'Mains_1', 'Mains_2'), { mains: ['Mains_1', 'Mains_2'] }],
  [
    'an output that sums inputs',
    [...named('Mains_1', 'Mains_2'), output('Mains'), output('Solar')],
    { mains: ['Mains_1', 'Mains_2'], solar: ['Solar'] },
  ],
  ['an output alone', [...named('Oven'), output('Mains')], { mains: ['Mains'] }],
  ['a solar sum beside its legs', named('PV', 'pv_1', 'pv_2'), { solar: ['pv_1', 'pv_2'] }],
  [
    'a solar sum beside six strings',
    named('PV', ...[...Array(6).keys()].map((index) => `PV ${index + 1}`)),
    { solar: ['PV 1', 'PV 2', 'PV 3', 'PV 4', 'PV 5', 'PV 6'] },
  ],
  ['two names for the mains', named('Mains', 'Grid', 'Oven'), {}],
  ['the same mains on two devices', named('Mains_1', 'Mains_2', 'Mains_1', 'Mains_2'), {}],
  [
    'names that only begin so',
    named('Main bedroom', 'Grid light', 'Solar pump', 'Solar water heater', 'Service lift'),
    {},
  ],
  ['no mains and no solar', named('Office', 'Furnace', 'StudioA', 'StudioASouth', 'Bedroom 2'), {}],
  ['numbers that begin with 2', named('Bed 2', 'Bed 3'), {}],
])('by name: %s', (_, channels, expected) => {
  expect(found(proposeHouse(channels))).toEqual({ ...nothing, ...expected })
})

const load = sum(oven, dryer, kettle, fridge, unmetered)
const legs = (power: Watts) => ({
  Input_01: sum(times(0.5, power), times(0.5, dryer), times(0.4, unmetered)),
  Input_02: sum(times(0.5, power), times(-0.5, dryer), times(-0.4, unmetered)),
})
const heatedByNight: Watts = (hour) => 3_000 * Math.max(0, Math.cos(((hour - 5) / 12) * Math.PI)) + 5
const cooledByDay: Watts = (hour) => 1_500 * Math.max(0.1, Math.cos(((hour - 18) / 12) * Math.PI))
const circuits = { Input_03: oven, Input_04: dryer, Input_05: kettle, Input_06: fridge }
const mains = ['Input_01', 'Input_02']

test.each<[string, Readonly<Record<string, Watts>>, Partial<ReturnType<typeof found>>]>([
  ['two legs', { ...legs(load), ...circuits }, { mains }],
  ['one main', { In: load, ...circuits }, { mains: ['In'] }],
  [
    'three phases',
    {
      In_a: sum(oven, times(1 / 3, dryer), steady(130)),
      In_b: sum(kettle, times(1 / 3, dryer), runs(8, 500)),
      In_c: sum(fridge, times(1 / 3, dryer), steady(110)),
      ...circuits,
    },
    { mains: ['In_a', 'In_b', 'In_c'] },
  ],
  [
    'solar ahead',
    { ...legs(load), ...circuits, Input_07: sun(4_000, 17) },
    { mains, solar: ['Input_07'], wiring: 'ahead' },
  ],
  [
    'solar behind, that feeds the grid',
    { ...legs(sum(load, times(-1, sun(4_000, 5)))), ...circuits, Input_07: sun(4_000, 5) },
    { mains, solar: ['Input_07'], wiring: 'behind' },
  ],
  [
    'a little solar behind, the wrong way round, over midnight of UTC',
    { ...legs(sum(load, times(-1, sun(400, 22.5)))), ...circuits, Input_07: times(-1, sun(400, 22.5)) },
    { mains, solar: ['Input_07'], wiring: 'behind' },
  ],
  [
    'solar ahead, of a house that is heated by night',
    { ...legs(sum(load, heatedByNight)), ...circuits, Input_07: sun(4_000, 17), Input_08: heatedByNight },
    { mains, solar: ['Input_07'], wiring: 'ahead' },
  ],
  [
    'solar ahead, of a house that is cooled by day',
    { ...legs(sum(load, cooledByDay)), ...circuits, Input_07: sun(4_000, 17), Input_08: cooledByDay },
    { mains, solar: ['Input_07'], wiring: 'ahead' },
  ],
  [
    'a house most of which no circuit measures',
    { ...legs(sum(load, runs(9, 9_000, 0.3), runs(10, 9_000, 0.3))), ...circuits },
    {},
  ],
  ['no mains', circuits, {}],
  ['no mains, but solar', { ...circuits, Input_07: sun(3_000, 20) }, { solar: ['Input_07'] }],
  ['a pump on a timer', { ...circuits, Timer: (hour) => (hour % 24 > 8 && hour % 24 < 17 ? 700 : 0) }, {}],
  ['a load by its name, that follows the sun', { ...circuits, Pool: sun(900, 14) }, {}],
])('by the hours: %s', (_, channels, expected) => {
  const { groups: _groups, ...roles } = found(proposeHouse(measured(channels))) as Record<string, unknown>
  expect({ ...roles, groups: {} }).toEqual({ ...nothing, ...expected })
})

test('mains that two devices name alike are not told apart by their hours', () => {
  const channels = [...measured({ ...legs(load), ...circuits }), ...measured({ Input_01: fridge, Input_02: fridge })]
  expect(found(proposeHouse(channels))).toMatchObject({ mains: undefined })
})

test('hours show that a name means something else', () => {
  const channels = measured({ Utility: fridge, Oven: oven, Inverter: steady(300), Kettle: kettle })
  expect(found(proposeHouse(channels))).toEqual(nothing)
})

test('what rises with the mains when the sun shines is a load', () => {
  const cooling = sun(2_000, 13)
  const channels = measured({ Mains: sum(load, cooling), ...circuits, Shop: cooling })
  expect(found(proposeHouse(channels))).toMatchObject({ mains: ['Mains'], solar: undefined })
})

test('a day of which hours are missing is left out, and two days are too few for mains', () => {
  const channels = measured({ ...legs(load), ...circuits }).map((channel) => ({
    ...channel,
    hours: channel.hours?.map((watts, hour) => (hour > 40 ? null : watts)) ?? [],
  }))
  expect(found(proposeHouse(channels))).toMatchObject({ mains: undefined, solar: undefined })
})

test('a day without sun leaves what names say', () => {
  const channels = measured({ Netz: load, PV: () => -2, ...circuits, Input_07: () => 3 })
  const oneDay = channels.map((channel) => ({
    ...channel,
    hours: channel.hours?.map((watts, hour) => (hour < ALL_HOURS.length - 24 ? null : watts)) ?? [],
  }))
  expect(found(proposeHouse(oneDay))).toMatchObject({ mains: ['Netz'], solar: ['PV'], wiring: 'behind' })
})

test('what is known already decides the rest', () => {
  const channels = measured({ ...legs(sum(load, times(-1, sun(4_000)))), ...circuits, Input_07: sun(4_000) })
  expect(found(proposeHouse(channels, { mains: [], solar: [] }))).toMatchObject({ mains: [], wiring: undefined })
  expect(proposeHouse(channels, { mains, solar: ['Input_07'] }).wiring).toMatchObject({ value: 'behind' })
})
