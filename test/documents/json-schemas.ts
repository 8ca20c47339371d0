import * as z from 'zod'
import { FINDINGS } from '../../src/sync/verify/findings.ts'

const ms = z.int().describe('Unix ms.')
const minutes = z.int().min(0)
const texts = z.array(z.string())
const date = z.iso.date()
const window = (about: string) => z.strictObject({ fromMs: ms, untilMs: ms }).describe(about)
const labels = z.record(z.string(), z.string())

const deviceName = z.string().describe('Its name in the configuration.')
const copied = {
  warnings: texts.describe('Complete sentences, as they are logged.'),
  failedChannels: texts.describe('Warnings that say why a channel is not copied.'),
}
const durationMs = z.number().describe('How long it took.')
const droppedMinutes = minutes.describe('Minutes of all channels that the store accepted and dropped.')
const fill = {
  rowCount: z.int().describe('Rows that were read from the device.'),
  sampleCount: z.int().describe('Samples that were written.'),
  absentMinutes: minutes.describe('Missing minutes that the device does not have either.'),
  complete: z.boolean().describe('False if it ended early because something else was due.'),
}
const logged = window('The closed minutes that the log of the device holds.')

/** One entry per device: what came of it, or why nothing did. */
function byDevice(value: z.ZodType) {
  return z.array(
    z.strictObject({
      name: deviceName,
      value: value.optional().describe('Left out if the device failed.'),
      failure: z.string().optional().describe('Why it failed, and what to do.'),
    }),
  )
}

const ABOUT_FINDINGS: Readonly<Record<(typeof FINDINGS)[number], string>> = {
  missing: 'Minutes that the device has and the store does not.',
  filled: 'Minutes that were missing and were copied.',
  doubled: 'Minutes with more than one sample.',
  wrong: 'Minutes with another value than that of the device.',
  legacy: 'Samples that are not on the minute.',
  onlyStored: 'Minutes that only the store has.',
  uncompared: 'Minutes whose value could not be compared.',
}

