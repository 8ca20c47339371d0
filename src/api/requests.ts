import * as z from 'zod'
import { compareWith, span, step, text, type Read } from './values.ts'

const MINUTE_MS = 60_000
const DAY_MS = 1_440 * MINUTE_MS
/** A year of four digits. */
const [FIRST_MS, LAST_MS] = [0, Date.UTC(2100, 0)]

const INSTANT = 'an instant such as 2026-03-27T13:40-04:00, or Unix milliseconds'
const instant = z.string({ error: INSTANT }).transform((found, context) => {
  const hasZone = /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:?\d\d)$/i.test(found)
  const atMs = /^\d{1,14}$/.test(found) ? Number(found) : hasZone ? Date.parse(found) : NaN
  if (atMs >= FIRST_MS && atMs < LAST_MS) return atMs
  context.issues.push({ code: 'custom', message: INSTANT, input: found })
  return z.NEVER
})

const DATE = 'a date such as 2026-03-27'
/** As a number of days since 1970. */
const day = z
  .string({ error: DATE })
  .transform((found, context) => {
    const atMs = /^\d{4}-\d\d-\d\d$/.test(found) ? Date.parse(found) : NaN
    if (atMs >= FIRST_MS && atMs < LAST_MS && new Date(atMs).toISOString().startsWith(found)) return atMs / DAY_MS
    context.issues.push({ code: 'custom', message: DATE, input: found })
    return z.NEVER
  })
  .meta({ format: 'date' })

const wholeNumber = (from: number, to: number, byDefault: number) => {
  const expected = `a whole number from ${from} to ${to}`
  return z.coerce
    .number({ error: expected })
    .int({ error: expected })
    .min(from, { error: expected })
    .max(to, { error: expected })
    .default(byDefault)
}
const name = z.string({ error: 'a name' })

export const powerQuery = z
  .object({
    from: instant.meta({
      description: 'An instant, RFC 3339 with an offset or Unix milliseconds; rounded down to a minute.',
      example: '2026-03-26T13:40-04:00',
    }),
    until: instant.meta({
      description: 'An instant as in `from`; rounded up to a minute.',
      example: '2026-03-27T13:40-04:00',
    }),
    step: step
      .describe(
        'The length of a point. Left out, it follows the length of the span: up to 24 h a minute, up to 7 d 10 minutes, up to 31 d 30 minutes, up to 366 d 6 local hours, beyond that a local day. A step with more than 1,500 points is answered 400.',
      )
      .exactOptional(),
    // Who knows the ids puts the pieces of one with commas together.
    channels: text
      .transform((ids) => (ids === '' ? [] : ids.split(',')))
      .meta({
        description:
          'Channels by id, separated by commas (an id that contains a comma is written as it is). Left out: all; empty: only those of the house.',
        example: 'Dryer,Furnace',
      })
      .exactOptional(),
  })
  .transform(({ from, until, ...query }) => ({
    window: {
      fromMs: Math.floor(from / MINUTE_MS) * MINUTE_MS,
      untilMs: Math.ceil(until / MINUTE_MS) * MINUTE_MS,
    },
    ...query,
  }))
export type PowerQuery = Read<typeof powerQuery>

const spanFields = {
  span: span.describe('A day has one bar per hour, a month one per day, a year one per month, all one per year.'),
  date: day.describe('A local day in the span. Left out: today.').exactOptional(),
}
const withDay = <Query extends { readonly date?: number }>({ date, ...query }: Query) => ({
  ...query,
  ...(date !== undefined && { day: date }),
})
export const spanQuery = z.object(spanFields).transform(withDay)
export const comparedQuery = z
  .object({
    ...spanFields,
    compare: compareWith
      .describe(
        'What a day or a month is compared with: `before`, which is the one before it (also when left out), or `year`, which is the same one a year earlier. A year is compared with the one before it.',
      )
      .exactOptional(),
  })
  .transform(withDay)
export type SpanQuery = Read<typeof comparedQuery>
export const hoursQuery = z
  .object({ ...spanFields, channel: name.describe('Left out: the house.').exactOptional() })
  .transform(withDay)
export type HoursQuery = Read<typeof hoursQuery>

export const billsQuery = z
  .object({
    count: wholeNumber(1, 36, 13).describe('How many bills, the running one among them.'),
    from: day.describe('With `to`: these days as one bill.').exactOptional(),
    to: day.describe('Not of it. Left out: until today.').exactOptional(),
    tariff: name.describe('Under this tariff, whatever is in force.').exactOptional(),
    compare: z
      .enum(['true', 'false'], { error: 'true or false' })
      .default('false')
      .describe('Whether the same days are billed under every tariff too.'),
  })
  .transform(({ from, to, compare, ...query }) => ({
    ...query,
    isCompared: compare === 'true',
    ...(from !== undefined && { fromDay: from }),
    ...(to !== undefined && { toDay: to }),
  }))
export type BillsQuery = Read<typeof billsQuery>

export const timelineQuery = z.object({
  minutes: wholeNumber(60, 1920, 1440).describe('The number of minutes before the newest closed one.'),
})
export const limitQuery = z.object({ limit: wholeNumber(1, 500, 100) })

export const channelDaysQuery = z
  .object({
    device: name,
    until: day.describe('The last local day. Left out: today.').exactOptional(),
    days: wholeNumber(1, 400, 55),
  })
  .transform(({ until, days, ...query }) => ({
    ...query,
    dayCount: days,
    ...(until !== undefined && { lastDay: until }),
  }))
export type ChannelDaysQuery = Read<typeof channelDaysQuery>

export const dayQuery = z
  .object({
    device: name,
    date: day.describe('Left out: today.').exactOptional(),
    channel: name.describe('Left out: the worst of all channels of the device.').exactOptional(),
  })
  .transform(withDay)
export type DayQuery = Read<typeof dayQuery>

export const jobPath = z.object({ id: text })
export const devicePath = z.object({ name: text })

const MOMENT = 'Unix milliseconds of a full minute'
const moment = z
  .int({ error: MOMENT })
  .min(FIRST_MS, { error: MOMENT })
  .max(LAST_MS, { error: MOMENT })
  .multipleOf(MINUTE_MS, { error: MOMENT })
  .meta({ id: 'moment', description: `${MOMENT}.` })
export const jobRequest = z
  .discriminatedUnion(
    'kind',
    [
      z
        .object({ kind: z.literal('repair'), device: name, fromMs: moment, untilMs: moment })
        .refine(({ fromMs, untilMs }) => fromMs < untilMs, { error: 'a moment after fromMs', path: ['untilMs'] }),
      z.object({
        kind: z.literal('check').describe('Counts all expected minutes of a device again, and copies nothing.'),
        device: name,
      }),
    ],
    { error: 'a job: { kind: repair, device, fromMs, untilMs } or { kind: check, device }' },
  )
  .meta({ id: 'JobRequest' })
export type JobRequest = Read<typeof jobRequest>

export const pauseRequest = z.object(
  { paused: z.boolean({ error: 'true or false' }) },
  { error: '{ paused: true } or { paused: false }' },
)
