import { afterEach, expect, it } from 'vitest'
import type { Job } from '../../src/model/daemon.ts'
import { HOUR_MS, MINUTE_MS } from '../../src/model/time-window.ts'
import { selfMetrics } from '../self-metrics.ts'
import { smallUnit } from '../small-house.ts'
import { openHouseDaemon, type HouseDaemon } from './house-daemon.ts'

let daemon: HouseDaemon | undefined
afterEach(async () => {
  await daemon?.close()
  daemon = undefined
})

const START_MS = Date.UTC(2026, 2, 27, 12, 0, 37)
const CHANNELS = 3
const NAMES = ['cellar', 'attic'] as const

interface Line {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

function readMetrics(text: string): Line[] {
  return text.split('\n').flatMap((line) => {
    const [, name = '', labels = '', value = ''] = /^iotawatt_sync_(\w+?)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    if (name === '') return []
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', text = '']) => [key, text])
    return [{ name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) }]
  })
}

async function metricsOf(house: HouseDaemon) {
  const lines = readMetrics(String((await house.get('/metrics')).body))
  return {
    lines,
    value(name: string, labels: Readonly<Record<string, string>> = {}) {
      const found = lines.filter(
        (line) => line.name === name && Object.entries(labels).every(([key, text]) => line.labels[key] === text),
      )
      return found.reduce((sum, line) => sum + line.value, 0)
    },
  }
}

interface Device {
  readonly name: string
  readonly state: string
  readonly storedUntilMs: number
  readonly history: { readonly state: string; readonly isPaused: boolean }
}
const devicesOf = async (house: HouseDaemon) =>
  ((await house.get('/api/v1/status')).body as { devices: readonly Device[] }).devices
const isLoaded = (house: HouseDaemon) => async () =>
  (await devicesOf(house)).every(({ state, history }) => state === 'ok' && history.state === 'done')

/** Since the devices were installed. */
const minutesUntil = (endS: number) => (endS * 1000 - (START_MS - 37_000 - 2 * HOUR_MS)) / MINUTE_MS

it('the metrics of the daemon are what it has done: a cycle, a retry, a gap, a repair', async () => {
  const house = await openHouseDaemon({ startMs: START_MS, historyMs: 2 * HOUR_MS })
  daemon = house
  house.start()
  await house.until(isLoaded(house))
  // The backfill may be a minute ahead of the last cycle until the next one.
  await house.until(async () => {
    const { value } = await metricsOf(house)
    return NAMES.every(
      (device) =>
        value('samples_total', { device }) === minutesUntil(value('position_timestamp_seconds', { device })) * CHANNELS,
    )
  })
  const first = await metricsOf(house)
  const devices = await devicesOf(house)
  for (const { name: device, storedUntilMs } of devices) {
    const minutes = minutesUntil(storedUntilMs / 1000)
    expect(first.value('position_timestamp_seconds', { device })).toBe(storedUntilMs / 1000)
    expect(first.value('lag_seconds', { device })).toBe((house.clock.nowMs() - storedUntilMs) / 1000)
    expect(first.value('samples_total', { device })).toBe(minutes * CHANNELS)
    expect(first.value('confirmed_samples_total', { device })).toBe(minutes * CHANNELS)
    expect(first.value('rows_total', { device })).toBeGreaterThanOrEqual(minutes)
    expect(first.value('repaired_samples_total', { device })).toBe(0)
    expect(first.value('holes_minutes', { device })).toBe(0)
    expect(first.value('retries_total', { device })).toBe(0)
    expect(first.value('passes_total', { device, result: 'ok' })).toBeGreaterThanOrEqual(1)
    expect(first.value('passes_total', { device, result: 'failed' })).toBe(0)
    expect(first.value('device_busy_limit_ratio', { device })).toBe(1)
    expect(first.value('channels_missing', { device })).toBe(0)
    expect(first.value('history_minutes', { device, state: 'done' })).toBe(
      first.value('history_minutes', { device, state: 'total' }),
    )
    expect(first.value('request_duration_seconds_count', { device, kind: 'query' })).toBeGreaterThanOrEqual(1)
    expect(first.value('request_duration_seconds_sum', { device })).toBeCloseTo(
      first.value('device_busy_seconds_total', { device }),
      6,
    )
  }
  expect(first.value('store_up')).toBe(1)
  const { startedAtMs } = (await house.get('/api/v1/status')).body as { startedAtMs: number }
  expect(first.value('start_time_seconds')).toBe(startedAtMs / 1000)

  house.faults.set('/status', [{ kind: 'reset-before' }])
  await house.until(async () => (await metricsOf(house)).value('retries_total') === 1)
  expect((await metricsOf(house)).value('passes_total', { result: 'failed' })).toBe(0)

  await house.stop()
  for (const name of NAMES) expect((await house.countStored(name)) % CHANNELS).toBe(0)
  const [cellar] = house.devices
  const gap = { fromMs: START_MS - 37_000 - 40 * MINUTE_MS, untilMs: START_MS - 37_000 - 20 * MINUTE_MS }
  await house.cut('cellar', gap)
  await cellar?.setPower('off')
  house.start()
  await house.until(async () => (await devicesOf(house))[0]?.state === 'failing')
  expect((await metricsOf(house)).value('passes_total', { device: 'cellar', result: 'failed' })).toBeGreaterThan(0)
  // Paused, it does not fill the gap by itself.
  expect((await house.post('/api/v1/devices/cellar/history', { paused: true })).status).toBe(200)
  await cellar?.setPower('on')
  await house.until(async () => (await devicesOf(house))[0]?.state === 'ok')
  await house.until(async () => (await metricsOf(house)).value('holes_minutes', { device: 'cellar' }) === 20)
  expect((await devicesOf(house))[0]?.history.isPaused).toBe(true)
  const before = await metricsOf(house)
  expect(before.value('repaired_samples_total')).toBe(0)

  const started = await house.post('/api/v1/jobs', { kind: 'repair', device: 'cellar', ...gap })
  expect(started.status).toBe(202)
  const { id } = started.body as Job
  await house.until(async () => ((await house.get(`/api/v1/jobs/${id}`)).body as Job).state === 'done')
  await house.until(async () => (await metricsOf(house)).value('holes_minutes', { device: 'cellar' }) === 0)
  const after = await metricsOf(house)
  expect(after.value('repaired_samples_total', { device: 'cellar' })).toBe(20 * CHANNELS)
  expect(after.value('repaired_samples_total', { device: 'attic' })).toBe(0)
  expect(
    after.value('rows_total', { device: 'cellar' }) - before.value('rows_total', { device: 'cellar' }),
  ).toBeGreaterThanOrEqual(20)

  expect((await house.post('/api/v1/devices/cellar/history', { paused: false })).status).toBe(200)
  await house.until(isLoaded(house))
  expect((await devicesOf(house))[0]?.history.isPaused).toBe(false)
  const last = await metricsOf(house)
  await house.stop()
  for (const device of NAMES)
    expect(last.value('confirmed_samples_total', { device })).toBeLessThanOrEqual(await house.countStored(device))
  expectBounded(last.lines)
})

