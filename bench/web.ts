import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DEFAULT_LABEL_RULES } from '../src/labels/default-rules.ts'
import { labelsFor } from '../src/labels/labels-for.ts'
import type { Daemon, DaemonEvent } from '../src/model/daemon.ts'
import type { Labels } from '../src/model/series.ts'
import { DAY_MS, MINUTE_MS, floorToMinute, type TimeWindow } from '../src/model/time-window.ts'
import { systemClock } from '../src/runtime/clock.ts'
import { silentLog } from '../src/runtime/log.ts'
import { TWO_UNITS } from '../src/simulator/two-unit-house.ts'
import { openHouse } from '../src/house/open-house.ts'
import type { MoneySettings } from '../src/house/show-bills.ts'
import { factsFor, HOUSE } from '../test/stored-house.ts'
import { createApp } from '../src/web/create-app.ts'
import { readDashboard } from '../src/web/dashboard.ts'
import { createMetrics } from '../src/web/metrics.ts'
import { serveWeb } from '../src/web/serve-web.ts'
import { CHROMIUM } from '../test/dashboard/open-browser.ts'
import { openReal, startRealStore } from '../test/real-store.ts'
import { measurePage } from './measure-page.ts'
import type { Bench, Row } from './rows.ts'

/** Seen from `dist/`, where the benchmark is bundled to. */
const DASHBOARD = fileURLToPath(new URL('./dashboard', import.meta.url))
const LIMIT_MS = 1_000
const TIMES = 10
const DAYS = 365

const untilMs = floorToMinute(Date.now()) - 2 * MINUTE_MS
const measured = TWO_UNITS.flatMap(({ name, channels }) =>
  channels.filter(({ type }) => type === 'CT').map((channel) => ({ device: name, location: channel.name })),
)
const series = measured.map(({ device, location }) =>
  labelsFor({ metric: 'power', location }, { device, rules: DEFAULT_LABEL_RULES }),
)

const NO_EXTRAS = { applies: true, fixed: {}, tiers: [], demand: [], netting: 'none' } as const
const PEAK = { name: 'Peak', price: 0.45, hours: [{ fromMinute: 960, untilMinute: 1260 }], days: [1, 2, 3, 4, 5] }
const MONEY: MoneySettings = {
  currency: 'USD',
  billing: { day: 14, starts: [] },
  tariffs: [
    {
      ...NO_EXTRAS,
      name: 'Peaks',
      import: [{ name: 'Off-peak', price: 0.25 }, PEAK],
      export: [{ price: 0.06 }],
      tiers: [{ upToPerDay: 10.5, add: -0.1 }],
    },
    ...[0.29, 0.31, 0.33, 0.35].map((price) => ({
      ...NO_EXTRAS,
      name: `Flat ${price}`,
      applies: false,
      import: [{ price }],
    })),
  ],
  holidays: new Set(),
  series: () => Promise.resolve(new Map()),
}

const listeners = new Set<(event: DaemonEvent) => void>()

