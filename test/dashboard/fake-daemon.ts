import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { fileURLToPath } from 'node:url'
import { OPERATIONS, type Operation } from '../../src/api/operations.ts'
import type { Job, LiveReadings, Span, Status } from '../../src/dashboard/api/answers.ts'
import { EditError, type HouseEditor, type SaveRequest } from '../../src/model/house-editor.ts'
import { addDashboard, readDashboard } from '../../src/web/dashboard.ts'
import { guardApp } from '../../src/web/guard-app.ts'
import { serveWeb } from '../../src/web/serve-web.ts'
import { PATIENT } from '../patient-web.ts'
import * as answers from './fake-answers.ts'
import { house } from './fake-house.ts'
import * as money from './fake-money.ts'

/** What a test sets of the daemon that the page sees. */
export interface FakeState {
  status: Status
  jobs: readonly Job[]
  /** Paths that are answered 502. */
  broken: ReadonlySet<string>
  /** Nothing under the API is answered before this. */
  held: Promise<void>
  /** What of the answers is otherwise, by path. */
  patches: Readonly<Record<string, object>>
  asked: string[]
  /** Sets up the house, where a test has one. */
  editor?: HouseEditor
}

export interface FakeDaemon {
  readonly url: string
  readonly state: FakeState
  readonly posted: unknown[]
  /** Told to every page that is open. */
  tellLive(readings: LiveReadings): void
  /** As a daemon that starts again. */
  endStreams(): void
  close(): Promise<void>
}

const DIST = fileURLToPath(new URL('../../dist/dashboard', import.meta.url))

/** The page as it is built, behind the real guard, over invented answers. */
export async function startFakeDaemon({ token }: { token?: string } = {}): Promise<FakeDaemon> {
  const state: FakeState = {
    status: answers.STATUS,
    jobs: [],
    broken: new Set(),
    held: Promise.resolve(),
    patches: {},
    asked: [],
  }
  const posted: unknown[] = []
  const listeners = new Set<(readings: LiveReadings) => void>()
  const streams = new Set<() => void>()
  const app = new Hono()
  guardApp(
    app,
    { listenHost: '127.0.0.1', allowedHosts: [], trustedProxies: ['127.0.0.1'], token },
    { nowMs: () => Date.now(), sleep: () => Promise.resolve() },
  )
  addDashboard(app, await readDashboard(DIST), { hasLogin: token !== undefined })
  app.use('/api/*', async (context, next) => {
    state.asked.push(context.req.path)
    await state.held
    await next()
  })
  app.use('/api/*', async (context, next) => {
    if (state.broken.has(context.req.path))
      return context.json({ error: 'the store did not answer: connection refused' }, 502)
    await next()
    const patch = state.patches[context.req.path]
    if (patch) {
      const patched = { ...((await context.res.json()) as object), ...patch }
      // What the daemon would not answer, no test may.
      Object.values<Operation>(OPERATIONS)
        .find(({ path }) => path === context.req.path)
        ?.answer.parse(JSON.parse(JSON.stringify(patched)))
      context.res = context.json(patched)
    }
    return undefined
  })
  const spanOf = (span: string | undefined) => (span ?? 'month') as Span
  app.get('/api/v1/status', (context) => context.json(state.status))
  app.get('/api/v1/house', (context) => context.json(house))
  app.get('/api/v1/tape', (context) =>
    context.json(answers.timeline(Number(context.req.query('minutes') ?? 1440), state.status)),
  )
  app.get('/api/v1/now', (context) => context.json(answers.now(state.status)))
  app.get('/api/v1/power', (context) => {
    const { from = '', until = '', step } = context.req.query()
    return context.json(answers.power(Date.parse(from), Date.parse(until), step))
  })
  app.get('/api/v1/energy', (context) =>
    context.json(
      answers.energy(spanOf(context.req.query('span')), context.req.query('date'), context.req.query('compare')),
    ),
  )
  app.get('/api/v1/consumers', (context) =>
    context.json(answers.consumers(spanOf(context.req.query('span')), context.req.query('date'))),
  )
  app.get('/api/v1/hours', (context) =>
    context.json(answers.hours(spanOf(context.req.query('span')), context.req.query('date'))),
  )
  app.get('/api/v1/tariffs', (context) => context.json(money.tariffs()))
  app.get('/api/v1/bills', (context) => context.json(money.bills()))
  app.get('/api/v1/costs', (context) => {
    const { span, date, compare } = context.req.query()
    return context.json(money.costs(spanOf(span), date, compare))
  })
  app.get('/api/v1/coverage', (context) => context.json(answers.coverage(state.jobs[0])))
  app.get('/api/v1/coverage/channels', (context) => {
    const { device = '', until = '2026-03-27', days = '55' } = context.req.query()
    return context.json(answers.channelCoverage(device, until, Number(days)))
  })
  app.get('/api/v1/coverage/day', (context) => {
    const { device = '', date = '2026-03-27' } = context.req.query()
    return context.json(answers.dayCoverage(device, date))
  })
  app.get('/api/v1/devices', (context) => context.json(answers.devices(state.status)))
  app.get('/api/v1/recent-events', (context) => context.json({ events: answers.EVENTS }))
  app.get('/api/v1/jobs', (context) => context.json({ jobs: state.jobs }))
  app.post('/api/v1/jobs', async (context) => {
    posted.push(await context.req.json())
    state.jobs = [answers.JOB]
    return context.json(answers.JOB, 202)
  })
  app.post('/api/v1/jobs/:id/stop', (context) => {
    posted.push({ stop: context.req.param('id') })
    state.jobs = [{ ...answers.JOB, state: 'stopped', endedAtMs: answers.NOW_MS, text: 'stopped' }]
    return context.json(state.jobs[0]!)
  })
  app.post('/api/v1/devices/:name/history', async (context) => {
    posted.push(await context.req.json())
    return context.json(state.status)
  })
  app.get('/api/v1/events', (context) =>
    streamSSE(context, async (stream) => {
      await stream.writeSSE({ event: 'status', data: JSON.stringify(state.status), retry: 50 })
      const tell = (readings: LiveReadings) => void stream.writeSSE({ event: 'live', data: JSON.stringify(readings) })
      listeners.add(tell)
      await new Promise<void>((resolve) => {
        streams.add(resolve)
        stream.onAbort(resolve)
      })
      listeners.delete(tell)
    }),
  )
  const editor = () => {
    if (!state.editor) throw new Error('this test has no house that is set up')
    return state.editor
  }
  app.get('/api/v1/setup', async (context) => context.json(await editor().show(context.req.raw.signal)))
  app.post('/api/v1/setup/preview', async (context) => {
    const request = await context.req.json<SaveRequest>()
    return context.json(await editor().preview(request, context.req.raw.signal))
  })
  app.post('/api/v1/setup', async (context) => {
    const request = await context.req.json<SaveRequest>()
    posted.push(request)
    try {
      return context.json(await editor().save(request), 202)
    } catch (error) {
      if (error instanceof EditError) return context.json({ error: error.message }, 409)
      throw error
    }
  })
  const web = await serveWeb(app, { host: '127.0.0.1', port: 0 }, PATIENT)
  return {
    url: `http://127.0.0.1:${web.port}`,
    state,
    posted,
    tellLive: (readings) => listeners.forEach((tell) => tell(readings)),
    endStreams: () => streams.forEach((end) => end()),
    close: () => web.close(),
  }
}
