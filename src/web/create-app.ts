import { Hono } from 'hono'
import type { Daemon, DeviceHealth } from '../model/daemon.ts'
import type { Clock } from '../runtime/clock.ts'
import { addApi, type ApiOptions } from './api/add-api.ts'
import { addDashboard, type Dashboard } from './dashboard.ts'
import { guardApp, type WebAccess } from './guard-app.ts'

export interface AppOptions {
  readonly clock: Clock
  /** A device whose newest stored minute ended longer ago is not ready; nor one that is so far ahead, as nobody can tell. */
  readonly maxAgeMs: number
  readonly access: WebAccess
  /** Left out: health alone. */
  readonly api?: ApiOptions
  /** The page over the API; left out, there is none. */
  readonly dashboard?: Dashboard | undefined
}

/** What the daemon shows over HTTP. */
export function createApp(
  daemon: Pick<Daemon, 'status'>,
  { clock, maxAgeMs, access, api, dashboard }: AppOptions,
): Hono {
  const app = new Hono()
  guardApp(app, access, clock)
  app.get('/healthz', (context) => {
    const { devices, storeName } = daemon.status()
    return context.json({ status: 'ok', store: storeName, devices })
  })
  app.get('/readyz', (context) => {
    const devices = daemon.status().devices.map((device) => readiness(device, clock.nowMs(), maxAgeMs))
    const isReady = devices.every((device) => device.isReady)
    return context.json({ status: isReady ? 'ready' : 'stale', devices }, isReady ? 200 : 503)
  })
  if (api) addApi(app, api)
  if (dashboard) addDashboard(app, dashboard, { hasLogin: access.token !== undefined })
  return app
}

/** Nobody's waiting ends it, and what the store has may be fresh all the same: somebody else writes it. */
function isEndless(failure: DeviceHealth['failure']): boolean {
  return failure?.of === 'writer' || failure?.of === 'identity'
}

function readiness({ name, lastPass, failure }: DeviceHealth, nowMs: number, maxAgeMs: number) {
  const ageMs = lastPass && nowMs - lastPass.storedUntilMs
  return {
    name,
    ageSeconds: ageMs === undefined ? null : Math.round(ageMs / 1000),
    isReady: ageMs !== undefined && Math.abs(ageMs) <= maxAgeMs && !isEndless(failure),
    ...(failure && { failure: failure.message }),
  }
}