/** What each `--json` prints, by the command lines that print it. */
export const JSON_OUTPUTS: Readonly<Record<string, z.ZodType>> = {
  check: z.array(
    z.strictObject({
      verdict: z.enum(['GOOD', 'WARN', 'BAD']),
      subject: z.string().describe('`config`, `store`, `stateDir`, `web.listen`, or the name of a device.'),
      message: z.string().describe('What was found, and what to do.'),
    }),
  ),
  status: z.strictObject({
    store: z.string().describe('The kind of store, and where it is.'),
    daemon: z
      .strictObject({
        startedAtMs: ms,
        storeName: z.string(),
        devices: z.array(z.looseObject({ name: deviceName, state: z.string() })).describe('As `/healthz` has them.'),
      })
      .nullable()
      .describe('Null if no daemon runs.'),
    work: z
      .strictObject({
        command: z.string(),
        sinceMs: ms,
        share: z.number().optional().describe('How much of it is done, 0 to 1.'),
        leftMs: z.number().optional(),
        process: z.int().optional(),
        text: z.string(),
      })
      .optional()
      .describe('Another command that is at work.'),
    devices: byDevice(
      z.strictObject({
        deviceName,
        channelCount: z.int(),
        seriesCount: z.int().describe('Channels of which the store has something.'),
        labels: z.record(z.string(), z.string()).describe('What each of its series has.').optional(),
        newestOnDeviceMs: ms.describe('The newest record of its log.'),
        storedUntilMs: ms.describe('The end of the newest minute that the store has of every channel.'),
        lagMs: z.number().describe('How far the store is behind the clock of the device.'),
        holeMinutes: minutes.describe('Minutes of the look-back that are missing.'),
        problem: z.string().optional().describe('Why nothing would be copied now.'),
      }),
    ),
  }),
  channels: z.array(
    z.strictObject({
      name: deviceName,
      value: z
        .array(
          z.strictObject({
            name: z.string().describe('On the device.'),
            unit: z.string(),
            kind: z.enum(['input', 'output']),
            location: z.string().optional().describe('Under which it is kept; left out if it is not copied.'),
          }),
        )
        .optional(),
      failure: z.string().optional(),
      problem: z.string().optional().describe('Another device answers at this address.'),
    }),
  ),
  sync: byDevice(
    z.strictObject({
      ...fill,
      deviceName,
      durationMs,
      lagMs: z.number().describe('How far the store is behind the clock of the device.'),
      storedUntilMs: ms.describe('The end of the newest minute that the store has of every channel.'),
      holeMinutes: minutes.optional().describe('Minutes of the look-back that are missing before it.'),
      ...copied,
      droppedMinutes,
      refusedChannels: texts.describe('Channels whose samples the store drops.'),
      stoppedLog: z.string().optional().describe('The log of the device has stopped: why it counts as failed.'),
    }),
  ),
  'load --dry-run': byDevice(
    z.strictObject({
      deviceName,
      channelCount: z.int(),
      window: window('What is expected.'),
      logged,
      thereMinutes: minutes.describe('Minutes that the store has already.'),
      missingMinutes: minutes.describe('Minutes that are missing for at least one channel.'),
      requestCount: z.int().describe('Requests that the device will get.'),
      busyMs: z.number().describe('For how long they keep it busy.'),
      durationMs: z.number().describe('How long the load takes, with pauses.'),
      maxLoad: z.number().optional().describe('The share of its time that the device may be busy; none with a card.'),
      isRetentionUnknown: z.boolean().describe('Whether the store may drop old samples unnoticed.'),
      ...copied,
    }),
  ),
  load: byDevice(
    z.strictObject({
      ...fill,
      deviceName,
      window: window('What was loaded.'),
      durationMs,
      thereMinutes: minutes.describe('Minutes that the store had before.'),
      copiedMinutes: minutes.describe('Minutes that were missing, and were read back from the store.'),
      energy: z
        .strictObject({
          channelCount: z.int(),
          deviceKwh: z.number(),
          storeKwh: z.number(),
          differenceKwh: z.number(),
          differs: z.boolean().describe('By more than rounding explains.'),
        })
        .optional()
        .describe('Of all watt channels, on both sides.'),
      isDoubtful: z.boolean().describe('The energies differ, although nothing is absent or refused.'),
      ...copied,
      unknownChannels: texts.describe('Configured channels that the device does not have.'),
      droppedMinutes,
    }),
  ),
  verify: byDevice(
    z.strictObject({
      deviceName,
      window: window('What was compared.'),
      logged,
      durationMs,
      omittedDays: z.int().describe('Days that are only in the totals: the list is full.'),
      ...copied,
      channels: z.array(z.strictObject({ location: z.string(), metric: z.string(), ...tally() })),
      days: z
        .array(
          z.strictObject({
            day: z.string().describe('In UTC.'),
            location: z.string(),
            metric: z.string(),
            ...tally(),
            spans: z.array(z.strictObject({ finding: z.enum(FINDINGS), fromMs: ms, untilMs: ms })),
          }),
        )
        .describe('One entry per channel and day on which something was found.'),
      reloaded: z
        .array(
          z.strictObject({
            key: z.string().describe('Its labels, as JSON.'),
            location: z.string(),
            backupPath: z.string().describe('The file with all that the store had of it.'),
            samplesBefore: z.int(),
            samplesAfter: z.int(),
          }),
        )
        .optional()
        .describe('Series that `--reload-series` rewrote.'),
    }),
  ),
  bill: z.strictObject({
    currency: z.string().describe('ISO 4217.'),
    bills: z.array(
      z.strictObject({
        tariff: z.string(),
        from: date.describe('The first day of the bill, in the house.'),
        to: date.describe('The day after its last; of the running bill, tomorrow.'),
        days: z.int(),
        importKwh: z.number(),
        exportKwh: z.number(),
        missingMinutes: minutes.describe(
          'Minutes that are not in it; the bill is higher, or lower, by what they cost.',
        ),
        unpricedKwh: z.number().describe('Import for which no price is known; it is not in the lines.'),
        unpricedExportKwh: z.number(),
        lines: z.array(
          z.strictObject({
            kind: z.enum(['import', 'export', 'tier', 'demand', 'fixed', 'minimum', 'tax']),
            name: z.string(),
            kwh: z.number().optional(),
            kw: z.number().optional(),
            at: z.string().optional().describe('When the highest demand began, ISO 8601, in the house.'),
            days: z.int().optional(),
            price: z.number().optional().describe('For each kWh, kW or day; left out for a price file.'),
            amount: z.number().describe('What earns money is negative.'),
          }),
        ),
        total: z.number().describe('The sum of the lines; nothing is rounded.'),
      }),
    ),
  }),
  'bill --against': z.strictObject({
    file: z.string(),
    intervalMinutes: z.int().describe('15, 30 or 60.'),
    stamps: z.enum(['start', 'end']).describe('Which end of an interval its times are.'),
    timeColumn: z.string(),
    energyColumns: z.string().describe('The titles of the columns that were read.'),
    skippedRows: z.int().describe('Rows of an hour that the clocks of the house skip.'),
    flows: z.array(
      z.strictObject({
        flow: z.enum(['import', 'export', 'net']).describe('`net`: import less export.'),
        days: z.array(
          z.strictObject({
            day: date,
            meteredKwh: z.number(),
            measuredKwh: z.number().optional().describe('In the minutes of the intervals of the file; left out: none.'),
            differenceKwh: z.number().optional().describe('Measured less metered.'),
            percent: z.number().optional().describe('Of what is metered.'),
            missingMinutes: minutes.describe('Minutes of these intervals that were not measured.'),
            unreadMinutes: minutes.describe('Minutes that are not in the file.'),
          }),
        ),
        completeIntervals: z.int().describe('Intervals with all their minutes; the rest is made of them.'),
        completeMeteredKwh: z.number(),
        completeMeasuredKwh: z.number(),
        farthest: z
          .array(z.strictObject({ from: z.string(), to: z.string(), meteredKwh: z.number(), measuredKwh: z.number() }))
          .describe('Of the greatest differences that shifts and factor do not explain.'),
        shifts: z.array(
          z.strictObject({
            minutes: z.int().describe('How much later the times of the file are.'),
            utcOffset: z.string().optional().describe('While the clocks of the house are so far ahead of UTC.'),
          }),
        ),
        factor: z.number().optional().describe('What all that is measured would have to be multiplied with.'),
      }),
    ),
  }),
  migrate: byDevice(
    z.strictObject({
      deviceName,
      series: z.array(
        z.strictObject({
          location: z.string(),
          fromMs: ms,
          untilMs: ms,
          target: labels.describe('The series of the channel.'),
          source: labels.describe('The series of the other program.'),
          pointCount: z.int(),
          thereMinutes: minutes,
          missingMinutes: minutes,
          writtenMinutes: minutes.optional(),
          absentMinutes: minutes.optional().describe('Minutes that the source does not have either.'),
          sourceWattHours: z.number().optional(),
        }),
      ),
      without: texts.describe('Locations of which no source was found.'),
      ...copied,
      durationMs: durationMs.optional(),
      droppedMinutes: droppedMinutes.optional(),
      lostPoints: z.int().optional().describe('Points that the sources had before and have no more.'),
    }),
  ),
}

function tally() {
  const counts = FINDINGS.map((finding) => [finding, minutes.describe(ABOUT_FINDINGS[finding])] as const)
  return { ...Object.fromEntries(counts), wattHours: z.number().describe('The energy that is at stake.') }
}
