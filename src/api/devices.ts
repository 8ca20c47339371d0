import * as z from 'zod'
import { flag, integer, integers, ms, text, window, type Read } from './values.ts'

const span = z.object(window).meta({ id: 'Span' })

const failure = z
  .object({
    message: text,
    sinceMs: ms,
    of: z
      .enum(['device', 'store', 'writer', 'identity'])
      .describe(
        'Of a device: where the cause lies. `writer`: another iotawatt-sync copies it into the same store; `identity`: the device is not the configured one.',
      )
      .exactOptional(),
  })
  .meta({ id: 'Failure' })
export type Failure = Read<typeof failure>

const health = z.enum(['starting', 'ok', 'failing'])

const historyState = z
  .object({
    state: z.enum(['waiting', 'loading', 'done']),
    isPaused: flag,
    doneMinutes: integer,
    totalMinutes: integer,
    untilMs: ms.describe('Loaded up to here.').exactOptional(),
    leftMs: integer.describe('The time that the rest takes at the pace so far.').exactOptional(),
  })
  .meta({ id: 'HistoryState' })

const deviceState = z
  .object({
    name: text,
    state: health,
    storedUntilMs: ms.describe('The end of the newest stored minute.').exactOptional(),
    missingMinutes: integer
      .describe('Minutes of the timeline that are missing from the store and that the device may have.')
      .exactOptional(),
    nextPassMs: ms.exactOptional(),
    lastPass: z
      .object({ endedAtMs: ms, durationMs: integer, rowCount: integer, sampleCount: integer, lagMs: integer })
      .exactOptional(),
    failure: failure.exactOptional(),
    history: historyState,
  })
  .meta({ id: 'DeviceState' })
export type DeviceState = Read<typeof deviceState>

const storeState = z
  .object({
    name: text.meta({ examples: ['VictoriaMetrics at https://vms-prod-lt.goepp.net'] }),
    state: health,
    failure: failure.exactOptional(),
  })
  .meta({ id: 'StoreState' })

const rollups = z
  .object({
    state: z.enum(['building', 'ready', 'failing']),
    doneDays: integer,
    totalDays: integer,
    failure: failure.exactOptional(),
  })
  .describe('The rollups of hours and days. While they are built, the sums of older spans miss days.')
export type RollupState = Read<typeof rollups>

export const status = z
  .object({
    nowMs: ms,
    startedAtMs: ms,
    version: text,
    isDemo: flag,
    timezone: text.meta({ examples: ['America/New_York'] }),
    maxAgeMs: integer.describe('`web.maxAge`: older data is stale.'),
    intervalMs: integer,
    store: storeState,
    devices: z.array(deviceState),
    sums: rollups,
  })
  .meta({
    id: 'Status',
    examples: [
      {
        nowMs: 1774633320000,
        startedAtMs: 1774500000000,
        version: '0.1.0',
        isDemo: false,
        timezone: 'America/New_York',
        maxAgeMs: 900000,
        intervalMs: 300000,
        store: { name: 'VictoriaMetrics at https://vms-prod-lt.goepp.net', state: 'ok' },
        devices: [
          {
            name: 'iwatt5',
            state: 'ok',
            storedUntilMs: 1774633200000,
            missingMinutes: 0,
            nextPassMs: 1774633510000,
            lastPass: { endedAtMs: 1774633211000, durationMs: 300, rowCount: 5, sampleCount: 70, lagMs: 12000 },
            history: {
              state: 'loading',
              isPaused: false,
              doneMinutes: 2199840,
              totalMinutes: 2356800,
              untilMs: 1759032000000,
              leftMs: 1680000,
            },
          },
          {
            name: 'iwatt6',
            state: 'ok',
            storedUntilMs: 1774633200000,
            missingMinutes: 47,
            nextPassMs: 1774633510000,
            lastPass: { endedAtMs: 1774633212000, durationMs: 1900, rowCount: 5, sampleCount: 70, lagMs: 13000 },
            history: { state: 'done', isPaused: false, doneMinutes: 1650000, totalMinutes: 1650000 },
          },
        ],
        sums: { state: 'ready', doneDays: 1651, totalDays: 1651 },
      },
    ],
  })
export type Status = Read<typeof status>

const deviceDetail = deviceState
  .extend({
    url: text.describe('Without secrets.'),
    version: text.describe('Of the firmware.').exactOptional(),
    startedAtMs: ms.exactOptional(),
    clockAheadMs: integer.describe('How far its clock is ahead of ours; negative: behind.').exactOptional(),
    log: span.describe('What its log holds.').exactOptional(),
    stored: span.describe('What the store has of it, from its first to its last minute.').exactOptional(),
    load: z.object({
      allowedShare: z.number().describe('`maxDeviceLoad`, above 0, at most 1.'),
      share: z.number().describe('Of the last hour.').exactOptional(),
      minutes: integers.describe('Thousandths of each minute of the last hour, oldest first.'),
    }),
    channels: z.object({
      configured: integer,
      listed: integer.exactOptional(),
      missing: z.array(text).describe('Configured, and not on the device.'),
    }),
    lastFailure: failure.describe('The last failure that is over.').exactOptional(),
  })
  .meta({ id: 'DeviceDetail' })
export type DeviceDetail = Read<typeof deviceDetail>

const storeDetail = storeState.extend({
  startedAtMs: ms.exactOptional(),
  clockAheadMs: integer.exactOptional(),
  retainsFromMs: ms.exactOptional(),
  seriesCount: integer.exactOptional(),
  writeMs: integer.describe('Median of the last writes.').exactOptional(),
  readMs: integer.describe('Median of the last queries.').exactOptional(),
  lastFailure: failure.exactOptional(),
})
export type StoreDetail = Read<typeof storeDetail>

export const devices = z.object({ devices: z.array(deviceDetail), store: storeDetail }).meta({
  id: 'Devices',
  examples: [
    {
      devices: [
        {
          name: 'iwatt6',
          url: 'http://iwatt6.goepp.net',
          state: 'ok',
          version: '02_08_04',
          startedAtMs: 1771189320000,
          clockAheadMs: -71000,
          storedUntilMs: 1774633200000,
          missingMinutes: 47,
          history: { state: 'done', isPaused: false, doneMinutes: 1650000, totalMinutes: 1650000 },
          log: { fromMs: 1675573200000, untilMs: 1774633200000 },
          stored: { fromMs: 1675573200000, untilMs: 1774633200000 },
          load: { allowedShare: 0.25, share: 0.03, minutes: [0, 0, 12, 30] },
          channels: { configured: 14, listed: 14, missing: [] },
          lastFailure: { message: 'the store did not answer within 30 s', sinceMs: 1774617120000 },
        },
      ],
      store: {
        name: 'VictoriaMetrics at https://vms-prod-lt.goepp.net',
        state: 'ok',
        clockAheadMs: 100,
        seriesCount: 28,
        writeMs: 41,
        readMs: 18,
      },
    },
  ],
})
export type Devices = Read<typeof devices>
