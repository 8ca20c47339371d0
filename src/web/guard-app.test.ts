import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { DAY_MS } from '../model/time-window.ts'
import { guardApp, MAX_BODY_BYTES, type WebAccess } from './guard-app.ts'

/** As IPv6 writes it, where a server listens on both. */
const PEER = '::ffff:172.30.32.2'
const TOKEN = 'correct-horse-battery'
let nowMs = Date.UTC(2024, 5, 1)
const clock = { nowMs: () => nowMs, sleep: () => Promise.resolve() }

/** An app with a page, something that changes, and health, all added after the guard. */
function open(access: Partial<WebAccess> = {}) {
  const app = new Hono()
  guardApp(app, { listenHost: '127.0.0.1', allowedHosts: ['Energy.example.org'], ...access }, clock)
  app.get('/api/v1/devices', (context) => context.text('cellar'))
  app.post('/api/v1/jobs', async (context) => context.text(`begun ${(await context.req.text()).length}`))
  app.get('/healthz', (context) => context.json({ status: 'ok', devices: ['cellar'] }))
  app.get('/readyz', (context) => context.json({ status: 'stale', devices: ['cellar'] }, 503))
  app.get('/raw', () => new Response('raw'))
  app.get('/broken', () => {
    throw new Error('hunter2')
  })
  const env = { incoming: { socket: { remoteAddress: PEER } } }
  return (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
    app.request(
      path,
      { method, headers: { host: 'localhost:8480', ...headers }, ...(body !== undefined && { body }) },
      env,
    )
}

describe('another name than its own (DNS rebinding)', () => {
  it.each([
    ['localhost', 200],
    ['LOCALHOST.:8480', 200],
    ['127.0.0.1:8480', 200],
    ['[::1]:8480', 200],
    ['energy.example.org', 200],
    ['evil.example', 421],
    ['localhost.evil.example', 421],
    ['127.0.0.1.evil.example', 421],
    ['192.168.1.5:8480', 421],
    ['0x7f.1', 421],
    ['evil@localhost', 421],
    ['localhost:8480:1', 421],
    ['', 421],
  ])('the host %j is answered %i', async (host, status) => {
    expect((await open()('GET', '/api/v1/devices', { host })).status).toBe(status)
  })

  it('does not read health either', async () => {
    expect((await open()('GET', '/healthz', { host: 'evil.example' })).status).toBe(421)
  })

  it('is told from an address, which nobody can rebind, where a token is required too', async () => {
    const ask = open({ listenHost: '0.0.0.0', token: TOKEN })
    expect((await ask('GET', '/healthz', { host: '192.168.1.5:8480' })).status).toBe(200)
    expect((await ask('GET', '/healthz', { host: 'evil.example' })).status).toBe(421)
  })
})

describe('a page of another site', () => {
  const navigation = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  it.each([
    ['reads', 'GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }, 403],
    ['reads, from a neighbour', 'GET', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }, 403],
    ['frames', 'GET', { ...navigation, 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'iframe' }, 403],
    ['links to', 'GET', { ...navigation, 'sec-fetch-site': 'cross-site' }, 200],
    ['submits a form to', 'POST', { ...navigation, 'sec-fetch-site': 'cross-site' }, 403],
    ['of an old browser posts to', 'POST', { origin: 'https://evil.example' }, 403],
    ['on another port posts to', 'POST', { origin: 'http://localhost:3000' }, 403],
    ['without an origin posts to', 'POST', { origin: 'null' }, 403],
  ] as const)('that %s it', async (_, method, headers, status) => {
    const path = method === 'GET' ? '/api/v1/devices' : '/api/v1/jobs'
    expect((await open()(method, path, headers)).status).toBe(status)
  })

  it.each([
    ['its own page', { origin: 'http://localhost:8480', 'sec-fetch-site': 'same-origin' }],
    ['its own page behind a proxy', { origin: 'https://energy.example.org', host: '127.0.0.1:8480' }],
    [
      'its own page behind a proxy that names the host that was asked',
      { origin: 'https://house.example', host: '127.0.0.1:8480', 'x-forwarded-host': 'house.example' },
    ],
    [
      'its own page, by the word of the browser',
      { origin: 'https://house.example', host: '127.0.0.1:8480', 'sec-fetch-site': 'same-origin' },
    ],
    ['a program', {}],
  ])('is told from %s', async (_, headers) => {
    expect((await open()('POST', '/api/v1/jobs', headers)).status).toBe(200)
  })

  it('is never allowed to read what is answered', async () => {
    for (const method of ['GET', 'OPTIONS'])
      expect(
        [...(await open()(method, '/api/v1/devices', { origin: 'https://evil.example' })).headers.keys()].filter(
          (name) => name.startsWith('access-control'),
        ),
      ).toEqual([])
  })
})

it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s is not answered', async (method) => {
  const response = await open()(method, '/api/v1/jobs')
  expect(response.status).toBe(405)
  expect(response.headers.get('allow')).toBe('GET, HEAD, POST')
})

