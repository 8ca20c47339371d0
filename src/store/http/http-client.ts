import { validateHeaderName, validateHeaderValue } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type Dispatcher, Pool } from 'undici'
import { at } from '../../model/at.ts'
import { StoreError } from '../../model/store.ts'
import { redact } from '../../runtime/redact.ts'
import type { Answer, Product } from './answer.ts'
import { DeadlineError, explainFailure } from './explain-failure.ts'

const compress = promisify(gzip)

/** The server closes an idle connection after 60 s; a request that crosses with it is lost in doubt. */
const IDLE_MS = 10_000
const CONNECTION_COUNT = 8
const DEFAULT_CONNECT_TIMEOUT_MS = 10_000
const DEFAULT_ANSWER_TIMEOUT_MS = 90_000

export type HttpAuth =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  /** `scheme`: `Bearer` where it is left out. */
  | { readonly kind: 'bearer'; readonly token: string; readonly scheme?: 'Token' }

/** What a configuration may say of any store over HTTP. */
export interface HttpSettings {
  readonly auth?: HttpAuth | undefined
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** The certificates to trust (PEM), in place of those of the system. */
  readonly ca?: string | undefined
  readonly connectTimeoutMs?: number | undefined
  /** For one complete answer; a store may hold a write for a minute before it says that it is busy. */
  readonly answerTimeoutMs?: number | undefined
}

interface HttpOptions extends HttpSettings {
  readonly product: Product
  /** Every address that is asked, and no other. */
  readonly addresses: readonly URL[]
}

export interface HttpAsk {
  readonly to: URL
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  /** In place of a body. */
  readonly form?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
}

export interface ExchangeOptions<T> {
  readonly read: (answer: Answer) => Promise<T>
  readonly signal: AbortSignal
}

/** One pool an address; nothing is sent twice. */
export function openHttpClient(options: HttpOptions) {
  const { product, auth } = options
  const origins = options.addresses.map(({ origin }) => origin)
  const pools = new Map(origins.map((origin) => [origin, openPool(origin, options)]))
  const login = loginIn(options)
  const redactSecrets = redactor(options)
  const authorization = auth && { authorization: authorizationHeader(auth) }
  const commonHeaders = { 'user-agent': 'iotawatt-sync', ...options.headers, ...authorization }
  const unsendable = findUnsendable(commonHeaders)

  /** Sends once; the answer is handed to `read` while its body arrives. Throws `StoreError` where no complete answer came. */
  async function exchange<T>(ask: HttpAsk, { read, signal }: ExchangeOptions<T>): Promise<T> {
    const { to, method } = ask
    const path = `${to.pathname === '/' ? '' : to.pathname}${ask.path}`
    const asked = `${method} ${to.origin}${at(path.split('?'), 0)}`
    const timeoutMs = ask.timeoutMs ?? options.answerTimeoutMs ?? DEFAULT_ANSWER_TIMEOUT_MS
    // The pool would keep a place for it, and soon have none left.
    if (unsendable !== undefined)
      throw new StoreError('rejected', `${asked}: not sent: ${unsendable} has a character that HTTP does not carry`, {
        hint: 'correct the token or the header of the store in the configuration',
      })
    const pool = pools.get(to.origin)
    if (!pool) throw new TypeError(`no pool for ${to.origin}`)
    const sent = await encodeBody(ask)
    const headers = { ...commonHeaders, ...ask.headers, ...sent.headers }
    const request = async (deadline: AbortSignal) => {
      const response = await pool.request({ path, method, headers, body: sent.body, signal: deadline })
      const { statusCode: status, body } = response
      return read({ asked, product, status, header: headerOf(response), redact: redactSecrets, login, body })
    }
    try {
      return await withDeadline(request, { signal, timeoutMs })
    } catch (error) {
      if (signal.aborted) throw signal.reason
      throw explainFailure(error, { asked, timeoutMs, product })
    }
  }

  return {
    exchange,
    close: async (): Promise<void> => {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()))
    },
  }
}

function loginIn({ auth, headers = {} }: HttpSettings): Answer['login'] {
  if (auth) return auth.kind === 'basic' ? 'password' : 'token'
  return Object.keys(headers).some((name) => name.toLowerCase() === 'authorization') ? 'header' : undefined
}

function authorizationHeader(auth: HttpAuth): string {
  if (auth.kind === 'bearer') return `${auth.scheme ?? 'Bearer'} ${auth.token}`
  return `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`
}

/** Takes out of a text what must not be shown: a proxy may repeat in its answer how we logged in. */
export function redactor({ auth, headers = {} }: HttpSettings): Answer['redact'] {
  const sent = auth ? [authorizationHeader(auth).replace(/^\S+ /, '')] : []
  return redact([...sent, ...(auth?.kind === 'basic' ? [auth.password] : []), ...Object.values(headers)])
}

/** The header that HTTP does not carry as it is. */
function findUnsendable(headers: Readonly<Record<string, string>>): string | undefined {
  return Object.entries(headers).find(([name, value]) => {
    try {
      validateHeaderName(name)
      validateHeaderValue(name, value)
      return false
    } catch {
      return true
    }
  })?.[0]
}

/**
 * Compressed only where the way is encrypted, and so probably long; always complete, with its length: a cut-off gzip
 * stream counts as a good one to VictoriaMetrics.
 */
async function encodeBody({ to, body = '', form }: HttpAsk) {
  if (form)
    return {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
    }
  const isZipped = to.protocol === 'https:' && body.length > 0
  return isZipped ? { headers: { 'content-encoding': 'gzip' }, body: await compress(body, { level: 1 }) } : { body }
}

function openPool(origin: string, { connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS, ca }: HttpSettings): Pool {
  return new Pool(origin, {
    connections: CONNECTION_COUNT,
    keepAliveTimeout: IDLE_MS,
    keepAliveMaxTimeout: IDLE_MS,
    headersTimeout: 0,
    bodyTimeout: 0,
    // Else NODE_TLS_REJECT_UNAUTHORIZED in the environment decides.
    connect: { rejectUnauthorized: true, timeout: connectTimeoutMs, ...(ca !== undefined && { ca }) },
  })
}

function headerOf({ headers }: Dispatcher.ResponseData): (name: string) => string | undefined {
  return (name) => {
    const value = headers[name]
    return Array.isArray(value) ? value[0] : value
  }
}

/** Aborts what was asked when the signal is aborted or the time is over; leaves no listener on the signal. */
async function withDeadline<T>(
  ask: (deadline: AbortSignal) => Promise<T>,
  { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
): Promise<T> {
  signal.throwIfAborted()
  const controller = new AbortController()
  const onAbort = () => controller.abort(signal.reason)
  const timer = setTimeout(() => controller.abort(new DeadlineError('no answer in time')), timeoutMs)
  signal.addEventListener('abort', onAbort, { once: true })
  // What is asked may wait where an abort does not reach it.
  const overdue = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => setImmediate(() => reject(controller.signal.reason)))
  })
  try {
    return await Promise.race([ask(controller.signal), overdue])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}