/** The API of the dashboard over a year of 28 channels, compressed as a browser asks; then the page in Chromium. */
export const web: Bench = async function* ({ days = DAYS }) {
  const folder = await mkdtemp(join(tmpdir(), 'bench-web-'))
  const server = await startRealStore()
  const stop = new AbortController()
  const expected = { fromMs: untilMs - days * DAY_MS, untilMs }
  const openView = () => openHouseOf({ url: server.url, expected, folder })
  try {
    await importYear(server.url, expected)
    yield { title: `half-hour sums made from ${days} days`, unit: 's', values: [await build(openView())], raw: {} }
    const { port, readMs } = await open(openView(), stop.signal)
    yield { title: 'half-hour sums read after a restart', unit: 'ms', values: [readMs], raw: {} }
    for (const [name, path] of asked()) yield await measure(name, `http://127.0.0.1:${port}${path}`)
    if (CHROMIUM === undefined) console.log('  THE PAGE WAS NOT MEASURED: there is no Chromium here; set CHROMIUM_BIN')
    else yield* measurePage(`http://127.0.0.1:${port}`, publishLive)
  } finally {
    stop.abort(new Error('over'))
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function importYear(url: string, expected: TimeWindow): Promise<void> {
  for (let fromMs = expected.fromMs; fromMs < untilMs; fromMs += DAY_MS) {
    const timestamps = Array.from({ length: 1440 }, (_, minute) => fromMs + minute * MINUTE_MS)
    const lines = series.map((metric, index) =>
      JSON.stringify({ metric, timestamps, values: timestamps.map((atMs) => watts(atMs, metric, index)) }),
    )
    const answer = await fetch(`${url}/api/v1/import`, { method: 'POST', body: lines.join('\n') })
    if (!answer.ok) throw new Error(await answer.text())
  }
  await fetch(`${url}/internal/force_flush`)
}

function watts(atMs: number, { location = '' }: Labels, index: number): number {
  const hour = (atMs % DAY_MS) / 3_600_000
  if (location.startsWith('Solar'))
    return Math.round(Math.max(-3, 1500 * Math.sin(((hour - 6) / 12) * Math.PI)) * 100) / 100
  return (
    Math.round((100 * (index + 1) * (1 + Math.sin(atMs / 7_777_777 + index)) + ((atMs / MINUTE_MS) % 17)) * 100) / 100
  )
}

type View = ReturnType<typeof openHouse>

function openHouseOf({ url, expected, folder }: { url: string; expected: TimeWindow; folder: string }): View {
  return openHouse({
    store: openReal(url),
    house: HOUSE,
    devices: TWO_UNITS.map(({ name }) => factsFor(name, expected)),
    channels: { series: () => series, learn: () => Promise.resolve() },
    money: MONEY,
    clock: systemClock,
    log: silentLog,
    folder,
  })
}

async function build(history: View): Promise<number> {
  const ended = new AbortController()
  const startedMs = performance.now()
  const running = history.run(ended.signal)
  while (history.sums().state !== 'ready') await new Promise((resolve) => setTimeout(resolve, 100))
  const tookS = (performance.now() - startedMs) / 1000
  ended.abort(new Error('built'))
  await running
  return tookS
}

/** As after a restart: the sums come from their files. */
async function open(history: View, signal: AbortSignal): Promise<{ port: number; readMs: number }> {
  const startedMs = performance.now()
  void history.run(signal)
  while (history.sums().state !== 'ready') await new Promise((resolve) => setTimeout(resolve, 10))
  const readMs = performance.now() - startedMs
  const health = TWO_UNITS.map(({ name }) => ({
    name,
    state: 'ok' as const,
    history: { state: 'done' as const, doneMinutes: 1, totalMinutes: 1, isPaused: false },
  }))
  const daemon = {
    status: () => ({ startedAtMs: 0, storeName: 'store', devices: health }),
    store: () => ({ name: 'store', state: 'ok' }),
    details: () => [],
    jobs: () => [],
    recentEvents: () => [],
    listen: (listener: (event: DaemonEvent) => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  } as unknown as Daemon
  const app = createApp(daemon, {
    clock: systemClock,
    maxAgeMs: 900_000,
    dashboard: await readDashboard(DASHBOARD),
    access: { listenHost: '127.0.0.1', allowedHosts: [] },
    api: {
      daemon,
      history,
      clock: systemClock,
      newestWatts: history.newestWatts,
      metrics: createMetrics().text,
      version: '',
      isDemo: false,
      maxAgeMs: 900_000,
      intervalMs: 300_000,
      configured: new Map(),
    },
  })
  return { port: (await serveWeb(app, { host: '127.0.0.1', port: 0 })).port, readMs }
}

/** What the devices read next: a little more or less than what was stored last. */
function publishLive(): void {
  const atMs = Date.now()
  const devices = TWO_UNITS.map(({ name }) => {
    const read = measured.flatMap(({ device, location }, index) => {
      const labels = series[index] ?? {}
      const last = watts(untilMs - MINUTE_MS, labels, index)
      return device === name ? [[location, last * (1 + 0.001 * Math.random())] as const] : []
    })
    return [name, { atMs, tookMs: 1, watts: new Map(read) }] as const
  })
  for (const listener of listeners) listener({ kind: 'live', intervalMs: 5_000, devices: new Map(devices) })
}

function asked(): [string, string][] {
  const back = (days: number) => `from=${untilMs - days * DAY_MS}&until=${untilMs}`
  return [
    ['status', '/api/v1/status'],
    ['tape', '/api/v1/tape'],
    ['now', '/api/v1/now'],
    ['power, 24 h by minute', `/api/v1/power?${back(1)}`],
    ['power, 24 h a month ago', `/api/v1/power?from=${untilMs - 31 * DAY_MS}&until=${untilMs - 30 * DAY_MS}`],
    ['power, 7 days by 10 min', `/api/v1/power?${back(7)}`],
    ['power, 30 days by 30 min', `/api/v1/power?${back(30)}`],
    ['power, a year by 6 h', `/api/v1/power?${back(365)}`],
    ['energy of a month', '/api/v1/energy?span=month'],
    ['energy of a year', '/api/v1/energy?span=year'],
    ['energy of all years', '/api/v1/energy?span=all'],
    ['consumers of a month', '/api/v1/consumers?span=month'],
    ['consumers of a year', '/api/v1/consumers?span=year'],
    ['hours of a month', '/api/v1/hours?span=month'],
    ['hours of a year', '/api/v1/hours?span=year'],
    ['costs of a month', '/api/v1/costs?span=month'],
    ['costs of a year', '/api/v1/costs?span=year'],
    ['prices', '/api/v1/tariffs'],
    ['bills of a year', '/api/v1/bills?count=12'],
    ['bills of a year under five tariffs', '/api/v1/bills?count=12&compare=true'],
    ['coverage of all years', '/api/v1/coverage'],
    ['coverage of channels', `/api/v1/coverage/channels?device=${TWO_UNITS[0]?.name}`],
    ['coverage of a day', `/api/v1/coverage/day?device=${TWO_UNITS[0]?.name}`],
  ]
}

async function measure(name: string, url: string): Promise<Row> {
  const times: number[] = []
  const cpu = process.cpuUsage()
  let bytes = 0
  for (let time = 0; time < TIMES; time++) {
    const startedMs = performance.now()
    const answer = await fetch(url, { headers: { 'Accept-Encoding': 'gzip' } })
    const text = await answer.text()
    times.push(performance.now() - startedMs)
    if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text}`)
    bytes = text.length
  }
  const { user, system } = process.cpuUsage(cpu)
  return {
    title: `API: ${name}`,
    unit: 'ms',
    values: times,
    atMost: LIMIT_MS,
    raw: {
      'the first ms': times.slice(0, 1),
      'CPU ms': [(user + system) / 1000 / TIMES],
      'unpacked kB': [bytes / 1000],
    },
  }
}
