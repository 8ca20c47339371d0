import { readFile } from 'node:fs/promises'
import { afterEach, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Job } from '../../src/model/daemon.ts'
import type { Setup } from '../../src/model/house-editor.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/model/time-window.ts'
import { SMALL_CHANNELS } from '../small-house.ts'
import { openHouseDaemon, type HouseDaemon } from './house-daemon.ts'

let daemon: HouseDaemon | undefined
afterEach(async () => {
  await daemon?.close()
  daemon = undefined
})

const START_MS = Date.UTC(2026, 2, 27, 12, 0, 37)
const NOON_MS = START_MS - 37_000
const OUTAGE = { fromMs: NOON_MS - 90 * MINUTE_MS, untilMs: NOON_MS - 60 * MINUTE_MS }

interface Lane {
  readonly device: string
  readonly runs: readonly number[]
  readonly missingMinutes: number
}

const isLoaded = (house: HouseDaemon) => async () => {
  const { devices } = (await house.get('/api/v1/status')).body as {
    devices: readonly { readonly state: string; readonly history: { readonly state: string } }[]
  }
  return devices.every(({ state, history }) => state === 'ok' && history.state === 'done')
}
const minutesIn = (runs: readonly number[], state: number) =>
  runs.reduce((sum, length, index) => sum + (index % 2 === 1 && runs[index - 1] === state ? length : 0), 0)

it('every route answers from the embedded store', async () => {
  const house = await openHouseDaemon({ startMs: START_MS, historyMs: 3 * DAY_MS })
  daemon = house
  house.start()
  await house.until(isLoaded(house))
  const { paths }: { paths: Record<string, Record<string, unknown>> } = parse(
    await readFile(new URL('../../docs/openapi.yaml', import.meta.url), 'utf8'),
  )
  const span = 'from=2026-03-26T00:00Z&until=2026-03-27T00:00Z'
  const queries: Readonly<Record<string, string>> = {
    '/api/v1/power': span,
    '/api/v1/power.csv': span,
    '/api/v1/energy': 'span=month',
    '/api/v1/energy.csv': 'span=month',
    '/api/v1/consumers': 'span=month',
    '/api/v1/hours': 'span=month',
    '/api/v1/costs': 'span=month',
    '/api/v1/costs.csv': 'span=month',
    '/api/v1/coverage/channels': 'device=attic',
    '/api/v1/coverage/day': 'device=attic&date=2026-03-26',
  }
  const { id } = (await house.post('/api/v1/jobs', { kind: 'check', device: 'attic' })).body as Job
  await house.until(async () => ((await house.get(`/api/v1/jobs/${id}`)).body as Job).state === 'done')
  const { fingerprint } = (await house.get('/api/v1/setup')).body as Setup
  const setup = { house: { mains: ['Mains'], timezone: 'UTC' } }
  const bodies: Readonly<Record<string, object>> = {
    '/api/v1/devices/{name}/history': { paused: false },
    '/api/v1/setup': { ...setup, fingerprint },
    '/api/v1/setup/preview': setup,
  }
  const answered: Record<string, number> = {}
  // The stream of events does not end.
  for (const [path, methods] of Object.entries(paths).filter(([each]) => each !== '/api/v1/events'))
    for (const method of Object.keys(methods)) {
      const url = `${path.replace('{id}', id).replace('{name}', 'attic')}?${queries[path] ?? ''}`
      const body = bodies[path] ?? { kind: 'check', device: 'attic' }
      const { status } = await (method === 'get' ? house.get(url) : house.post(url, body))
      answered[`${method} ${path}`] = status
    }
  const wrong = Object.entries(answered).filter(([, status]) => ![200, 202].includes(status))
  expect(wrong).toEqual([])

  const energy = (await house.get('/api/v1/consumers?span=month')).body as {
    consumers: readonly { readonly id: string; readonly wattHours: number | null }[]
  }
  expect(energy.consumers.map(({ id: channel }) => channel)).toContain('attic/Dryer')
  expect(energy.consumers.every(({ id: channel, wattHours }) => channel === 'unmetered' || (wattHours ?? 0) > 0)).toBe(
    true,
  )
  const { lanes } = (await house.get('/api/v1/tape')).body as { lanes: readonly Lane[] }
  for (const { runs, missingMinutes } of lanes) {
    expect(missingMinutes).toBe(0)
    expect(minutesIn(runs, 1)).toBeGreaterThanOrEqual(1438)
  }
})

it('what a device has not measured is no gap, after a restart neither', async () => {
  const house = await openHouseDaemon({
    startMs: START_MS,
    historyMs: 4 * HOUR_MS,
    outages: { cellar: [OUTAGE] },
    channels: SMALL_CHANNELS,
  })
  daemon = house
  const laneOf = async () =>
    ((await house.get('/api/v1/tape?minutes=180')).body as { lanes: readonly Lane[] }).lanes[0] ?? expect.unreachable()
  house.start()
  await house.until(isLoaded(house))
  const before = await laneOf()
  expect([minutesIn(before.runs, 0), before.missingMinutes]).toEqual([30, 0])
  await house.stop()
  // It cannot be asked again.
  await house.devices[0]?.setPower('off')
  house.start()
  await house.until(async () => minutesIn((await laneOf()).runs, 1) > 0)
  const after = await laneOf()
  expect([minutesIn(after.runs, 0), after.missingMinutes]).toEqual([30, 0])
})

it('the answer about a day that is over has another ETag when a gap of it is filled, and no other before', async () => {
  const house = await openHouseDaemon({ startMs: START_MS, historyMs: 2 * DAY_MS })
  daemon = house
  house.start()
  await house.until(isLoaded(house))
  await house.stop()
  const fromMs = NOON_MS - DAY_MS
  await house.cut('cellar', { fromMs, untilMs: fromMs + 20 * MINUTE_MS })
  await house.devices[0]?.setPower('off')
  house.start()
  await house.until(async () => (await house.get('/healthz')).status === 200)
  await house.post('/api/v1/devices/cellar/history', { paused: true })
  await house.devices[0]?.setPower('on')
  const path = '/api/v1/energy?span=day&date=2026-03-26'
  const missingNow = async () => {
    const { body, headers } = await house.get(path)
    return { tag: headers.get('etag'), missing: (body as { sums: { missingMinutes: number } }).sums.missingMinutes }
  }
  await house.until(async () => (await missingNow()).missing === 20)
  const { tag } = await missingNow()
  await house.clock.advance(HOUR_MS)
  expect((await missingNow()).tag).toBe(tag)
  await house.post('/api/v1/devices/cellar/history', { paused: false })
  await house.until(async () => (await missingNow()).missing === 0)
  expect((await missingNow()).tag).not.toBe(tag)
})
