import type { Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { Clock } from '../runtime/clock.ts'
import { hostFilter } from './allowed-hosts.ts'
import { isForeign } from './foreign-request.ts'
import { loginPage } from './login-page.ts'
import { SECURITY_HEADERS } from './security-headers.ts'
import { webLogin, type WebLogin } from './web-login.ts'

export interface WebAccess {
  readonly listenHost: string
  /** Names beside `localhost` and `listenHost` under which people ask. */
  readonly allowedHosts: readonly string[]
  /** Wanted for everything but health; undefined only where this machine alone can ask. */
  readonly token?: string | undefined
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST'])
export const MAX_BODY_BYTES = 64 * 1024
/** Containers and orchestrators ask these without a token. */
const HEALTH: ReadonlySet<string> = new Set(['/healthz', '/readyz'])
const COOKIE = 'iotawatt-sync'

/** What stands before every path of the app, those that are added later too. */
export function guardApp(app: Hono, { token, ...hosts }: WebAccess, clock: Clock): void {
  const isAllowedHost = hostFilter({ ...hosts, allowsAddresses: token !== undefined })
  app.onError((_, context) => refuse(context, 500, 'this could not be answered'))
  app.use(async (context, next) => {
    await next()
    // Afterwards: what was set before does not reach an answer that a path makes by itself.
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) context.header(name, value)
    if (!context.res.headers.has('Cache-Control')) context.header('Cache-Control', 'no-store')
  })
  app.use(async (context, next) => {
    const { method } = context.req
    if (!METHODS.has(method)) return refuse(context, 405, `${method} is not answered here`)
    const header = (name: string) => context.req.header(name)
    const host = header('host') ?? new URL(context.req.url).host
    if (!isAllowedHost(host)) return refuse(context, 421, WRONG_HOST)
    if (isForeign({ method, host, header, allowedHosts: hosts.allowedHosts }))
      return refuse(context, 403, 'a page of another site asked for this')
    return next()
  })
  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES, onError: (context) => refuse(context, 413, 'the body is too large') }))
  if (token !== undefined) addLogin(app, webLogin(token, clock))
}

const WRONG_HOST = 'this name is not one of this server; to use it, add it to web.allowedHosts'

function addLogin(app: Hono, login: WebLogin): void {
  app.use(async (context, next) => {
    const { path } = context.req
    const isKnown = login.isBearer(context.req.header('authorization')) || login.isSession(getCookie(context, COOKIE))
    if (isKnown || path === '/login') return next()
    if (!HEALTH.has(path)) return askForToken(context)
    await next()
    // Whether all is well is for everybody, the names of devices and what fails are not.
    const whole: unknown = await context.res.json()
    const status = typeof whole === 'object' && whole !== null && 'status' in whole ? whole.status : undefined
    context.res = new Response(JSON.stringify({ status }), context.res)
  })
  app.get('/login', (context) => context.html(loginPage()))
  app.post('/login', async (context) => {
    const { token } = await context.req.parseBody().catch((): Record<string, unknown> => ({}))
    if (typeof token !== 'string' || !login.isToken(token.trim()))
      return context.html(loginPage('This is not the token.'), 401)
    const { cookie, maxAgeS } = login.openSession()
    setCookie(context, COOKIE, cookie, { httpOnly: true, sameSite: 'Strict', path: '/', maxAge: maxAgeS })
    return context.redirect('/', 303)
  })
  app.post('/logout', (context) => {
    deleteCookie(context, COOKIE, { path: '/' })
    return context.redirect('/login', 303)
  })
}

function askForToken(context: Context): Response {
  const isPerson = context.req.method === 'GET' && (context.req.header('accept') ?? '').includes('text/html')
  if (isPerson) return context.redirect('/login', 303)
  context.header('WWW-Authenticate', 'Bearer realm="iotawatt-sync"')
  return refuse(context, 401, 'the token of web.token is wanted, as Authorization: Bearer')
}

function refuse(context: Context, status: 401 | 403 | 405 | 413 | 421 | 500, error: string): Response {
  if (status === 405) context.header('Allow', [...METHODS].join(', '))
  return context.json({ error }, status)
}