it('how long the device took, and how busy that kept it, is what it was', async () => {
  const startMs = Date.now()
  const house = await openHouseDaemon({
    startMs,
    historyMs: HOUR_MS,
    units: [smallUnit('cellar')],
    readCostMs: 4,
    isReal: true,
    config: { maxDeviceLoad: '50%' },
  })
  daemon = house
  house.start()
  await house.until(isLoaded(house))
  const { value } = await metricsOf(house)
  const { requests, blockedMs } = house.devices[0]?.device.counters() ?? expect.unreachable()
  const busyMs = 1000 * value('device_busy_seconds_total')
  expect(blockedMs).toBeGreaterThan(200)
  expect(busyMs).toBeGreaterThanOrEqual(blockedMs)
  expect(busyMs).toBeLessThan(1000 * value('request_duration_seconds_sum') + 100)
  // It rests as long as it was busy, but after the last answer.
  const longestS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60].find(
    (le) => value('request_duration_seconds_bucket', { le: `${le}` }) === requests,
  )
  expect(busyMs).toBeLessThan(0.5 * (Date.now() - startMs) + 1000 * (longestS ?? Infinity))
  expect(value('device_busy_limit_ratio')).toBe(0.5)
  expect(value('request_duration_seconds_count')).toBe(requests)
  expect(value('request_duration_seconds_bucket', { le: '+Inf' })).toBe(requests)
  expect(value('request_duration_seconds_bucket', { kind: 'query', le: '0.1' })).toBeLessThan(
    value('request_duration_seconds_count', { kind: 'query' }),
  )
})

/** Nothing that a device or a store says becomes a label; all that dashboards and alerts ask for is there. */
function expectBounded(lines: readonly Line[]): void {
  const texts = (key: string) => new Set(lines.flatMap(({ labels }) => labels[key] ?? []))
  expect([...texts('device')].sort()).toEqual(['attic', 'cellar'])
  expect(['status', 'series', 'query', 'config']).toEqual(expect.arrayContaining([...texts('kind')]))
  expect(['ok', 'failed']).toEqual(expect.arrayContaining([...texts('result')]))
  expect(['done', 'total', 'starting', 'ok', 'failing']).toEqual(expect.arrayContaining([...texts('state')]))
  expect(new Set(lines.flatMap(({ labels }) => Object.keys(labels)))).toEqual(
    new Set(['device', 'kind', 'le', 'result', 'state', 'version']),
  )
  expect(lines.length).toBeLessThan(200)
  const known = readMetrics(
    selfMetrics({ fromS: 0, untilS: 0 })
      .split('\n')
      .map((line) => (JSON.parse(line) as { metric: Record<string, string> }).metric)
      .filter(({ __name__ }) => __name__?.startsWith('iotawatt_sync_') === true)
      .map(({ __name__: name, ...labels }) => {
        const own = Object.keys(labels).filter((key) => !['job', 'instance'].includes(key))
        return `${name}{${own.map((key) => `${key}="${labels[key]}"`).join(',')}} 1`
      })
      .join('\n'),
  )
  const shapeOf = ({ name, labels }: Line) => `${name} ${Object.keys(labels).sort().join(',')}`
  const shapes = new Set(lines.map(shapeOf))
  // There is no failure of the store to count.
  expect(known.map(shapeOf).filter((shape) => !shapes.has(shape) && !shape.startsWith('store_errors_total'))).toEqual(
    [],
  )
}
