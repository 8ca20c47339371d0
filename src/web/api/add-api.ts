import type { Context, Hono, HonoRequest } from 'hono'
import { compress } from 'hono/compress'
import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import * as z from 'zod'
import { OPERATIONS, type Answers, type Operation } from '../../api/operations.ts'
import {
  billsQuery,
  channelDaysQuery,
  comparedQuery,
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
import { previewRequest, saveRequest } from '../../api/setup.ts'
import { DaemonError } from '../../model/daemon.ts'
import { EditError, type HouseEditor } from '../../model/house-editor.ts'
import { HouseError } from '../../model/house-views.ts'
import { StoreError } from '../../model/store.ts'
import { showDevices, showStatus } from './show-status.ts'
import { streamEvents, type StreamSources } from './stream-events.ts'
import { billsTable, costsTable, energyTable, powerTable } from './tables.ts'

export interface ApiOptions extends StreamSources {
  /** In the text format of Prometheus. */
  readonly metrics: () => Promise<string>
  /** Left out: the configuration is not changed from here. */
  readonly editor?: HouseEditor
}

const BASE = '/api/v1'
/** Longer, and who asked has gone. */
const ANSWER_MS = 60_000

/** Answers what the dashboard asks of the daemon: each operation of `src/api`. */
export function addApi(app: Hono, options: ApiOptions): void {
  const { daemon, history, editor } = options
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
  // The script of a page that is loading comes before what it will draw.
  app.use(`${BASE}/*`, async (_, next) => {
    await setImmediate()
    await next()
  })
  on('house', (_, signal) => history.house(signal))
  on('devices', () => showDevices(options))
  on('tape', (request, signal) => history.tape(readAs(timelineQuery, request.query()).minutes, signal))
  on('now', (_, signal) => history.now(signal))
  on('power', (request, signal) => history.power(readAs(powerQuery, request.query()), signal))
  on('energy', (request, signal) => history.energy(readAs(comparedQuery, request.query()), signal))
  on('consumers', (request, signal) => history.consumers(readAs(comparedQuery, request.query()), signal))
  on('hours', (request, signal) => history.hours(readAs(hoursQuery, request.query()), signal))
  on('tariffs', (_, signal) => history.tariffs(signal))
  on('bills', (request, signal) => history.bills(readAs(billsQuery, request.query()), signal))
  on('costs', (request, signal) => history.costs(readAs(comparedQuery, request.query()), signal))
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
  on('channelCoverage', (request, signal) => history.channelCoverage(readAs(channelDaysQuery, request.query()), signal))
  on('dayCoverage', (request, signal) => history.dayCoverage(readAs(dayQuery, request.query()), signal))
  on('recentEvents', (request) => ({
    events: daemon.recentEvents(readAs(limitQuery, request.query()).limit),
  }))
  on('jobs', () => ({ jobs: daemon.jobs() }))
  on('job', (request) => {
    const { id } = readAs(jobPath, request.param())
    const job = daemon.jobs().find((each) => each.id === id)
    if (!job) throw new DaemonError('unknown', `there is no job ${id}`)
    return job
  })
  on('startJob', async (request) => daemon.startJob(await readBody(jobRequest, request)))
  on('stopJob', (request) => daemon.stopJob(readAs(jobPath, request.param()).id))
  on('pauseHistory', async (request) => {
    const { paused } = await readBody(pauseRequest, request)
    daemon.pauseBackfill(readAs(devicePath, request.param()).name, paused)
    return showStatus(options)
  })

  if (editor) {
    on('setup', (_, signal) => editor.show(signal))
    on('previewSetup', async (request, signal) => editor.preview(await readBody(previewRequest, request), signal))
    on('saveSetup', async (request) => editor.save(await readBody(saveRequest, request)))
  }

  app.get(pathOf('powerCsv'), async (context) => {
    const view = await history.power(readAs(powerQuery, context.req.query()), signalOf(context))
    return answerTable(context, 'power', powerTable(view, history.zone))
  })
  app.get(pathOf('energyCsv'), async (context) => {
    const view = await history.energyTable(readAs(spanQuery, context.req.query()), signalOf(context))
    return answerTable(context, 'energy', energyTable(view, history.zone))
  })
  app.get(pathOf('billsCsv'), async (context) => {
    const view = await history.bills(readAs(billsQuery, context.req.query()), signalOf(context))
    return answerTable(context, 'bills', billsTable(view))
  })
  app.get(pathOf('costsCsv'), async (context) => {
    const view = await history.costs(readAs(spanQuery, context.req.query()), signalOf(context))
    return answerTable(context, 'costs', costsTable(view, history.zone))
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

/** A request that makes no sense: what was found, and what was expected. */
class BadRequestError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'BadRequestError'
  }
}

/** @throws BadRequestError */
async function readBody<T>(schema: z.ZodType<T>, request: HonoRequest): Promise<T> {
  const text = await request.text()
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw new BadRequestError('the body is no JSON')
  }
  return readAs(schema, body)
}

/** A query, the parts of a path, or a body. @throws BadRequestError */
function readAs<T>(schema: z.ZodType<T>, found: unknown): T {
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
  if (error instanceof EditError) return context.json(problem, error.reason === 'invalid' ? 400 : 409)
  if (error instanceof StoreError) return context.json(problem, 502)
  return context.json({ error: 'this could not be answered' }, 500)
}
