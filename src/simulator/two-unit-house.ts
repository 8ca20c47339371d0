import { printJson } from '../card/firmware-json.ts'
import { CHANNEL_COUNT } from '../card/log-record.ts'
import type { Load, LoadShape } from './house-load.ts'

/** A part of a load that a channel measures. */
export interface ChannelPart {
  readonly load: string
  readonly share: number
}

export interface HouseChannel {
  readonly name: string
  readonly type: 'VT' | 'CT'
  /** Measures power in both directions. */
  readonly signed?: boolean
  readonly parts: readonly ChannelPart[]
  /** It counts from then on; left out: since the unit was installed. */
  readonly sinceMs?: number
}

/** One device of a house; its channels lie on its inputs in this order. */
export interface HouseUnit {
  readonly name: string
  readonly channels: readonly HouseChannel[]
}

/** A circuit of the house: on the first leg of its supply, the second, or across both. */
type Circuit = Load & { readonly leg: 1 | 2 | 'both' }

const heater = { powerFactor: 1, idleWatts: 0 }
const motor = { powerFactor: 0.85, idleWatts: 4 }
const electronics = { powerFactor: 0.9, idleWatts: 6 }

const LARGE_CIRCUITS: readonly Circuit[] = [
  {
    name: 'Garage',
    leg: 'both',
    ...motor,
    idleWatts: 45,
    shape: runs(6800, 1.1, { hours: [20, 6], minutes: [40, 58] }),
  },
  { name: 'MinisplitGreatAndBlue', leg: 'both', ...motor, shape: { kind: 'climate', watts: 2600, cools: true } },
  { name: 'MinisplitBedAndStudio', leg: 'both', ...motor, shape: { kind: 'climate', watts: 1900, cools: true } },
  { name: 'EastWall', leg: 1, ...electronics, shape: { kind: 'steady', watts: 40 } },
  { name: 'BathroomHeat', leg: 2, ...heater, shape: runs(1450, 2, { hours: [5, 9], minutes: [8, 30] }) },
  { name: 'OfficeHeat', leg: 1, ...heater, shape: { kind: 'climate', watts: 1200, cools: false } },
  {
    name: 'Dryer',
    leg: 'both',
    ...heater,
    idleWatts: 1,
    shape: runs(4900, 0.7, { hours: [9, 21], minutes: [35, 55] }),
  },
]

const SMALL_CIRCUITS: readonly Circuit[] = [
  { name: 'Office', leg: 1, ...electronics, idleWatts: 60, shape: runs(140, 5, { hours: [8, 18], minutes: [30, 59] }) },
  { name: 'Furnace', leg: 2, ...motor, shape: { kind: 'climate', watts: 480, cools: false } },
  { name: 'OGMaker', leg: 1, ...electronics, shape: runs(900, 1, { hours: [7, 10], minutes: [4, 12] }) },
  { name: 'LaundryFoyerMaker', leg: 2, ...electronics, shape: runs(350, 1.5, { hours: [8, 22], minutes: [10, 40] }) },
  {
    name: 'GreatroomSouthTV',
    leg: 1,
    ...electronics,
    idleWatts: 12,
    shape: runs(160, 4, { hours: [17, 23], minutes: [30, 59] }),
  },
  { name: 'Datacenter', leg: 2, ...electronics, idleWatts: 210, shape: { kind: 'steady', watts: 60 } },
  { name: 'BlueAndBreeze', leg: 1, ...electronics, shape: runs(120, 3, { hours: [18, 24], minutes: [20, 55] }) },
  { name: 'StudioA', leg: 2, ...electronics, shape: runs(260, 2, { hours: [10, 20], minutes: [20, 55] }) },
  { name: 'Freezers', leg: 1, ...motor, shape: { kind: 'cycle', watts: 135, periodMinutes: 30, onMinutes: 11 } },
  { name: 'Bedroom', leg: 2, ...electronics, shape: runs(75, 3, { hours: [20, 24], minutes: [20, 55] }) },
  { name: 'StudioASouth', leg: 1, ...electronics, shape: runs(180, 1.5, { hours: [10, 20], minutes: [15, 50] }) },
  {
    name: 'Dishwasher',
    leg: 2,
    ...heater,
    idleWatts: 1,
    shape: runs(1250, 0.8, { hours: [19, 23], minutes: [30, 55] }),
  },
  { name: 'Washer', leg: 1, ...motor, idleWatts: 1, shape: runs(420, 0.7, { hours: [8, 20], minutes: [35, 55] }) },
  { name: 'Fridge', leg: 2, ...motor, shape: { kind: 'cycle', watts: 155, periodMinutes: 20, onMinutes: 8 } },
]

