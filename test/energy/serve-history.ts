import type { Daemon } from '../../src/model/daemon.ts'
import type { House } from '../../src/model/house-views.ts'
import type { Clock } from '../../src/runtime/clock.ts'
import { createApp } from '../../src/web/create-app.ts'
import { readDashboard } from '../../src/web/dashboard.ts'
import { serveWeb } from '../../src/web/serve-web.ts'
import { PATIENT } from '../patient-web.ts'
import { fileURLToPath } from 'node:url'

const DIST = fileURLToPath(new URL('../../dist/dashboard', import.meta.url))
const [MAX_AGE_MS, INTERVAL_MS] = [900_000, 300_000]

/** The daemon's page and API over a house, with devices that are well. */
export async function serveHistory(history: House, clock: Clock, storedUntilMs: number) {
  const devices = ['iwatt5', 'iwatt6'].map((name) => ({
    name,
    state: 'ok' as const,
    lastPass: { endedAtMs: clock.nowMs(), durationMs: 1, rowCount: 1, sampleCount: 1, lagMs: 1, storedUntilMs },
    history: { state: 'done' as const, isPaused: false, doneMinutes: 1, totalMinutes: 1 },
    load: { allowedShare: 1, minutes: [] },
    channels: { configured: 1, missing: [] },
  }))
  const refuse = () => {
    throw new Error('nobody asks for it')
  }
  const daemon: Daemon = {
    status: () => ({ startedAtMs: 0, storeName: 'a store', devices }),
    store: () => ({ name: 'a store', state: 'ok' }),
    details: () => devices,
    pauseBackfill: refuse,
    jobs: () => [],
    startJob: refuse,
    stopJob: refuse,
    recentEvents: () => [],
    listen: () => () => {},
  }
  const facts = { version: '1', isDemo: false, maxAgeMs: MAX_AGE_MS, intervalMs: INTERVAL_MS, configured: new Map() }
  const app = createApp(daemon, {
    clock,
    maxAgeMs: MAX_AGE_MS,
    access: { listenHost: '127.0.0.1', allowedHosts: [] },
    dashboard: await readDashboard(DIST),
    api: {
      ...facts,
      daemon,
      history,
      clock,
      newestWatts: () => Promise.resolve({ watts: {} }),
      metrics: () => Promise.resolve(''),
    },
  })
  const web = await serveWeb(app, { host: '127.0.0.1', port: 0 }, PATIENT)
  return { url: `http://127.0.0.1:${web.port}`, close: () => web.close() }
}
