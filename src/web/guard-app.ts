import type { Context, Hono } from 'hono'
import { getConnInfo } from '@hono/node-server/conninfo'
import { bodyLimit } from 'hono/body-limit'
import { addressBlock, isInBlocks } from '../model/address-block.ts'
import type { Clock } from '../runtime/clock.ts'
import { hostFilter, hostName, isForeign } from './foreign-request.ts'
import { escapeHtml, loginPage, loginTexts, personPage, type PersonPage } from './login-page.ts'
import { namedRoot, returnPath, rootPath } from './root-path.ts'
import { type EndedSessions, webLogin, type WebLogin } from './web-login.ts'

export interface WebAccess {
  readonly listenHost: string
  /** Names beside `localhost` and `listenHost` under which people ask. */
  readonly allowedHosts: readonly string[]
  /** Required for everything but health; undefined only where this machine alone can ask. */
  readonly token?: string | undefined
  /** Addresses and networks of proxies whose word counts for the path below which they serve this. */
  readonly trustedProxies?: readonly string[]
  /** Origins of pages that may frame this one, or `self`. */
  readonly frameAncestors?: readonly string[]
  /** Left out: known until the end of this process. */
  readonly endedSessions?: EndedSessions | undefined
}

declare module 'hono' {
  interface ContextVariableMap {
    /** The policy of an answer that has a style or a script of its own. */
    contentPolicy?: string
    /** Whether who asks is still logged in; undefined where nobody need be. */
    isLoggedIn?: () => boolean
    /** The path below which a trusted proxy serves this, `/energy/`; undefined where none names one. */
    proxyRoot?: string
  }
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST'])
export const MAX_BODY_BYTES = 64 * 1024
/** Containers and orchestrators ask these without a token. */
const HEALTH: ReadonlySet<string> = new Set(['/healthz', '/readyz'])
const COOKIE = 'iotawatt-sync'

/** What stands before every path of the app, those that are added later too. */
export function guardApp(app: Hono, access: WebAccess, clock: Clock): void {
  const { token, endedSessions, trustedProxies = [], frameAncestors = [], ...hosts } = access
  const proxies = trustedProxies.flatMap((text) => addressBlock(text) ?? [])
  const hasSessions = token !== undefined
  const isAllowedHost = hostFilter({ ...hosts, allowsAddresses: hasSessions })
  app.onError((_, context) => refuse(context, 500, { error: 'this could not be answered' }))
  app.use(async (context, next) => {
    await next()
    // Afterwards: what was set before does not reach an answer that a path makes by itself.
    const headers = securityHeaders(context.get('contentPolicy') ?? DASHBOARD_POLICY, frameAncestors)
    for (const [name, value] of Object.entries(headers)) context.header(name, value)
    if (!context.res.headers.has('Cache-Control')) context.header('Cache-Control', 'no-store')
  })
  app.use(async (context, next) => {
    const root = isInBlocks(peerOf(context), proxies) ? namedRoot(context) : undefined
    if (root !== undefined) context.set('proxyRoot', root)
    const { method } = context.req
    if (!METHODS.has(method)) return refuse(context, 405, { error: `${method} is not answered here` })
    const header = (name: string) => context.req.header(name)
    const host = header('host') ?? new URL(context.req.url).host
    if (!isAllowedHost(host)) return refuse(context, 421, wrongHost(host))
    if (isForeign({ method, host, header, hasSessions, allowedHosts: hosts.allowedHosts }))
      return refuse(context, 403, foreignProblem(host, header('origin')))
    return next()
  })
  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: (context) => refuse(context, 413, { error: 'the body is too large' }),
    }),
  )
  if (token !== undefined) addLogin(app, webLogin(token, { clock, ended: endedSessions ?? endedHere() }))
}

interface Problem {
  readonly error: string
  /** What to do. */
  readonly hint?: string
}

function wrongHost(host: string): Problem {
  const name = hostName(host)
  return {
    error: 'this name is not one of this server; to use it, add it to web.allowedHosts',
    ...(name !== undefined && { hint: `In the configuration: web: { allowedHosts: ['${name}'] }` }),
  }
}

function foreignProblem(host: string, origin: string | undefined): Problem {
  const [, name] = /^https?:\/\/([\w.:[\]-]+)$/i.exec(origin ?? '') ?? []
  return {
    error: 'a page of another site asked for this',
    ...(name !== undefined && {
      hint: `It was asked by a page of ${name} and reached this server as ${host}. Is ${name} a proxy before it? Let the proxy pass the Host header, or add its name to web.allowedHosts.`,
    }),
  }
}

function endedHere(): EndedSessions {
  const ended = new Set<string>()
  return {
    has: (session) => ended.has(session),
    add: async (session) => void ended.add(session),
  }
}

