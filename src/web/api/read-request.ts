import type { HonoRequest } from 'hono'
import * as z from 'zod'
import { SPANS, STEPS } from '../../model/house-views.ts'
import { DAY_MS, ceilToMinute, floorToMinute } from '../../model/time-window.ts'

/** A request that makes no sense: what was found, and what was expected. */
export class BadRequestError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'BadRequestError'
  }
}

const INSTANT = 'an instant such as 2026-03-27T13:40-04:00, or Unix milliseconds'
/** A year of four digits, in ms. */
const [FIRST_MS, LAST_MS] = [0, Date.UTC(2100, 0)]

const instant = z.string({ error: INSTANT }).transform((text, context) => {
  const hasZone = /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:?\d\d)$/i.test(text)
  const atMs = /^\d{1,14}$/.test(text) ? Number(text) : hasZone ? Date.parse(text) : NaN
  if (atMs >= FIRST_MS && atMs < LAST_MS) return atMs
  context.issues.push({ code: 'custom', message: INSTANT, input: text })
  return z.NEVER
})

const DATE = 'a date such as 2026-03-27'
/** As a number of days since 1970. */
const date = z.string({ error: DATE }).transform((text, context) => {
  const atMs = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : NaN
  if (atMs >= FIRST_MS && atMs < LAST_MS && new Date(atMs).toISOString().startsWith(text)) return atMs / DAY_MS
  context.issues.push({ code: 'custom', message: DATE, input: text })
  return z.NEVER
})

const integer = (from: number, to: number, byDefault: number) => {
  const expected = `a whole number from ${from} to ${to}`
  return z.coerce
    .number({ error: expected })
    .int({ error: expected })
    .min(from, { error: expected })
    .max(to, { error: expected })
    .default(byDefault)
}
const choice = <const T extends readonly [string, ...string[]]>(choices: T) =>
  z.enum(choices, { error: `one of ${choices.join(', ')}` })
const name = z.string({ error: 'a name' })

/** Ids may hold commas themselves; who knows them puts the pieces together. */
const channels = z.string().transform((text) => (text === '' ? [] : text.split(',')))

export const powerQuery = z
  .object({ from: instant, until: instant, step: choice(STEPS).optional(), channels: channels.optional() })
  .transform(({ from, until, step, channels: ids }) => ({
    window: { fromMs: floorToMinute(from), untilMs: ceilToMinute(until) },
    ...(step && { step }),
    ...(ids && { channels: ids }),
  }))

const span = { span: choice(SPANS), date: date.optional() }
const withDay = <T extends { readonly date?: number | undefined }>({ date: day, ...query }: T) => ({
  ...query,
  ...(day !== undefined && { day }),
})
export const spanQuery = z.object(span).transform(withDay)
export const hoursQuery = z
  .object({ ...span, channel: name.optional() })
  .transform(({ channel, ...query }) => ({ ...withDay(query), ...(channel !== undefined && { channel }) }))
export const timelineQuery = z.object({ minutes: integer(60, 1920, 1440) })
export const limitQuery = z.object({ limit: integer(1, 500, 100) })
export const channelDaysQuery = z
  .object({ device: name, until: date.optional(), days: integer(1, 400, 55) })
  .transform(({ device, until, days }) => ({ device, dayCount: days, ...(until !== undefined && { lastDay: until }) }))
export const dayQuery = z
  .object({ device: name, date: date.optional(), channel: name.optional() })
  .transform(({ channel, ...query }) => ({ ...withDay(query), ...(channel !== undefined && { channel }) }))

const MOMENT = 'Unix milliseconds of a full minute'
const moment = z
  .int({ error: MOMENT })
  .min(FIRST_MS, { error: MOMENT })
  .max(LAST_MS, { error: MOMENT })
  .multipleOf(60_000, { error: MOMENT })
const JOB = 'a job: { kind: repair, device, fromMs, untilMs } or { kind: check, device }'
export const jobRequest = z.discriminatedUnion(
  'kind',
  [
    z
      .object({ kind: z.literal('repair'), device: name, fromMs: moment, untilMs: moment })
      .refine(({ fromMs, untilMs }) => fromMs < untilMs, { error: 'a moment after fromMs', path: ['untilMs'] }),
    z.object({ kind: z.literal('check'), device: name }),
  ],
  { error: JOB },
)
export const pauseRequest = z.object(
  { paused: z.boolean({ error: 'true or false' }) },
  { error: '{ paused: true } or { paused: false }' },
)

/** @throws BadRequestError */
export function readQuery<T>(schema: z.ZodType<T>, query: Readonly<Record<string, string>>): T {
  return readWith(schema, query)
}

/** @throws BadRequestError */
export async function readBody<T>(schema: z.ZodType<T>, request: HonoRequest): Promise<T> {
  const text = await request.text()
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw new BadRequestError('the body is no JSON')
  }
  return readWith(schema, body)
}

function readWith<T>(schema: z.ZodType<T>, found: unknown): T {
  const read = schema.safeParse(found)
  if (read.success) return read.data
  const words = read.error.issues.map(({ path, message }) => {
    const value = path.reduce<unknown>((inner, key) => (isObject(inner) ? inner[String(key)] : undefined), found)
    const shown = value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80)
    return `${path.join('.') || 'the body'}: found ${shown}; expected ${message}`
  })
  throw new BadRequestError(words.join('; '))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
