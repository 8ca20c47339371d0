import * as z from 'zod'
import { job } from './daemon.ts'
import { date, integer, integers, runs, text, window, type Read } from './values.ts'

const gap = z
  .object({
    device: text,
    ...window,
    minutes: integer,
    channels: z.array(text).describe('The ids of the channels that it is missing from.'),
    job: job.exactOptional(),
  })
  .meta({ id: 'Hole' })
export type Gap = Read<typeof gap>

const days = runs.describe('Runs of days.')

const deviceDays = z.object({
  name: text,
  firstDate: date.describe('The local day with which `days` begins; it ends today.'),
  days,
  missing: integers.describe(
    'Pairs: the number of the day counted from firstDate, and its missing minutes; those not loaded yet are not counted.',
  ),
  unmeasured: integers
    .describe(
      'Pairs: the number of the day counted from firstDate, and its minutes in which the device was off, also of days in another state.',
    )
    .exactOptional(),
})
export type DeviceDays = Read<typeof deviceDays>

export const coverage = z
  .object({
    wantedMinutes: integer.describe('Of all channels of all devices together, less what was never measured.'),
    storedMinutes: integer,
    missingMinutes: integer.describe('Minutes of devices (not of channels) that can be copied.'),
    notLoadedMinutes: integer,
    devices: z.array(deviceDays),
    holes: z.array(gap).describe('Newest first, at most 100.'),
    holesLeftOut: integer,
  })
  .meta({ id: 'Coverage' })
export type Coverage = Read<typeof coverage>

export const channelCoverage = z
  .object({
    device: text,
    dates: z.array(date),
    channels: z.array(
      z.object({
        id: text,
        days,
        missing: integers.describe('Pairs: the number of the day, and its missing minutes.'),
        unmeasured: integers
          .describe('Pairs: the number of the day, and its minutes that were not measured.')
          .exactOptional(),
      }),
    ),
  })
  .meta({ id: 'ChannelCoverage' })
export type ChannelCoverage = Read<typeof channelCoverage>

export const dayCoverage = z
  .object({
    device: text,
    channel: text.exactOptional(),
    date,
    ...window,
    runs,
    wallHours: integers.describe('What the clock shows at each hour; left out where it is 0 to 23.').exactOptional(),
  })
  .meta({ id: 'DayCoverage' })
export type DayCoverage = Read<typeof dayCoverage>