function addLogin(app: Hono, login: WebLogin): void {
  app.use(async (context, next) => {
    const { path } = context.req
    const isBearer = login.isBearer(context.req.header('authorization'))
    const isLoggedIn = () => isBearer || sessionsOf(context).some((cookie) => login.isSession(cookie))
    context.set('isLoggedIn', isLoggedIn)
    if (isLoggedIn() || path === '/login') return next()
    if (!HEALTH.has(path)) return askForToken(context)
    await next()
    // Whether all is well is for everybody, the names of devices and what fails are not.
    const complete: unknown = await context.res.json()
    const status =
      typeof complete === 'object' && complete !== null && 'status' in complete ? complete.status : undefined
    context.res = new Response(JSON.stringify({ status }), context.res)
  })
  app.get('/login', (context) => {
    const next = returnPath(context.req.query('next'))
    const texts = loginTexts(context.req.header('accept-language'))
    return context.get('isLoggedIn')?.() ? goTo(context, next) : show(context, loginPage({ texts, next }))
  })
  app.post('/login', async (context) => {
    const form = await context.req.parseBody().catch((): Record<string, unknown> => ({}))
    const next = returnPath(typeof form['next'] === 'string' ? form['next'] : '')
    const { token } = form
    const texts = loginTexts(context.req.header('accept-language'))
    const isScript = context.req.header('x-requested-with') !== undefined
    if (typeof token !== 'string' || !login.isToken(token.trim()))
      return isScript
        ? refuse(context, 401, { error: texts.wrong })
        : show(context, loginPage({ texts, next, isWrong: true }), 401)
    const { cookie, maxAgeS } = login.openSession()
    setSession(context, cookie, maxAgeS)
    return isScript ? context.body(null, 204) : goTo(context, next)
  })
  app.post('/logout', async (context) => {
    for (const cookie of sessionsOf(context)) await login.endSession(cookie)
    setSession(context, '', 0)
    return goTo(context, 'login')
  })
}

/** Whose connection it is; empty where the app is asked without one. */
function peerOf(context: Context): string {
  return 'incoming' in Object(context.env) ? (getConnInfo(context).remote.address ?? '') : ''
}

/** There may be more than one: another daemon of this machine may have one for a folder above. */
function sessionsOf({ req }: Context): readonly string[] {
  const cookies = (req.header('cookie') ?? '').split(';').map((cookie) => cookie.trim().split('='))
  return cookies.flatMap(([name, value]) => (name === COOKIE && value !== undefined ? [value] : []))
}

/** Without a path: a browser then sends it to the folder of `login` alone, whatever a proxy calls that. */
function setSession(context: Context, cookie: string, maxAgeS: number): void {
  context.header('Set-Cookie', `${COOKIE}=${cookie}; Max-Age=${maxAgeS}; HttpOnly; SameSite=Strict`)
}

function askForToken(context: Context): Response {
  const { path, url } = context.req
  if (context.req.method === 'GET' && isPerson(context)) {
    const next = returnPath(`${path.slice(1)}${new URL(url).search}`)
    return goTo(context, next === '' ? 'login' : `login?next=${encodeURIComponent(next)}`)
  }
  context.header('WWW-Authenticate', 'Bearer realm="iotawatt-sync"')
  return refuse(context, 401, { error: 'the token of web.token is required, as Authorization: Bearer' })
}

/** To a path below the root. */
function goTo(context: Context, path: string): Response {
  return context.redirect(`${rootPath(context)}${path}`, 303)
}

function isPerson({ req }: Context): boolean {
  return (req.header('accept') ?? '').includes('text/html')
}

function show(context: Context, { html, contentPolicy }: PersonPage, status: 200 | RefusedStatus = 200): Response {
  context.set('contentPolicy', contentPolicy)
  return context.html(html, status)
}

type RefusedStatus = 401 | 403 | 405 | 413 | 421 | 500

/** In JSON for programs, in words for people. */
function refuse(context: Context, status: RefusedStatus, { error, hint }: Problem): Response {
  if (status === 405) context.header('Allow', [...METHODS].join(', '))
  if (!isPerson(context)) return context.json({ error, ...(hint !== undefined && { hint }) }, status)
  const sentence = `${error.charAt(0).toUpperCase()}${error.slice(1)}.`
  const words = [sentence, ...(hint === undefined ? [] : [hint])].map((text) => `<p>${escapeHtml(text)}</p>`)
  return show(context, personPage({ locale: 'en', title: 'Not answered' }, words.join('\n')), status)
}

const DASHBOARD_POLICY =
  "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'"

/** Of every answer. What a page shows comes from here alone; no other site reads or embeds it. */
function securityHeaders(contentPolicy: string, frameAncestors: readonly string[]): Readonly<Record<string, string>> {
  const ancestors = frameAncestors.map((origin) => (origin === 'self' ? "'self'" : origin))
  return {
    'Content-Security-Policy': `${contentPolicy}; frame-ancestors ${ancestors.join(' ') || "'none'"}`,
    'X-Content-Type-Options': 'nosniff',
    // It knows no other origins: where there are some, the policy alone counts.
    ...(ancestors.every((each) => each === "'self'") && {
      'X-Frame-Options': ancestors.length > 0 ? 'SAMEORIGIN' : 'DENY',
    }),
    // With `no-referrer` a form of our own would be sent with the origin `null`, as that of a stranger can be.
    'Referrer-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
  }
}
