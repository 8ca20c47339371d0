import { Hono } from 'hono'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, expect, it } from 'vitest'
import { addDashboard, readDashboard } from './dashboard.ts'
import { guardApp } from './guard-app.ts'

const folder = await mkdtemp(join(tmpdir(), 'dashboard-'))
await mkdir(join(folder, 'assets'))
await writeFile(join(folder, 'index.html'), '<title>page</title>')
await writeFile(join(folder, 'assets', 'main-ABC.js'), 'let a')
afterAll(() => rm(folder, { recursive: true }))

const app = new Hono()
const clock = { nowMs: () => 0, sleep: () => Promise.resolve() }
guardApp(app, { listenHost: '127.0.0.1', allowedHosts: [] }, clock)
addDashboard(app, await readDashboard(folder))
const ask = (path: string, headers: Record<string, string> = {}) =>
  app.request(path, { headers: { host: 'localhost:8480', ...headers } })

it.each(['/', '/now', '/power?from=2026-03-26T13:40-04:00', '/energy', '/coverage', '/devices'])(
  '%s is the page',
  async (path) => {
    const response = await ask(path)
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-cache'])
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'self'/)
    expect(await response.text()).toBe('<title>page</title>')
  },
)

it.each(['/power/?range=7d', '/now/'])('%s is the same without the slash', async (path) => {
  const response = await ask(path)
  expect([response.status, response.headers.get('location')]).toEqual([
    301,
    `..${path.replace('/?', '?').replace(/\/$/, '')}`,
  ])
})

it('its assets are beside it, or where a proxy says that it has put them', async () => {
  const page = '<html><script src="./assets/main-ABC.js">'
  const below = new Hono()
  guardApp(below, { listenHost: '127.0.0.1', allowedHosts: [], trustedProxies: ['10.1.2.3'] }, clock)
  addDashboard(below, { page, files: new Map(), assets: new Map() }, { hasLogin: true })
  const env = { incoming: { socket: { remoteAddress: '10.1.2.3' } } }
  const text = async (headers: Record<string, string>) =>
    (await below.request('/', { headers: { host: 'localhost', ...headers } }, env)).text()
  expect(await text({})).toBe('<html data-login><script src="./assets/main-ABC.js">')
  expect(await text({ 'x-forwarded-prefix': '/energy' })).toBe(
    '<html data-root="/energy/" data-login><script src="/energy/assets/main-ABC.js">',
  )
})

it('has a browser ask at once what the view will ask, and nothing that an address makes up', async () => {
  const below = new Hono()
  guardApp(below, { listenHost: '127.0.0.1', allowedHosts: [], trustedProxies: ['10.1.2.3'] }, clock)
  addDashboard(below, { page: '<head></head>', files: new Map(), assets: new Map() })
  const asked = async (path: string, headers: Record<string, string> = {}) => {
    const env = { incoming: { socket: { remoteAddress: '10.1.2.3' } } }
    const page = await (await below.request(path, { headers: { host: 'localhost', ...headers } }, env)).text()
    return [...page.matchAll(/<link rel="preload" as="fetch" crossorigin href="([^"]*)" \/>/g)].map(([, href]) => href)
  }
  const always = ['./api/v1/status', './api/v1/house']
  expect(await asked('/')).toEqual([...always, './api/v1/now', './api/v1/tariffs'])
  expect(await asked('/energy?span=day&date=2026-03-08"><script>&compare=year')).toEqual([
    ...always,
    './api/v1/energy?span=day&amp;compare=year',
    './api/v1/consumers?span=day&amp;compare=year',
    './api/v1/hours?span=day',
  ])
  expect(await asked('/devices', { 'x-ingress-path': '/house' })).toEqual(
    ['status', 'house', 'devices'].map((name) => `/house/api/v1/${name}`),
  )
})

it('an asset is kept for ever, and packed for who can unpack it', async () => {
  const response = await ask('/assets/main-ABC.js', { 'accept-encoding': 'br, gzip' })
  expect(response.headers.get('cache-control')).toBe('private, max-age=31536000, immutable')
  expect([response.headers.get('content-type'), response.headers.get('content-encoding')]).toEqual([
    'text/javascript; charset=utf-8',
    'gzip',
  ])
  expect(gunzipSync(await response.arrayBuffer()).toString()).toBe('let a')
})

it.each(['/assets/main-OLD.js', '/assets/..%2findex.html', '/else'])('%s is not there', async (path) => {
  expect((await ask(path)).status).toBe(404)
})

it('a folder in which nothing is built is refused', async () => {
  await expect(readDashboard(join(folder, 'else'))).rejects.toThrow(/ENOENT/)
})
