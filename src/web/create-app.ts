import { Hono } from 'hono'
import type { Collector } from '../model/collector.ts'

/** What the daemon shows over HTTP. */
export function createApp(collector: Collector): Hono {
  const app = new Hono()
  app.get('/healthz', (context) => {
    const { devices, storeName } = collector.status()
    return context.json({ status: 'ok', store: storeName, devices })
  })
  return app
}
