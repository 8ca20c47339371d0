import { expect, it } from 'vitest'
import type { Daemon, DeviceHealth } from '../model/daemon.ts'
import { MINUTE_MS } from '../model/time-window.ts'
import { createApp } from './create-app.ts'

const NOW_MS = Date.UTC(2024, 5, 1, 12)
const clock = { nowMs: () => NOW_MS, sleep: () => Promise.resolve() }

function device(name: string, ageMs?: number): DeviceHealth {
  const cycle = { endedAtMs: NOW_MS, durationMs: 1, rowCount: 0, sampleCount: 0, lagMs: 0 }
  return {
    name,
    state: ageMs === undefined ? 'starting' : 'ok',
    history: { state: 'waiting', doneMinutes: 0, totalMinutes: 0, isPaused: false },
    ...(ageMs !== undefined && { lastPass: { ...cycle, storedUntilMs: NOW_MS - ageMs } }),
  }
}

function ask(path: string, ...devices: readonly DeviceHealth[]) {
  const daemon: Pick<Daemon, 'status'> = {
    status: () => ({ startedAtMs: NOW_MS, storeName: 'a store', devices }),
  }
  return createApp(daemon, {
    clock,
    maxAgeMs: 15 * MINUTE_MS,
    access: { listenHost: '127.0.0.1', allowedHosts: [] },
  }).request(path)
}

it('is alive whatever becomes of the devices', async () => {
  const response = await ask('/healthz', device('cellar'), device('attic', 60 * MINUTE_MS))
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({ status: 'ok', store: 'a store', devices: [{}, {}] })
})

it.each([
  [200, [15 * MINUTE_MS, 0]],
  [503, [15 * MINUTE_MS + 1, 0]],
  [503, [undefined, 0]],
  [200, [-15 * MINUTE_MS, 0]],
  [503, [-15 * MINUTE_MS - 1, 0]],
])('is ready (%i) while every device has data young enough: %j', async (code, ages) => {
  const response = await ask('/readyz', ...ages.map((ageMs, index) => device(`d${index}`, ageMs)))
  expect(response.status).toBe(code)
  expect(await response.json()).toEqual({
    status: code === 200 ? 'ready' : 'stale',
    devices: ages.map((ageMs, index) => ({
      name: `d${index}`,
      ageSeconds: ageMs === undefined ? null : Math.round(ageMs / 1000),
      isReady: ageMs !== undefined && Math.abs(ageMs) <= 15 * MINUTE_MS,
    })),
  })
})
