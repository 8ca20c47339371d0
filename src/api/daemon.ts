import * as z from 'zod'
import { alert } from './alerts.ts'
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
    live: z
      .object({
        intervalMs: integer.describe('`web.live`.'),
        answerMs: integer.describe('How long an answer takes, on average of the last 60.').exactOptional(),
        share: z.number().describe('The share of its time that they take, while somebody watches.').exactOptional(),
      })
      .describe('What live readings cost the device; left out where there are none.')
      .exactOptional(),
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
    shard: z
      .object({ index: integer, count: integer })
      .describe('Which part of the configured devices this process copies, from 1; left out where it copies all.')
      .exactOptional(),
    devices: z.array(deviceState),
    sums: rollups,
    alerts: z
      .array(alert)
      .describe('Those that are open, the oldest first; left out where the configuration has no `alerts`.')
      .exactOptional(),
  })
  .meta({ id: 'Status' })
export type Status = Read<typeof status>

const deviceDetail = deviceState
  .extend({
    url: text.describe('Without secrets.'),
    labels: z
      .record(z.string(), text)
      .describe('What each of its series has beside the labels by location; left out where there are none.')
      .exactOptional(),
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
})
export type Devices = Read<typeof devices>

export const job = z
  .object({
    id: text,
    kind: z.enum(['repair', 'check']),
    device: text,
    state: z.enum(['waiting', 'running', 'done', 'failed', 'stopped']),
    startedAtMs: ms,
    endedAtMs: ms.exactOptional(),
    fromMs: ms.exactOptional(),
    untilMs: ms.exactOptional(),
    doneMinutes: integer.describe('Stored and confirmed, or checked.'),
    totalMinutes: integer,
    confirmedUntilMs: ms.describe('Everything of the job before this is confirmed.').exactOptional(),
    text: text.describe('How it ended, for people; empty while it runs.'),
  })
  .meta({ id: 'Job' })
export type Job = Read<typeof job>
export const jobs = z.object({ jobs: z.array(job) })

export const loggedEvent = z
  .object({
    id: integer.describe('Rises by one.'),
    atMs: ms,
    of: text.describe('A device, `store` or `daemon`.'),
    level: z.enum(['info', 'warn', 'error']),
    text: text.describe('For people, as in the log; instants are in UTC, such as `2026-03-27T17:40Z`.'),
    history: z
      .object({ ...window, rowCount: integer, sampleCount: integer })
      .describe('Of copied history: all parts copied so far, in one event.')
      .exactOptional(),
  })
  .meta({ id: 'Event' })
export type LoggedEvent = Read<typeof loggedEvent>
export const recentEvents = z.object({ events: z.array(loggedEvent) })

export const cycleEvent = z
  .object({
    device: text,
    storedUntilMs: ms,
    atMs: ms.describe('The minute of the watts.').exactOptional(),
    watts: z.record(text, integer.nullable()),
  })
  .meta({ id: 'Pass' })
export type NewestWatts = Omit<Read<typeof cycleEvent>, 'device' | 'storedUntilMs'>

export const coverageEvent = z.object({ device: text, ...window }).meta({ id: 'DeviceWindow' })