const UNMEASURED: readonly Circuit[] = [
  { name: 'Lights', leg: 1, ...electronics, idleWatts: 25, shape: { kind: 'steady', watts: 30 } },
  { name: 'Kitchen', leg: 2, ...heater, idleWatts: 8, shape: runs(1500, 4, { hours: [6, 21], minutes: [3, 25] }) },
]

const SOLAR: readonly Load[] = [
  { name: 'SolarA', powerFactor: 0.99, idleWatts: 0, shape: { kind: 'solar', watts: 6200 } },
  { name: 'SolarB', powerFactor: 0.99, idleWatts: 0, shape: { kind: 'solar', watts: 4100 } },
]

const LINE: Load = { name: 'Line', powerFactor: 1, idleWatts: 0, shape: { kind: 'line', volts: 120, hertz: 60 } }

const CIRCUITS: readonly Circuit[] = [...LARGE_CIRCUITS, ...SMALL_CIRCUITS, ...UNMEASURED]

/** All loads; their order is part of what a seed means. */
export const HOUSE_LOADS: readonly Load[] = [LINE, ...SOLAR, ...CIRCUITS]

const voltage: HouseChannel = { name: 'Voltage', type: 'VT', parts: [{ load: 'Line', share: 1 }] }

/** The two units of the original system: what comes in and is made on one, the small circuits on the other. */
export const TWO_UNITS: readonly HouseUnit[] = [
  {
    name: 'iwatt5',
    channels: [
      voltage,
      { name: 'Mains_1', type: 'CT', signed: true, parts: mainsParts(1) },
      { name: 'Mains_2', type: 'CT', signed: true, parts: mainsParts(2) },
      ...['SolarA', 'SolarB', 'Garage'].flatMap(halves),
      ...LARGE_CIRCUITS.filter(({ name }) => name !== 'Garage').map(channelOf),
    ],
  },
  { name: 'iwatt6', channels: [voltage, ...SMALL_CIRCUITS.map(channelOf)] },
]

function mainsParts(leg: 1 | 2): readonly ChannelPart[] {
  return CIRCUITS.filter((circuit) => circuit.leg === leg || circuit.leg === 'both').map((circuit) => ({
    load: circuit.name,
    share: circuit.leg === 'both' ? 0.5 : 1,
  }))
}

function halves(load: string): readonly HouseChannel[] {
  const parts = [{ load, share: 0.5 }]
  return [1, 2].map((leg) => ({ name: `${load}_${leg}`, type: 'CT', signed: true, parts }))
}

function channelOf({ name }: Load): HouseChannel {
  return { name, type: 'CT', parts: [{ load: name, share: 1 }] }
}

function runs(
  watts: number,
  runsADay: number,
  { hours, minutes }: { hours: readonly [number, number]; minutes: readonly [number, number] },
): LoadShape {
  return { kind: 'runs', watts, runsADay, fromHour: hours[0], untilHour: hours[1], minutes }
}

const US_DAYLIGHT_TIME = {
  adj: 60,
  utc: false,
  begin: { month: 3, weekday: 1, instance: 2, time: 120 },
  end: { month: 11, weekday: 1, instance: 1, time: 120 },
}

/** The `config.txt` of a unit. */
export function houseConfig(unit: HouseUnit): string {
  const inputs = Array.from({ length: CHANNEL_COUNT }, (_, channel) => inputConfig(channel, unit.channels[channel]))
  return printJson({
    format: 2,
    timezone: -5,
    update: 'NONE',
    dstrule: US_DAYLIGHT_TIME,
    device: { name: unit.name, version: 3, channels: String(CHANNEL_COUNT) },
    inputs,
    outputs: [],
  })
}

function inputConfig(channel: number, circuit: HouseChannel | undefined): unknown {
  if (circuit === undefined) return null
  const { name, type, signed } = circuit
  if (type === 'VT') return { channel, name, type, model: 'TDC DA-10-09', cal: 10.67, phase: 0.5 }
  return { channel, name, type, model: 'AccuCT50', phase: 0.1, cal: 50, vref: 0, ...(signed ? { signed } : {}) }
}
