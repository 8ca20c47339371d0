import type { Context, Hono, HonoRequest } from 'hono'
import { compress } from 'hono/compress'
import { createHash } from 'node:crypto'
import * as z from 'zod'
import { OPERATIONS, type Answers, type Operation } from '../../api/operations.ts'
import {
  channelDaysQuery,
  dayQuery,
  devicePath,
  hoursQuery,
  jobPath,
  jobRequest,
  limitQuery,
  pauseRequest,
  powerQuery,
  spanQuery,
  timelineQuery,
} from '../../api/requests.ts'
import { DaemonError, type Daemon } from '../../model/daemon.ts'
import { HouseError, type House } from '../../model/house-views.ts'
import { StoreError } from '../../model/store.ts'
import type { Clock } from '../../runtime/clock.ts'
import { energyTable, powerTable } from './tables.ts'
import { BadRequestError, readBody, readQuery } from './read-request.ts'
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

/** Answers what the dashboard asks of the daemon: each operation of `src/api`. */
export function addApi(app: Hono, options: ApiOptions): void {
  const { daemon, history } = options
  app.use(`${BASE}/*`, compress())
  app.onError((error, context) => answerProblem(context, error))

  /** The handler of an operation whose answer is JSON. */
  const on = <Name extends keyof typeof OPERATIONS>(
    name: Name,
    answer: (request: HonoRequest, signal: AbortSignal) => Answers[Name] | Promise<Answers[Name]>,
  ) => {
    const { method = 'get', status = 200 }: Operation = OPERATIONS[name]
    app.on(method.toUpperCase(), pathOf(name), async (context) => {
      const value = await answer(context.req, signalOf(context))
      return method === 'get' ? answerJson(context, value) : context.json(value, status)
    })
  }

  on('status', () => showStatus(options))
  on('house', (_, signal) => history.house(signal))
  on('devices', () => showDevices(options))
  on('tape', (request, signal) => history.tape(readQuery(timelineQuery, request.query()).minutes, signal))
  on('now', (_, signal) => history.now(signal))
  on('power', (request, signal) => history.power(readQuery(powerQuery, request.query()), signal))
  on('energy', (request, signal) => history.energy(readQuery(spanQuery, request.query()), signal))
  on('consumers', (request, signal) => history.consumers(readQuery(spanQuery, request.query()), signal))
  on('hours', (request, signal) => history.hours(readQuery(hoursQuery, request.query()), signal))
  on('coverage', async (_, signal) => {
    const view = await history.coverage(signal)
    const jobs = daemon.jobs().filter(({ kind, endedAtMs }) => kind === 'repair' && endedAtMs === undefined)
    const holes = view.holes.map((gap) => {
      const job = jobs.find(
        ({ device, fromMs = 0, untilMs = 0 }) => device === gap.device && fromMs < gap.untilMs && untilMs > gap.fromMs,
      )
      return { ...gap, ...(job && { job }) }
    })
    return { ...view, holes }
  })
  on('channelCoverage', (request, signal) =>
    history.channelCoverage(readQuery(channelDaysQuery, request.query()), signal),
  )
  on('dayCoverage', (request, signal) => history.dayCoverage(readQuery(dayQuery, request.query()), signal))
  on('recentEvents', (request) => ({
    events: daemon.recentEvents(readQuery(limitQuery, request.query()).limit),
  }))
  on('jobs', () => ({ jobs: daemon.jobs() }))
  on('job', (request) => {
    const { id } = readQuery(jobPath, request.param())
    const job = daemon.jobs().find((each) => each.id === id)
    if (!job) throw new DaemonError('unknown', `there is no job ${id}`)
    return job
  })
  on('startJob', async (request) => daemon.startJob(await readBody(jobRequest, request)))
  on('stopJob', (request) => daemon.stopJob(readQuery(jobPath, request.param()).id))
  on('pauseHistory', async (request) => {
    const { paused } = await readBody(pauseRequest, request)
    daemon.pauseBackfill(readQuery(devicePath, request.param()).name, paused)
    return showStatus(options)
  })

  app.get(pathOf('powerCsv'), async (context) => {
    const view = await history.power(readQuery(powerQuery, context.req.query()), signalOf(context))
    return answerTable(context, 'power', powerTable(view, history.zone))
  })
  app.get(pathOf('energyCsv'), async (context) => {
    const view = await history.energyTable(readQuery(spanQuery, context.req.query()), signalOf(context))
    return answerTable(context, 'energy', energyTable(view, history.zone))
  })
  app.get(pathOf('events'), streamEvents(options))
  app.get(pathOf('metrics'), async (context) => {
    context.header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
    return context.body(await options.metrics())
  })
  app.all(`${BASE}/*`, (context) =>
    context.json({ error: `there is no ${context.req.method} ${context.req.path}` }, 404),
  )
}

/** As the router writes it: `/jobs/:id`. */
function pathOf(name: keyof typeof OPERATIONS): string {
  return OPERATIONS[name].path.replaceAll(/\{(\w+)\}/g, ':$1')
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
  const problem: Answers['problem'] = { error: error.message, ...hint }
  if (error instanceof BadRequestError || error instanceof z.ZodError) return context.json(problem, 400)
  if (error instanceof HouseError) return context.json(problem, HOUSE_PROBLEMS[error.reason])
  if (error instanceof DaemonError) return context.json(problem, error.reason === 'unknown' ? 404 : 503)
  if (error instanceof StoreError) return context.json(problem, 502)
  return context.json({ error: 'this could not be answered' }, 500)
}
