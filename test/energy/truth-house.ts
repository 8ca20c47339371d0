import { DEFAULT_LABEL_RULES } from '../../src/labels/default-rules.ts'
import { labelsFor } from '../../src/labels/labels-for.ts'
import type { HouseSettings } from '../../src/model/house-views.ts'
import type { Labels, SeriesSamples } from '../../src/model/series.ts'
import { MINUTE_MS, type TimeWindow } from '../../src/model/time-window.ts'
import { createSimulatedDevice } from '../doubles/simulated-device.ts'
import { generateHouse } from '../../src/simulator/generate-house.ts'
import { TWO_UNITS } from '../../src/simulator/two-unit-house.ts'
import { minutesOf } from '../small-house.ts'

const at = (text: string) => Date.parse(text)
const window = (from: string, until: string): TimeWindow => ({ fromMs: at(from), untilMs: at(until) })

export const LONG = process.env['LONG'] === '1'

/** The days that the devices have measured; of 2026 the one of 23 hours and the one of 25. */
export const MEASURED: readonly TimeWindow[] = [
  ...(LONG ? [window('2025-11-01T00:00-04:00', '2025-11-03T00:00-05:00')] : []),
  window('2026-02-01T00:00-05:00', '2026-02-03T00:00-05:00'),
  window('2026-02-08T00:00-05:00', '2026-02-10T00:00-05:00'),
  window('2026-03-01T00:00-05:00', '2026-03-02T00:00-05:00'),
  window('2026-03-07T00:00-05:00', '2026-03-09T13:40-04:00'),
  window('2026-10-01T00:00-04:00', '2026-10-03T00:00-04:00'),
  window('2026-10-30T00:00-04:00', '2026-11-02T13:40-05:00'),
]
export const EXPECTED = { fromMs: MEASURED[0]?.fromMs ?? NaN, untilMs: MEASURED.at(-1)?.untilMs ?? NaN }
export const UNMEASURED = MEASURED.slice(1).map(({ fromMs }, index) => ({
  fromMs: MEASURED[index]?.untilMs ?? NaN,
  untilMs: fromMs,
}))

/** Minutes that a channel had and that are missing in the store: in circuits alone, in two devices at once, in the mains. */
const GAPS: readonly (readonly [location: string, window: TimeWindow])[] = [
  ['Dryer', window('2026-03-07T15:01Z', '2026-03-07T15:06Z')],
  ['Dryer', window('2026-03-08T17:10Z', '2026-03-08T17:22Z')],
  ['Office', window('2026-03-08T17:18Z', '2026-03-08T17:26Z')],
  ['Mains_1', window('2026-03-08T20:00Z', '2026-03-08T20:07Z')],
  ['Grid', window('2026-03-08T20:00Z', '2026-03-08T20:07Z')],
  ['Fridge', window('2026-10-30T15:00Z', '2026-10-30T15:11Z')],
  ['Dryer', window('2026-11-01T06:10Z', '2026-11-01T06:15Z')],
  ['SolarA_1', window('2026-11-01T15:00Z', '2026-11-01T15:09Z')],
  ['Mains_2', window('2026-11-02T12:20Z', '2026-11-02T12:23Z')],
]
/** Where an earlier program has written: each run began 5 s after the last sample, so that its minute is there twice. */
const FIRST_VERSION = [
  window('2026-03-07T12:00Z', '2026-03-07T18:00Z'),
  window('2026-11-01T04:30Z', '2026-11-01T08:00Z'),
]
const RUN_MS = 5 * MINUTE_MS

const CHANNELS = {
  iwatt5: ['Mains_1', 'Mains_2', 'SolarA_1', 'SolarB_1', 'Dryer', 'MinisplitGreatAndBlue'],
  iwatt6: ['Office', 'Furnace', 'Fridge'],
} as const
/** What an inverter draws. */
const STANDBY_WATTS = 3

