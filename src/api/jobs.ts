import * as z from 'zod'
import { integer, ms, text, window, type Read } from './values.ts'

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
  .meta({
    id: 'Job',
  })
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
  .meta({
    id: 'Event',
  })
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