it.each([
  [MAX_BODY_BYTES, 200],
  [MAX_BODY_BYTES + 1, 413],
])('a body of %i bytes is answered %i', async (length, status) => {
  expect((await open()('POST', '/api/v1/jobs', {}, 'x'.repeat(length))).status).toBe(status)
})

it.each([
  ['GET', '/api/v1/devices'],
  ['GET', '/healthz'],
  ['GET', '/nothing'],
  ['PUT', '/healthz'],
  ['GET', '/broken'],
  ['GET', '/raw'],
])('the answer to %s %s is framed, sniffed, referred and kept by nobody', async (method, path) => {
  const { headers } = await open()(method, path)
  expect(headers.get('content-security-policy')).toMatch(/^default-src 'self';.*frame-ancestors 'none'/)
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('x-frame-options')).toBe('DENY')
  expect(headers.get('referrer-policy')).toBe('same-origin')
  expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
  expect(headers.get('cache-control')).toBe('no-store')
})

it.each([
  [[], "'none'", 'DENY'],
  [['self'], "'self'", 'SAMEORIGIN'],
  [['self', 'https://home.example:8123'], "'self' https://home.example:8123", null],
])('whom the configuration names may frame it: %j', async (frameAncestors, ancestors, option) => {
  const ask = open({ frameAncestors, trustedProxies: ['172.30.32.0/23'] })
  const { headers } = await ask('GET', '/healthz', { 'x-ingress-path': '/api/hassio_ingress/Zm9v' })
  expect(headers.get('content-security-policy')?.endsWith(`; frame-ancestors ${ancestors}`)).toBe(true)
  expect(headers.get('x-frame-options')).toBe(option)
})

it('what went wrong inside is not told outside', async () => {
  const response = await open()('GET', '/broken')
  expect(response.status).toBe(500)
  expect(await response.text()).not.toContain('hunter2')
})

