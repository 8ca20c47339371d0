import { Hono } from 'hono'
import { expect, it, vi } from 'vitest'
import type { Daemon, DaemonEvent } from '../../model/daemon.ts'
import type { House } from '../../model/house-views.ts'
import { guardApp } from '../guard-app.ts'
import { streamEvents } from './stream-events.ts'

const TOKEN = 'correct-horse-battery'
const clock = { nowMs: () => 0, sleep: () => Promise.resolve() }

it('who has logged out is told no more', async () => {
  const listeners = new Set<(event: DaemonEvent) => void>()
  const daemon = {
    status: () => ({ startedAtMs: 0, storeName: '', devices: [] }),
    store: () => ({ name: '', state: 'ok' }),
    listen(listener: (event: DaemonEvent) => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  } as unknown as Daemon
  const history = { zone: { name: 'Etc/UTC' }, sums: () => ({}) } as unknown as House
  const app = new Hono()
  guardApp(app, { listenHost: '0.0.0.0', allowedHosts: [], token: TOKEN }, clock)
  const facts = { version: '', isDemo: false, maxAgeMs: 0, intervalMs: 0, configured: new Map() }
  app.get('/events', streamEvents({ ...facts, daemon, history, clock, newestWatts: async () => ({ watts: {} }) }))
  const ask = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
    app.request(path, { method, headers: { host: 'localhost', ...headers }, ...(body !== undefined && { body }) })

  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const login = await ask('POST', '/login', form, `token=${TOKEN}`)
  const cookie = login.headers.get('set-cookie')!.split(';')[0]!
  const stream = (await ask('GET', '/events', { cookie })).body!.getReader()
  expect(new TextDecoder().decode((await stream.read()).value)).toContain('event: status')
  await expect.poll(() => listeners.size).toBe(1)
  await ask('POST', '/logout', { cookie })
  for (const listener of listeners) listener({ kind: 'status' })
  for (const listener of listeners) listener({ kind: 'status' })
  const rest: string[] = []
  for (let part = await stream.read(); !part.done; part = await stream.read())
    rest.push(new TextDecoder().decode(part.value))
  expect(rest.length).toBeLessThan(2)
  expect(listeners.size).toBe(0)
})

it('events that come all the time do not keep it from checking the store', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  let publish: (event: DaemonEvent) => void = () => {}
  const daemon = {
    listen(listener: (event: DaemonEvent) => void) {
      publish = listener
      return () => {}
    },
    status: () => ({ startedAtMs: 0, storeName: '', devices: [] }),
    store: () => ({ name: '', state: 'ok' }),
  } as unknown as Daemon
  const history = { zone: { name: 'Etc/UTC' }, sums: () => ({}) } as unknown as House
  const probeStore = vi.fn<() => Promise<void>>(() => Promise.resolve())
  const facts = { version: '', isDemo: false, maxAgeMs: 0, intervalMs: 0, configured: new Map(), probeStore }
  const app = new Hono()
  app.get('/events', streamEvents({ ...facts, daemon, history, clock, newestWatts: async () => ({ watts: {} }) }))
  const stream = (await app.request('/events')).body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  for (let seconds = 0; seconds < 30; seconds += 5) {
    text += (await stream.read()).value
    vi.advanceTimersByTime(5_000)
    publish({ kind: 'coverage', device: 'iwatt5', fromMs: 0, untilMs: 60_000 })
  }
  await stream.cancel()
  expect(probeStore.mock.calls.length).toBeGreaterThan(0)
  expect(text).toContain(': alive')
  vi.useRealTimers()
})
