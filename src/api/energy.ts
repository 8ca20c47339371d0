import * as z from 'zod'
import {
  chosenSpan,
  date,
  fineColumn,
  fineHouseColumns,
  flag,
  houseWattHours,
  integer,
  integers,
  ms,
  ofHouse,
  text,
  wattHours,
  window,
  type Read,
} from './values.ts'

const missingFromSums = ofHouse(integer).meta({
  id: 'LackingMinutes',
  description:
    'By figure, the minutes that are missing from its sum and not known to be unmeasured: missing from the store, not loaded yet, or of a device that is more than 15 minutes behind. A figure carries ≥ only where its own count is above 0; a gap of a circuit takes nothing from house, solar and grid.',
})
const unmeasuredInSums = ofHouse(integer).meta({
  id: 'UnmeasuredMinutes',
  description: 'By figure, the minutes that its sum does not have because a device was off. Nobody has them.',
})

const compared = z
  .object({
    wattHours: z.number(),
    beforeWattHours: z.number(),
    hours: integer.exactOptional(),
    days: integer.exactOptional(),
  })
  .meta({
    id: 'Compared',
    description:
      'Watt-hours of the same time in both spans: of all of it, where at least 99 % of the minutes of each span is known; else of the hours (of a day) or days that both have, and of how many.',
  })
export type Compared = Read<typeof compared>
const comparedOrNot = compared
  .nullable()
  .meta({ id: 'ComparedOrNot', description: 'Null where both have no part in common.' })

const energySums = z
  .object({
    wattHours: houseWattHours,
    missingMinutes: integer.describe('Minutes missing from some device and not known to be unmeasured.'),
    lackingMinutes: missingFromSums,
    unmeasuredMinutes: unmeasuredInSums
      .describe('Left out where no device that a figure is made of was off.')
      .exactOptional(),
    circuits: wattHours.describe('Watt-hours of all circuits together.').exactOptional(),
    knownFromMs: ms
      .describe(
        'Where the history begins later than the span: its begin. Never with the span all, which is all that there is.',
      )
      .exactOptional(),
    isWhole: flag.describe(
      'False where anything is missing from any figure: minutes that are missing, not loaded yet or not measured, or the time before the history begins.',
    ),
    wholeFromMs: ms
      .describe('Where it is not complete because the history is still being loaded: complete since.')
      .exactOptional(),
  })
  .meta({ id: 'EnergySums' })
export type EnergySums = Read<typeof energySums>

export const energy = z
  .object({
    ...chosenSpan,
    untilMs: ms.describe('The end of the span, which may lie in the future.'),
    isSoFar: flag,
    soFarUntilMs: ms.describe('The end of what is counted where the span is not over.').exactOptional(),
    startsMs: z.array(ms).describe('The starts of all bars of the span, also of those in the future.'),
    house: fineHouseColumns.describe('Watt-hours by bar.'),
    circuits: fineColumn.describe('Watt-hours of all circuits together by bar.').exactOptional(),
    missing: integers.describe('The minutes missing from each bar; left out where none is missing.').exactOptional(),
    unmeasured: integers
      .describe(
        'The minutes of each bar in which a device was off that house, solar or grid are made of (without mains: any device); left out where there are none.',
      )
      .exactOptional(),
    knownMinutes: integers
      .describe('The minutes of the house (without mains: of the circuits) that each bar is the sum of.')
      .exactOptional(),
    sums: energySums,
    peak: z
      .object({
        atMs: ms.describe('The start of the minute.'),
        watts: integer,
        circuits: z
          .array(z.object({ id: text, watts: integer }))
          .describe('The circuits that used most in it, at most three, the greatest first.'),
      })
      .describe('The greatest minute of the house; left out where the house is not known.')
      .exactOptional(),
    baseLoad: z
      .object({ watts: z.number(), minutes: integer.describe('Of how many minutes.') })
      .describe(
        'What the house draws when nobody does anything: the 5th percentile of its minutes from 00:00 to 05:00 of the local clock (the least value that at least 5 % of them do not exceed); left out where none is known.',
      )
      .exactOptional(),
    before: z
      .object({
        ...window,
        house: fineColumn.describe(
          'Watt-hours of the house in the bar of the same number (of hours: in that of the same time of the clock), null where there is none; all of the bar where the other is not over.',
        ),
        circuits: fineColumn.describe('The same of all circuits together.').exactOptional(),
        lacking: integers
          .describe(
            'The minutes of the house (without mains, of the circuits) that each of these bars does not have, for whatever reason; left out where none is missing.',
          )
          .exactOptional(),
        sums: energySums,
        compared: ofHouse(comparedOrNot)
          .extend({ circuits: comparedOrNot })
          .describe(
            'What may be compared, by figure: a change between two sums of which one is known in part would be no change.',
          )
          .exactOptional(),
      })
      .describe(
        'The period before, to the same day number and wall time where the span is not over; left out where nothing of it is stored.',
      )
      .exactOptional(),
  })
  .meta({ id: 'Energy' })
export type Energy = Read<typeof energy>

const consumer = z
  .object({
    id: text.describe('A circuit of the house, or `unmetered`.'),
    wattHours,
    beforeWattHours: wattHours.exactOptional(),
    compared: comparedOrNot
      .describe('What of it may be compared; left out where there is no span before.')
      .exactOptional(),
    hours: fineColumn.describe('Mean watts by hour of the local clock, 24 of them.'),
    missingMinutes: integer.describe('Missing from its own sum.').exactOptional(),
    unmeasuredMinutes: integer.describe('In which its device was off; left out where it was not.').exactOptional(),
  })
  .meta({ id: 'Consumer' })
export type Consumer = Read<typeof consumer>

export const consumers = z
  .object({
    ...chosenSpan,
    houseWattHours: wattHours,
    consumers: z.array(consumer),
    note: text.describe('Where the circuits add up to more than the house.').exactOptional(),
  })
  .meta({ id: 'Consumers' })
export type Consumers = Read<typeof consumers>

const hoursOfDay = z.object({
  date,
  fromMs: ms,
  watts: fineColumn.describe('Mean watts of each hour of the day, in the order of time.'),
  minutes: integers
    .describe('The number of minutes that each is the mean of; left out where all are complete.')
    .exactOptional(),
  unmeasured: integers
    .describe('The minutes of each in which a device was off that it is made of; left out where there are none.')
    .exactOptional(),
  wallHours: integers.describe('What the clock shows at each; left out where it is 0 to 23.').exactOptional(),
})
export type HoursOfDay = Read<typeof hoursOfDay>

export const hours = z
  .object({
    ...chosenSpan,
    of: z
      .enum(['circuits'])
      .describe('All circuits together, where it is not the house as it has no mains.')
      .exactOptional(),
    days: z
      .array(hoursOfDay)
      .describe('The days of the span that have anything stored or are still to come: the newest, at most 366.'),
  })
  .meta({ id: 'Hours' })
export type Hours = Read<typeof hours>