describe('where a token is required', () => {
  const ask = open({ listenHost: '0.0.0.0', token: TOKEN })
  const logIn = (token: string) =>
    ask(
      'POST',
      '/login',
      { 'content-type': 'application/x-www-form-urlencoded' },
      new URLSearchParams({ token }).toString(),
    )
  const cookieOf = (response: Response) => response.headers.get('set-cookie')?.split(';')[0] ?? ''

  it.each([
    ['no token', {}, 401],
    ['a wrong one', { authorization: `Bearer ${TOKEN}x` }, 401],
    ['the beginning of it', { authorization: `Bearer ${TOKEN.slice(0, -1)}` }, 401],
    ['another way to log in', { authorization: `Basic ${TOKEN}` }, 401],
    ['a made-up session', { cookie: `iotawatt-sync=9999999999999.${'A'.repeat(43)}` }, 401],
    ['the token', { authorization: `Bearer ${TOKEN}` }, 200],
  ])('%s', async (_, headers, status) => {
    const response = await ask('GET', '/api/v1/devices', headers)
    expect(response.status).toBe(status)
    expect(response.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer realm="iotawatt-sync"' : null)
    expect((await ask('POST', '/api/v1/jobs', headers)).status).toBe(status)
  })

  it('paths that do not exist do not show before it either', async () => {
    expect((await ask('GET', '/nothing')).status).toBe(401)
  })

  it('health says how it is to everybody, and of what to who has it', async () => {
    const healthz = await ask('GET', '/healthz')
    const readyz = await ask('GET', '/readyz')
    expect([healthz.status, await healthz.text()]).toEqual([200, '{"status":"ok"}'])
    expect([readyz.status, await readyz.text()]).toEqual([503, '{"status":"stale"}'])
    const complete = await ask('GET', '/healthz', { authorization: `Bearer ${TOKEN}` })
    expect(await complete.json()).toEqual({ status: 'ok', devices: ['cellar'] })
  })

  it('a form that cannot be read has no token', async () => {
    expect((await ask('POST', '/login', { 'content-type': 'multipart/form-data' })).status).toBe(401)
  })

  it('a person is shown where to give it, and gets a session for it', async () => {
    const sent = await ask('GET', '/', { accept: 'text/html' })
    expect([sent.status, sent.headers.get('location')]).toEqual([303, './login'])
    expect(await (await ask('GET', '/login')).text()).toContain('<form method="post" action="login">')
    const response = await logIn(TOKEN)
    expect([response.status, response.headers.get('location')]).toEqual([303, './'])
    const cookie = response.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/; HttpOnly/)
    expect(cookie).toMatch(/; SameSite=Strict/)
    expect(cookie).not.toContain(TOKEN)
    expect((await ask('GET', '/api/v1/devices', { cookie: cookieOf(response) })).status).toBe(200)
  })

  it.each([
    ['de-AT,de;q=0.9,en;q=0.8', 'de', 'Anmelden', 'Das ist nicht das Token.'],
    ['fr, en-GB;q=0.7, de;q=0.3', 'en', 'Log in', 'This is not the token.'],
    ['tlh', 'en', 'Log in', 'This is not the token.'],
  ])('the login for %j is in %s', async (language, locale, title, wrong) => {
    const ask = open({ token: TOKEN })
    const headers = { accept: 'text/html', 'accept-language': language }
    const page = await (await ask('GET', '/login', headers)).text()
    expect(page).toContain(`<html lang="${locale}">`)
    expect(page).toContain(`<button>${title}</button>`)
    expect(await (await ask('POST', '/login', headers)).text()).toContain(wrong)
  })

  it('a wrong one gets none', async () => {
    const response = await logIn('hunter2')
    expect(response.status).toBe(401)
    expect(response.headers.get('set-cookie')).toBeNull()
  })

  it('a page of another site cannot log its visitor in', async () => {
    expect((await ask('POST', '/login', { origin: 'https://evil.example' })).status).toBe(403)
  })

  it('a session ends after 30 days, with another token, and when it is changed', async () => {
    const cookie = cookieOf(await logIn(TOKEN))
    const status = async (headers: Record<string, string>, asked = ask) =>
      (await asked('GET', '/api/v1/devices', headers)).status
    expect(await status({ cookie }, open({ token: `${TOKEN}2` }))).toBe(401)
    expect(await status({ cookie: cookie.replace(/=1/, '=2') })).toBe(401)
    nowMs += 30 * DAY_MS - 1
    expect(await status({ cookie })).toBe(200)
    nowMs += 1
    expect(await status({ cookie })).toBe(401)
  })

  it('a person who leaves has the cookie taken, and a copy of it is worth nothing', async () => {
    const cookie = cookieOf(await logIn(TOKEN))
    const other = cookieOf(await logIn(TOKEN))
    const response = await ask('POST', '/logout', { cookie })
    expect(response.headers.get('set-cookie')).toContain('iotawatt-sync=;')
    expect((await ask('GET', '/api/v1/devices', { cookie })).status).toBe(401)
    expect((await ask('GET', '/api/v1/devices', { cookie: other })).status).toBe(200)
    // Another daemon of the same machine may have a session of the same name.
    expect((await ask('GET', '/api/v1/devices', { cookie: `iotawatt-sync=x; ${other}` })).status).toBe(200)
  })

  it.each([
    ['/power?range=7d', './login?next=power%3Frange%3D7d'],
    ['/api/v1/power.csv?from=1&until=2', '../../login?next=api%2Fv1%2Fpower.csv%3Ffrom%3D1%26until%3D2'],
    ['//evil.example', '../login?next=evil.example'],
    ['/login:x', './login'],
  ])('a person who asks for %s is sent to %s', async (path, location) => {
    const response = await ask('GET', path, { accept: 'text/html' })
    expect([response.status, response.headers.get('location')]).toEqual([303, location])
  })

  it.each([
    ['power?range=7d', './power?range=7d'],
    ['api/v1/power.csv', './api/v1/power.csv'],
    ['//evil.example', './'],
    ['/\\evil.example', './'],
    ['\t//evil.example', './'],
    ['https://evil.example/', './'],
    ['javascript:alert(1)', './'],
    ['.//evil.example', './'],
    ['now:evil', './'],
    ['logout', './'],
  ])('after logging in, %j leads to %s', async (next, location) => {
    const body = new URLSearchParams({ token: TOKEN, next }).toString()
    const response = await ask('POST', '/login', { 'content-type': 'application/x-www-form-urlencoded' }, body)
    expect([response.status, response.headers.get('location')]).toEqual([303, location])
  })

  it.each([
    [{ 'x-forwarded-prefix': '/energy' }, '/energy/login'],
    [{ 'x-ingress-path': '/api/hassio_ingress/Zm9v/' }, '/api/hassio_ingress/Zm9v/login'],
    [{ 'x-forwarded-prefix': '//evil.example' }, './login'],
    [{ 'x-forwarded-prefix': 'https://evil.example' }, './login'],
    [{ 'x-forwarded-prefix': '/a/../..' }, './login'],
    [{ 'x-forwarded-prefix': '/"><script>' }, './login'],
    [{ 'x-forwarded-prefix': '/' }, './login'],
  ])('behind a trusted proxy that says %j the login is at %s', async (headers, location) => {
    const behind = open({ listenHost: '0.0.0.0', token: TOKEN, trustedProxies: ['::1', '172.30.32.2'] })
    const response = await behind('GET', '/', { accept: 'text/html', ...headers })
    expect(response.headers.get('location')).toBe(location)
  })

  it.each([[[]], [['10.0.0.0/8', '172.30.33.0/24', 'fd00::/8']]])(
    'what others say of their path does not count: trusted are %j',
    async (trustedProxies) => {
      const behind = open({ listenHost: '0.0.0.0', token: TOKEN, trustedProxies })
      const response = await behind('GET', '/', { accept: 'text/html', 'x-forwarded-prefix': '/energy' })
      expect(response.headers.get('location')).toBe('./login')
    },
  )

  it.each([
    ['a form', {}, 403],
    ['a script, which asks first', { 'x-requested-with': 'iotawatt-sync' }, 200],
    ['a script of another program', { 'x-requested-with': 'XMLHttpRequest' }, 403],
    ['a script elsewhere', { 'x-requested-with': 'iotawatt-sync', 'sec-fetch-site': 'cross-site' }, 403],
  ])('behind a proxy that changes the host, %s is told apart', async (_, headers, status) => {
    const cookie = cookieOf(await logIn(TOKEN))
    const origin = 'http://192.168.1.5:8080'
    expect((await ask('POST', '/api/v1/jobs', { cookie, origin, ...headers })).status).toBe(status)
    expect((await open()('POST', '/api/v1/jobs', { origin, ...headers })).status).toBe(403)
  })

  it('what it refuses it says to people in words, and what to do', async () => {
    const accept = 'text/html'
    const words = async (headers: Record<string, string>) =>
      (await ask('POST', '/login', { accept, ...headers })).text()
    expect(await words({ host: 'nas.local' })).toMatch(/<p>This name is not one .*allowedHosts: \['nas\.local'\]/s)
    expect(await words({ origin: 'http://nas.local:8080' })).toMatch(/a page of nas\.local:8080 .*web\.allowedHosts/s)
    expect(await words({ origin: 'http://<b>' })).not.toContain('<b>')
  })
})
