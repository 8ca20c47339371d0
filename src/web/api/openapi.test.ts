import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import type { Daemon, DaemonEvent, DeviceDetail, Job } from '../../model/daemon.ts'
import { DaemonError } from '../../model/daemon.ts'
import { MINUTE_MS } from '../../model/time-window.ts'
import { editedHouse } from '../../../test/edited-house.ts'
import { houseOf, memoryStore, seriesOf } from '../../../test/stored-house.ts'
import { createApp } from '../create-app.ts'
import { createMetrics } from '../metrics.ts'

interface Content {
  readonly schema: Schema
  readonly example?: unknown
}
interface Schema {
  readonly [key: string]: unknown
}
interface Operation {
  readonly operationId: string
  readonly parameters?: readonly Schema[]
  readonly responses: Readonly<
    Record<string, { readonly $ref?: string; readonly content?: Readonly<Record<string, Content>> }>
  >
}

const document: {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema>; parameters: Record<string, Schema> }
} = parse(await readFile(new URL('../../../docs/openapi.yaml', import.meta.url), 'utf8'))
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
)

/** What is not in the document is not answered: every object is closed. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema
  const entries = Object.entries(schema)
    .filter(([key]) => !['description', 'examples', 'example'].includes(key))
    .map(([key, value]) => [
      key,
      key === '$ref' && typeof value === 'string'
        ? value.replace('#/components/schemas/', '#/$defs/')
        : key === 'properties'
          ? Object.fromEntries(Object.entries(value as object).map(([name, each]) => [name, closed(each)]))
          : closed(value),
    ])
  const copy: Record<string, unknown> = Object.fromEntries(entries)
  if (copy['properties'] !== undefined && copy['additionalProperties'] === undefined)
    copy['additionalProperties'] = false
  return copy
}

function schemaOf(schema: unknown): z.ZodType {
  const all = Object.entries(document.components.schemas)
  const $defs = Object.fromEntries(all.map(([name, each]) => [name, closed(each)]))
  return z.fromJSONSchema({ ...(closed(schema) as object), $defs } as Parameters<typeof z.fromJSONSchema>[0])
}

const NO_EXTRAS = { applies: true, fixed: {}, tiers: [], demand: [], netting: 'none' } as const
const NOW_MS = Date.parse('2026-03-27T17:42Z')
const expected = { fromMs: Date.parse('2026-02-20T05:00Z'), untilMs: NOW_MS - 2 * MINUTE_MS }
const series = ['Mains_1', 'SolarA_1', 'Dryer', 'Furnace'].map((name) => seriesOf(name))
const memory = memoryStore()
series.forEach((labels, index) =>
  memory.put(labels, expected, (atMs) => ((atMs / MINUTE_MS) % 777 === 5 ? undefined : 500 * index)),
)
const { history, flush } = houseOf({
  store: memory.store,
  series,
  expected,
  nowMs: NOW_MS,
  facts: { isLoaded: (atMs) => atMs > expected.fromMs + 9e7 },
  money: {
    currency: 'USD',
    billing: { day: 14, starts: [] },
    tariffs: [
      {
        ...NO_EXTRAS,
        name: 'Peaks',
        import: [
          { name: 'Off-peak', price: 0.25 },
          { name: 'Peak', price: 0.5, hours: [{ fromMinute: 960, untilMinute: 1260 }] },
        ],
        export: [{ tiers: [{ upTo: 1, price: 0.1 }, { price: 0.06 }] }],
        fixed: { perDay: 0.39 },
        tiers: [{ upToPerDay: 2, add: -0.1 }],
      },
      { ...NO_EXTRAS, name: 'Flat', applies: false, import: [{ price: 0.31 }] },
    ],
    holidays: new Set(),
    series: () => Promise.resolve(new Map()),
  },
})

const failure = { message: 'the store did not answer', sinceMs: NOW_MS, of: 'store' } as const
const device: DeviceDetail = {
  name: 'iwatt5',
  state: 'failing',
  failure,
  lastFailure: failure,
  nextPassMs: NOW_MS,
  lastPass: {
    endedAtMs: NOW_MS,
    durationMs: 5,
    rowCount: 5,
    sampleCount: 70,
    lagMs: 10,
    storedUntilMs: expected.untilMs,
  },
  history: { state: 'loading', isPaused: false, doneMinutes: 5, totalMinutes: 9, untilMs: NOW_MS, leftMs: 7 },
  version: '02_08_04',
  startedAtMs: 1,
  clockAheadMs: -3,
  log: expected,
  load: { allowedShare: 0.25, share: 0.01, minutes: [1, 2] },
  live: { intervalMs: 5_000, answerMs: 20, share: 0.004 },
  channels: { configured: 4, listed: 5, missing: ['Furnce'] },
}
const job: Job = {
  id: '1',
  kind: 'repair',
  device: 'iwatt5',
  state: 'running',
  startedAtMs: 1,
  ...expected,
  doneMinutes: 1,
  totalMinutes: 2,
  confirmedUntilMs: 3,
  text: '',
}
const event = { id: 1, atMs: NOW_MS, of: 'iwatt5', level: 'info' as const, text: 'works again' }
let publish: (event: DaemonEvent) => void = () => {}
const daemon: Daemon = {
  status: () => ({ startedAtMs: 1, storeName: 'a store', devices: [device] }),
  store: () => ({
    name: 'a store',
    state: 'failing',
    failure,
    lastFailure: failure,
    startedAtMs: 1,
    clockAheadMs: 2,
    retainsFromMs: 0,
    readMs: 3,
    writeMs: 4,
  }),
  details: () => [device],
  pauseBackfill: () => {},
  jobs: () => [job],
  startJob: (request) => {
    if (request.device !== 'iwatt5') throw new DaemonError('unknown', `there is no device ${request.device}`)
    return job
  },
  stopJob: () => ({ ...job, state: 'stopped', endedAtMs: 5 }),
  recentEvents: () => [event],
  listen: (listener) => {
    publish = listener
    return () => {}
  },
}
const metrics = createMetrics()
metrics.show({
  version: '1.2.3',
  clock: { nowMs: () => NOW_MS },
  daemon,
  unusableCells: () => 0,
  busyMs: () => 1500,
  missingMinutes: () => 47,
  history,
})
const clock = { nowMs: () => NOW_MS, sleep: () => Promise.resolve() }
const EDITED = { house: { timezone: 'America/New_York', mains: ['Mains_1'], names: { Dryer: 'Tumble dryer' } } }
const edited = await editedHouse({
  text: 'devices: [{ name: iwatt5, url: http://iwatt5.local }]\nhouse: { groups: { Cold: [Fridge] } }\n',
  view: history,
  nowMs: NOW_MS,
})
const { fingerprint } = await edited.editor.show(AbortSignal.timeout(10_000))
const app = createApp(daemon, {
  clock,
  maxAgeMs: 900_000,
  access: { listenHost: '127.0.0.1', allowedHosts: [] },
  api: {
    daemon,
    history,
    editor: edited.editor,
    newestWatts: history.newestWatts,
    clock,
    metrics: metrics.text,
    version: '1.2.3',
    isDemo: false,
    maxAgeMs: 900_000,
    intervalMs: 300_000,
    configured: new Map([['iwatt5', { url: 'http://iwatt5.local', labels: { site: 'north' } }]]),
  },
})
let end: () => Promise<void>
beforeAll(async () => {
  end = await flush()
})
afterAll(async () => {
  await end()
  await edited.close()
})

const HOUR = 'from=2026-03-27T13:00-04:00&until=2026-03-27T14:00-04:00'
const WEEK = 'from=2026-03-20T13:00-04:00&until=1774633200000'
interface Asked {
  readonly status?: number
  readonly body?: unknown
}
const ASKED: readonly (readonly [operation: string, path: string, options?: Asked])[] = [
  ['status', '/api/v1/status'],
  ['house', '/api/v1/house'],
  ['tape', '/api/v1/tape?minutes=1440'],
  ['tape', '/api/v1/tape?minutes=1', { status: 400 }],
  ['now', '/api/v1/now'],
  ['power', `/api/v1/power?${HOUR}`],
  ['power', `/api/v1/power?${WEEK}&channels=`],
  ['power', `/api/v1/power?${WEEK}&step=30m&channels=Dryer,Furnace`],
  ['power', `/api/v1/power?${WEEK}&step=6h`],
  ['power', `/api/v1/power?${WEEK}&step=minute`, { status: 400 }],
  ['power', '/api/v1/power?from=2026-03-27T13:00Z&until=2026-03-27T12:00Z', { status: 400 }],
  ['power', `/api/v1/power?${WEEK}&channels=Nobody`, { status: 404 }],
  ['power', '/api/v1/power?from=yesterday&until=2026-03-27', { status: 400 }],
  ['powerCsv', `/api/v1/power.csv?${HOUR}`],
  ['energy', '/api/v1/energy?span=day'],
  ['energy', '/api/v1/energy?span=month&date=2026-03-01'],
  ['energy', '/api/v1/energy?span=year'],
  ['energy', '/api/v1/energy?span=all'],
  ['energy', '/api/v1/energy?span=week', { status: 400 }],
  ['energy', '/api/v1/energy?span=day&date=2026-02-30', { status: 400 }],
  ['energyCsv', '/api/v1/energy.csv?span=month'],
  ['consumers', '/api/v1/consumers?span=month'],
  ['hours', '/api/v1/hours?span=month'],
  ['hours', '/api/v1/hours?span=day&date=2026-03-08&channel=Dryer'],
  ['tariffs', '/api/v1/tariffs'],
  ['bills', '/api/v1/bills?compare=true'],
  ['bills', '/api/v1/bills?from=2026-03-01&to=2026-03-09&tariff=Flat'],
  ['bills', '/api/v1/bills?tariff=None', { status: 404 }],
  ['bills', '/api/v1/bills?count=99', { status: 400 }],
  ['bills', '/api/v1/bills?from=2026-03-09&to=2026-03-01', { status: 400 }],
  ['billsCsv', '/api/v1/bills.csv?count=2'],
  ['costs', '/api/v1/costs?span=day'],
  ['costs', '/api/v1/costs?span=month&date=2026-03-01&compare=year'],
  ['costs', '/api/v1/costs?span=year'],
  ['costsCsv', '/api/v1/costs.csv?span=month'],
  ['coverage', '/api/v1/coverage'],
  ['channelCoverage', '/api/v1/coverage/channels?device=iwatt5&days=30'],
  ['channelCoverage', '/api/v1/coverage/channels?device=iwatt9', { status: 404 }],
  ['dayCoverage', '/api/v1/coverage/day?device=iwatt5&date=2026-03-08'],
  ['devices', '/api/v1/devices'],
  ['recentEvents', '/api/v1/recent-events?limit=5'],
  ['jobs', '/api/v1/jobs'],
  ['startJob', '/api/v1/jobs', { status: 202, body: { kind: 'check', device: 'iwatt5' } }],
  ['startJob', '/api/v1/jobs', { status: 404, body: { kind: 'check', device: 'iwatt9' } }],
  ['startJob', '/api/v1/jobs', { status: 400, body: { kind: 'repair', device: 'iwatt5', fromMs: 60_000, untilMs: 1 } }],
  ['job', '/api/v1/jobs/1'],
  ['job', '/api/v1/jobs/2', { status: 404 }],
  ['stopJob', '/api/v1/jobs/1/stop', { body: {} }],
  ['pauseHistory', '/api/v1/devices/iwatt5/history', { body: { paused: true } }],
  ['setup', '/api/v1/setup'],
  ['previewSetup', '/api/v1/setup/preview', { body: EDITED }],
  ['previewSetup', '/api/v1/setup/preview', { status: 400, body: { ...EDITED, store: {} } }],
  ['saveSetup', '/api/v1/setup', { status: 409, body: { ...EDITED, fingerprint: 'another' } }],
  ['saveSetup', '/api/v1/setup', { status: 202, body: { ...EDITED, fingerprint } }],
  ['metrics', '/metrics'],
]

describe('is answered as the document says', () => {
  it.each(ASKED.map(([id, path, options = {}]) => [id, path, options] as const))(
    '%s: %s %j',
    async (id: string, path: string, { status = 200, body }: Asked) => {
      const found = operations.find(({ operation }) => operation.operationId === id)!
      const response = await app.request(path, {
        method: found.method.toUpperCase(),
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      expect(`${response.status} ${status === 200 ? '' : text}`).toMatch(new RegExp(`^${status} `))
      const { content = {} } = found.operation.responses[String(status)] ?? {}
      const type = response.headers.get('content-type')?.split(';')[0] ?? ''
      if (status >= 400) {
        expect(schemaOf({ $ref: '#/components/schemas/Problem' }).parse(JSON.parse(text))).toBeTruthy()
        return
      }
      expect(Object.keys(content)).toEqual([type])
      if (type === 'application/json') {
        const read = schemaOf(content[type]!.schema).safeParse(JSON.parse(text))
        expect(read.error?.issues ?? []).toEqual([])
      }
    },
  )

  it('nothing is left out', () => {
    const asked = new Set([...ASKED.map(([id]) => id), 'events'])
    expect(operations.map(({ operation }) => operation.operationId).filter((id) => !asked.has(id))).toEqual([])
    const served = app.routes.filter(
      ({ method, path }) => ['GET', 'POST'].includes(method) && /^\/(api|metrics)/.test(path),
    )
    const documented = operations.map(
      ({ method, path }) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
    )
    expect(new Set(served.map(({ method, path }) => `${method} ${path}`))).toEqual(new Set(documented))
  })
})

it.each(
  Object.entries(document.components.schemas).flatMap(([name, { examples = [] }]) =>
    (examples as unknown[]).map((example) => [name, example] as const),
  ),
)('the example of %s is one', (name, example) => {
  expect(schemaOf({ $ref: `#/components/schemas/${name}` }).safeParse(example).error?.issues ?? []).toEqual([])
})

it('a forecast takes each day to come for the last one of its weekday', async () => {
  const { bills, forecast, runningFrom } = await history.bills(
    { count: 1, isCompared: false },
    AbortSignal.timeout(10_000),
  )
  // Every day is as the other but for some minutes, and costs so much.
  const [running] = bills
  expect([runningFrom, running?.days, forecast?.to]).toEqual(['2026-03-14', 14, '2026-04-14'])
  const perDay = (running?.total ?? 0) / (13 + 13.7 / 24)
  const days = (forecast?.total ?? 0) / perDay
  expect(days).toBeGreaterThan(30)
  expect(days).toBeLessThan(33)
})

it('events come as they happen, each as the document says', async () => {
  const stop = new AbortController()
  const response = await app.request('/api/v1/events', { signal: stop.signal })
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const until = async (count: number) => {
    while (text.split('\n\n').length <= count) text += (await reader.read()).value ?? ''
  }
  await until(1)
  publish({ kind: 'pass', device: 'iwatt5', storedUntilMs: expected.untilMs })
  publish({ kind: 'coverage', device: 'iwatt5', ...expected })
  publish({ kind: 'job', job })
  const watts = new Map([['Dryer', 2400]])
  publish({ kind: 'live', intervalMs: 5_000, devices: new Map([['iwatt5', { atMs: NOW_MS, tookMs: 20, watts }]]) })
  publish({ kind: 'event', event })
  await until(6)
  await reader.cancel()
  const kinds = { status: 'Status', pass: 'Pass', coverage: 'DeviceWindow', job: 'Job', live: 'Live', event: 'Event' }
  const messages = text.trim().split('\n\n')
  expect(messages.map((message) => /^event: (\w+)\n/.exec(message)?.[1])).toEqual(Object.keys(kinds))
  messages.forEach((message, index) => {
    const schema = Object.values(kinds)[index]
    const data: unknown = JSON.parse(/^data: (.*)$/m.exec(message)?.[1] ?? '')
    expect(schemaOf({ $ref: `#/components/schemas/${schema}` }).safeParse(data).error?.issues ?? []).toEqual([])
  })
})

it('who asks for the head of the events does not listen', async () => {
  for (let round = 0; round < 17; round++)
    expect((await app.request('/api/v1/events', { method: 'HEAD' })).status).toBe(200)
  const stop = new AbortController()
  const response = await app.request('/api/v1/events', { signal: stop.signal })
  expect(response.status).toBe(200)
  await response.body!.cancel()
})

it('an answer that has not changed is not sent again', async () => {
  const first = await app.request('/api/v1/energy?span=month&date=2026-02-25')
  const headers = { 'If-None-Match': first.headers.get('etag') ?? '' }
  expect((await app.request('/api/v1/energy?span=month&date=2026-02-25', { headers })).status).toBe(304)
  const gap = { fromMs: expected.fromMs + 5 * 3_600_000, untilMs: expected.fromMs + 6 * 3_600_000 }
  memory.put(series[0]!, gap, 999)
  history.noteWritten(gap)
  expect((await app.request('/api/v1/energy?span=month&date=2026-02-25', { headers })).status).toBe(200)
})

it('the metrics have the names that dashboards and alerts know', async () => {
  metrics.passed('iwatt5', { rowCount: 5, sampleCount: 70, durationMs: 300 }, true)
  metrics.requested('iwatt5', 'query', 120)
  const text = await (await app.request('/metrics')).text()
  expect(
    [...text.matchAll(/^# TYPE iotawatt_sync_(\w+) /gm)].map(([, name = '']) => name).sort((a, b) => (a < b ? -1 : 1)),
  ).toEqual([
    'build_info',
    'channels_missing',
    'confirmed_samples_total',
    'cost_today',
    'device_busy_limit_ratio',
    'device_busy_seconds_total',
    'device_up',
    'devices',
    'history_minutes',
    'holes_minutes',
    'lag_seconds',
    'live_busy_ratio',
    'pass_duration_seconds',
    'passes_total',
    'position_timestamp_seconds',
    'price_per_kwh',
    'repaired_samples_total',
    'request_duration_seconds',
    'retries_total',
    'rows_total',
    'samples_total',
    'start_time_seconds',
    'store_errors_total',
    'store_up',
    'unusable_cells_total',
  ])
  expect(text).toMatch(/^iotawatt_sync_price_per_kwh\{direction="import",currency="USD"\} 0\.\d+$/m)
  const costs = await history.costs({ span: 'day' }, AbortSignal.timeout(10_000))
  expect(text).toContain(`\niotawatt_sync_cost_today{kind="total",currency="USD"} ${costs.sums.total}\n`)
  expect(text).toMatch(/^iotawatt_sync_holes_minutes\{device="iwatt5"\} 47$/m)
  expect(text).toMatch(/^iotawatt_sync_history_minutes\{device="iwatt5",state="done"\} 5$/m)
  expect(text).toMatch(/^iotawatt_sync_live_busy_ratio\{device="iwatt5"\} 0.004$/m)
  expect(text).toMatch(/^iotawatt_sync_build_info\{version="1.2.3"\} 1$/m)
  expect(text).toMatch(/^iotawatt_sync_device_busy_seconds_total\{device="iwatt5"\} 1.5$/m)
  expect(text).toMatch(/^iotawatt_sync_confirmed_samples_total\{device="iwatt5"\} 70$/m)
  expect(text).toMatch(/^iotawatt_sync_request_duration_seconds_count\{device="iwatt5",kind="query"\} 1$/m)
})
