import type { Context, Hono } from 'hono'
import { compress } from 'hono/compress'
import { createHash } from 'node:crypto'
import * as z from 'zod'
import { DaemonError, type Daemon } from '../../model/daemon.ts'
import { HouseError, type House } from '../../model/house-views.ts'
import { StoreError } from '../../model/store.ts'
import type { Clock } from '../../runtime/clock.ts'
import { energyTable, powerTable } from './tables.ts'
import {
  BadRequestError,
  channelDaysQuery,
  dayQuery,
  hoursQuery,
  jobRequest,
  limitQuery,
  pauseRequest,
  powerQuery,
  readBody,
  readQuery,
  spanQuery,
  timelineQuery,
} from './read-request.ts'
import { streamEvents, type StreamOptions } from './stream-events.ts'
import { showDevices, showStatus, type StatusFacts } from './show-status.ts'

export interface ApiOptions extends StatusFacts, StreamOptions {
  readonly daemon: Daemon
  readonly history: House
  readonly clock: Clock
  /** In the text format of Prometheus. */
  readonly metrics: () => Promise<string>
}

const BASE = '/api/v1'
/** Longer, and who asked has gone. */
const ANSWER_MS = 60_000

/** What the dashboard asks of the daemon; docs/openapi.yaml is its contract. */
export function addApi(app: Hono, options: ApiOptions): void {
  const { daemon, history } = options
  app.use(`${BASE}/*`, compress())
  app.onError((error, context) => answerProblem(context, error))

  const get = (path: string, answer: (query: Readonly<Record<string, string>>, signal: AbortSignal) => unknown) =>
    app.get(`${BASE}${path}`, async (context) =>
      answerJson(context, await answer(context.req.query(), signalOf(context))),
    )

  get('/status', () => showStatus(options))
  get('/house', (_, signal) => history.house(signal))
  get('/devices', () => showDevices(options))
  get('/tape', (query, signal) => history.tape(readQuery(timelineQuery, query).minutes, signal))
  get('/now', (_, signal) => history.now(signal))
  get('/power', (query, signal) => history.power(readQuery(powerQuery, query), signal))
  get('/energy', (query, signal) => history.energy(readQuery(spanQuery, query), signal))
  get('/consumers', (query, signal) => history.consumers(readQuery(spanQuery, query), signal))
  get('/hours', (query, signal) => history.hours(readQuery(hoursQuery, query), signal))
  get('/coverage', async (_, signal) => {
    const view = await history.coverage(signal)
    const jobs = daemon.jobs().filter(({ kind, endedAtMs }) => kind === 'repair' && endedAtMs === undefined)
    const holes = view.holes.map((hole) => {
      const job = jobs.find(
        ({ device, fromMs = 0, untilMs = 0 }) =>
          device === hole.device && fromMs < hole.untilMs && untilMs > hole.fromMs,
      )
      return { ...hole, ...(job && { job }) }
    })
    return { ...view, holes }
  })
  get('/coverage/channels', (query, signal) => history.channelCoverage(readQuery(channelDaysQuery, query), signal))
  get('/coverage/day', (query, signal) => history.dayCoverage(readQuery(dayQuery, query), signal))
  get('/recent-events', (query) => ({ events: daemon.recentEvents(readQuery(limitQuery, query).limit) }))
  get('/jobs', () => ({ jobs: daemon.jobs() }))

  app.get(`${BASE}/power.csv`, async (context) => {
    const view = await history.power(readQuery(powerQuery, context.req.query()), signalOf(context))
    return answerTable(context, 'power', powerTable(view, history.zone))
  })
  app.get(`${BASE}/energy.csv`, async (context) => {
    const view = await history.energyTable(readQuery(spanQuery, context.req.query()), signalOf(context))
    return answerTable(context, 'energy', energyTable(view, history.zone))
  })
  app.get(`${BASE}/events`, streamEvents(options))
  app.get(`${BASE}/jobs/:id`, (context) => {
    const id = context.req.param('id')
    const job = daemon.jobs().find((each) => each.id === id)
    if (!job) throw new DaemonError('unknown', `there is no job ${id}`)
    return context.json(job)
  })
  app.post(`${BASE}/jobs`, async (context) =>
    context.json(daemon.startJob(await readBody(jobRequest, context.req)), 202),
  )
  app.post(`${BASE}/jobs/:id/stop`, (context) => context.json(daemon.stopJob(context.req.param('id'))))
  app.post(`${BASE}/devices/:name/history`, async (context) => {
    const { paused } = await readBody(pauseRequest, context.req)
    daemon.pauseBackfill(context.req.param('name'), paused)
    return context.json(showStatus(options))
  })
  app.get('/metrics', async (context) => {
    context.header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
    return context.body(await options.metrics())
  })
  app.all(`${BASE}/*`, (context) =>
    context.json({ error: `there is no ${context.req.method} ${context.req.path}` }, 404),
  )
}

function signalOf(context: Context): AbortSignal {
  return AbortSignal.any([context.req.raw.signal, AbortSignal.timeout(ANSWER_MS)])
}

/** The tag is that of the answer itself: it changes when a minute of it does, and not before. */
function answerJson(context: Context, value: unknown): Response {
  const body = JSON.stringify(value)
  const tag = `W/"${createHash('sha1').update(body).digest('base64url')}"`
  context.header('ETag', tag)
  context.header('Cache-Control', 'private, no-cache')
  if (context.req.header('if-none-match') === tag) return context.body(null, 304)
  context.header('Content-Type', 'application/json')
  return context.body(body)
}

function answerTable(context: Context, name: string, lines: Iterable<string>): Response {
  context.header('Content-Type', 'text/csv; charset=utf-8')
  context.header('Content-Disposition', `attachment; filename="${name}.csv"`)
  return context.body([...lines].join('\r\n') + '\r\n')
}

const HOUSE_PROBLEMS = { unknown: 404, invalid: 400, early: 409 } as const

/** What went wrong, in words; what nobody foresaw says nothing of the inside. */
function answerProblem(context: Context, error: Error): Response {
  context.header('Cache-Control', 'no-store')
  const hint = 'hint' in error && typeof error.hint === 'string' ? { hint: error.hint } : {}
  const problem = { error: error.message, ...hint }
  if (error instanceof BadRequestError || error instanceof z.ZodError) return context.json(problem, 400)
  if (error instanceof HouseError) return context.json(problem, HOUSE_PROBLEMS[error.reason])
  if (error instanceof DaemonError) return context.json(problem, error.reason === 'unknown' ? 404 : 503)
  if (error instanceof StoreError) return context.json(problem, 502)
  return context.json({ error: 'this could not be answered' }, 500)
}