export const AHEAD: Partial<HouseSettings> = {
  wiring: 'ahead',
  groups: [
    { name: 'Heating', select: { hvac: 'True' } },
    { name: 'Laundry', select: ['Dryer', 'Washer'] },
  ],
}
/** The same house behind one meter that counts both ways. */
export const BEHIND: Partial<HouseSettings> = { ...AHEAD, wiring: 'behind', mains: ['Grid'] }
export const GROUP_OF: Readonly<Record<string, string>> = {
  Dryer: 'Laundry',
  MinisplitGreatAndBlue: 'Heating',
  Furnace: 'Heating',
  Office: 'Other',
  Fridge: 'Other',
}

const labelsOf = (location: string, device: string): Labels =>
  labelsFor({ metric: 'power', location }, { device, rules: DEFAULT_LABEL_RULES })

export const SERIES: readonly Labels[] = [
  ...Object.entries(CHANNELS).flatMap(([device, names]) => names.map((name) => labelsOf(name, device))),
  labelsOf('Grid', 'iwatt5'),
]

/** What a store holds of the generated house. */
export function storedSamples(): SeriesSamples[] {
  const units = TWO_UNITS.map((unit) => ({
    ...unit,
    channels: unit.channels.filter(({ name, type }) => type === 'VT' || namesOf(unit.name).includes(name)),
  }))
  const house = generateHouse({ fromMs: EXPECTED.fromMs, units })
  const minutes = new Map<string, Map<number, number>>()
  for (const [device, source] of house) {
    const simulated = createSimulatedDevice({ source, clock: { nowMs: () => EXPECTED.untilMs + MINUTE_MS } })
    for (const span of MEASURED)
      for (const [name, found] of minutesOf(simulated, namesOf(device), span))
        minutes.set(name, new Map([...(minutes.get(name) ?? []), ...found]))
  }
  for (const name of ['SolarA_1', 'SolarB_1'])
    for (const [atMs, watts] of minutes.get(name) ?? []) minutes.get(name)?.set(atMs, watts - STANDBY_WATTS)
  minutes.set('Grid', gridOf(minutes))
  return SERIES.map((labels) => {
    const name = labels['location'] ?? ''
    const samples = [...(minutes.get(name) ?? [])].sort(([a], [b]) => a - b).flatMap(asStored(name))
    return { labels, timestampsMs: samples.map(([atMs]) => atMs), values: samples.map(([, watts]) => watts) }
  })
}

function namesOf(device: string): readonly string[] {
  return device === 'iwatt5' ? CHANNELS.iwatt5 : CHANNELS.iwatt6
}

function gridOf(minutes: ReadonlyMap<string, ReadonlyMap<number, number>>): Map<number, number> {
  const of = (name: string, atMs: number) => minutes.get(name)?.get(atMs) ?? NaN
  return new Map(
    [...(minutes.get('Mains_1')?.keys() ?? [])].map((atMs) => {
      const sun = Math.max(0, of('SolarA_1', atMs) + of('SolarB_1', atMs))
      return [atMs, Math.round((of('Mains_1', atMs) + of('Mains_2', atMs) - sun) * 100) / 100]
    }),
  )
}

const isIn = (atMs: number, { fromMs, untilMs }: TimeWindow) => atMs >= fromMs && atMs < untilMs

function asStored(name: string) {
  const isOfFirstDevice = !namesOf('iwatt6').includes(name)
  return ([atMs, watts]: readonly [number, number]): (readonly [number, number])[] => {
    if (GAPS.some(([location, gap]) => location === name && isIn(atMs, gap))) return []
    const isDuplicate = isOfFirstDevice && atMs % RUN_MS === 0 && FIRST_VERSION.some((span) => isIn(atMs, span))
    const late = Math.round(watts * 130 + 700) / 100
    return isDuplicate
      ? [
          [atMs, watts],
          [atMs + 5_000, late],
        ]
      : [[atMs, watts]]
  }
}
