import * as z from 'zod'
import {
  choice,
  column,
  flag,
  houseColumns,
  houseNumbers,
  houseWattHours,
  integer,
  integers,
  ms,
  runs,
  step,
  text,
  wattHours,
  window,
  type Read,
} from './values.ts'

export const colour = choice(['orange', 'violet', 'green', 'blue', 'plum', 'brown', 'grey']).meta({ id: 'HouseColour' })

export const houseChannel = z
  .object({
    id: text.describe('The location, or `device/location` where two devices have one of that name.'),
    name: text.describe('What it is called where it is shown; left out: its id.').exactOptional(),
    device: text,
    location: text,
    role: z.enum(['mains', 'solar', 'circuit']),
    group: text.describe('Of a circuit.').exactOptional(),
    colour: colour.describe('Left out: a tint of that of its group.').exactOptional(),
    labels: z.record(text, text),
  })
  .meta({ id: 'HouseChannel' })
export type HouseChannel = Read<typeof houseChannel>

export const house = z
  .object({
    timezone: text,
    wiring: z.enum(['ahead', 'behind']),
    isConfigured: flag.describe('False where the configuration has no house: the roles are those of the labels.'),
    hasMains: flag.describe('Without mains, house, grid and unmetered are null.'),
    hasSolar: flag.describe('Without solar, solar is 0, and nothing comes from it.'),
    reversedSolar: z
      .array(text)
      .describe(
        'Solar channels that were below zero whenever they were not idle in the last 7 days: their sensor may be the wrong way round. Left out where there are none.',
      )
      .exactOptional(),
    channels: z.array(houseChannel).describe('Channels in watts, in the order of the configuration.'),
    groups: z
      .array(
        z.object({
          name: text,
          colour: colour.describe('Left out: by its place in the list.').exactOptional(),
          channels: z.array(text),
        }),
      )
      .describe('In the order of the configuration; the remaining circuits come last, under Other.'),
    legs: z
      .array(z.object({ name: text, channels: z.array(text) }))
      .describe(
        'Circuits of a group that are, by their names, the legs of one appliance: `Garage_1` and `Garage_2` of `Garage`. Left out where there are none.',
      )
      .exactOptional(),
    labelNames: z.array(text).describe('Labels of circuits by which consumers can be grouped.'),
  })
  .meta({ id: 'House' })
export type House = Read<typeof house>

export const timeline = z
  .object({
    ...window,
    lanes: z.array(z.object({ device: text, runs, missingMinutes: integer, missingFromMs: ms.exactOptional() })),
  })
  .meta({ id: 'Tape' })
export type Timeline = Read<typeof timeline>

export const now = z
  .object({
    atMs: ms
      .describe(
        'The newest minute that every device has; where a device is late, the newest minute of the others. Left out where nothing is stored.',
      )
      .exactOptional(),
    watts: houseNumbers,
    channels: z.record(text, integer.nullable()).describe('Watts of the minute by channel.'),
    hour: z
      .object({ fromMs: ms, stepMs: integer, channels: z.record(text, column), unmetered: column })
      .describe('The 60 minutes that end with the newest, one column per channel.'),
    today: z.object({
      fromMs: ms.describe('The local midnight.'),
      untilMs: ms.describe('The end of the columns.'),
      dayUntilMs: ms.describe('The next local midnight.'),
      stepMs: integer,
      house: column,
      solar: column,
      circuits: column.describe('All circuits together, of a house without mains.').exactOptional(),
      circuitsWattHours: wattHours.describe('All circuits together, of a house without mains.').exactOptional(),
      wattHours: houseWattHours,
      missingMinutes: integer,
    }),
  })
  .meta({ id: 'Now' })
export type Now = Read<typeof now>

export const liveEvent = z
  .object({
    intervalMs: integer.describe('How often the devices are asked.'),
    atMs: ms.describe('When the oldest of the readings was taken; left out where there is none.').exactOptional(),
    watts: houseNumbers.describe('Computed from the readings as those of `/api/v1/now` are from a minute.'),
    devices: z.array(
      z.object({
        name: text,
        atMs: ms.describe('When it was read; left out where that is longer ago than two intervals.').exactOptional(),
        channels: z
          .record(text, integer.nullable())
          .describe('Watts by channel; null where the device has none, or has not answered.'),
      }),
    ),
  })
  .meta({ id: 'Live' })
export type Live = Read<typeof liveEvent>

export const power = z
  .object({
    fromMs: ms.describe('The start of the first point; at or before what was asked.'),
    untilMs: ms,
    step,
    stepMs: integer.describe('Left out where there is `startsMs`.').exactOptional(),
    startsMs: z.array(ms).describe('With 6h and day: the points start at local times.').exactOptional(),
    house: houseColumns,
    bands: z
      .object({ houseMin: column, houseMax: column, solarMin: column, solarMax: column })
      .describe('The lowest and the highest minute of each point; left out where a point is a minute.')
      .exactOptional(),
    channels: z.record(text, column),
    missing: z
      .record(text, integers)
      .describe('By device, the minutes missing from each point; left out where none is missing.')
      .exactOptional(),
  })
  .meta({ id: 'Power' })
export type Power = Read<typeof power>
