import { validateHeaderName, validateHeaderValue } from 'node:http'
import { type Dispatcher, Pool } from 'undici'
import { at } from '../../model/at.ts'
import { StoreError, type StoreErrorReason } from '../../model/store.ts'
import { redact } from '../../runtime/redact.ts'

/** The server closes an idle connection after 60 s; a request that crosses with it is lost in doubt. */
const IDLE_MS = 10_000
const CONNECTION_COUNT = 8
const DEFAULT_CONNECT_TIMEOUT_MS = 10_000
const DEFAULT_ANSWER_TIMEOUT_MS = 90_000

const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' }

/** What this program calls the server that it talks to. */
export type Product = 'VictoriaMetrics' | 'InfluxDB'

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
  /** Left out: `form`, where there is one. */
  readonly body?: string | Buffer
  readonly form?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
}

export interface Answer {
  /** `POST http://host:8428/api/v1/import`, for messages. */
  readonly asked: string
  readonly product: Product
  readonly status: number
  readonly header: (name: string) => string | undefined
  /** Takes our secrets out of what it says. */
  readonly redact: (text: string) => string
  /** How we logged in; left out: not at all. */
  readonly login?: 'password' | 'token' | 'header' | undefined
  /** As it arrives. */
  readonly body: AsyncIterable<Buffer>
}

export interface ExchangeOptions<T> {
  readonly read: (answer: Answer) => Promise<T>
  readonly signal: AbortSignal
}

export interface HttpClient {
  /** Sends once; the answer is handed to `read` while its body arrives. Throws `StoreError` where no complete answer came. */
  exchange<T>(ask: HttpAsk, options: ExchangeOptions<T>): Promise<T>
  close(): Promise<void>
}

/** One pool an address; nothing is sent twice. */
export function openHttpClient(options: HttpOptions): HttpClient {
  const { product, auth } = options
  const origins = options.addresses.map(({ origin }) => origin)
  const pools = new Map(origins.map((origin) => [origin, openPool(origin, options)]))
  const login = loginIn(options)
  const redactSecrets = redactor(options)
  const authorization = auth && { authorization: authorizationHeader(auth) }
  const commonHeaders = { 'user-agent': 'iotawatt-sync', ...options.headers, ...authorization }
  const unsendable = findUnsendable(commonHeaders)

  async function exchange<T>(ask: HttpAsk, { read, signal }: ExchangeOptions<T>): Promise<T> {
    const { to, method, form } = ask
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
    const headers = { ...commonHeaders, ...(form && FORM_TYPE), ...ask.headers }
    const sent = ask.body ?? (form ? new URLSearchParams(form).toString() : null)
    const request = async (deadline: AbortSignal) => {
      const response = await pool.request({ path, method, headers, body: sent, signal: deadline })
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
    close: async () => {
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

class DeadlineError extends Error {}

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

/** What to call the errors of connecting; after any of them nothing had been sent yet. */
const CONNECT_WORDS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'connection refused'],
  ['ENOTFOUND', 'there is no host of this name'],
  ['EAI_AGAIN', 'the name of the host cannot be looked up now'],
  ['UND_ERR_CONNECT_TIMEOUT', 'no connection in time'],
])

/** A request without a complete answer, as a `StoreError`; `ambiguous` unless nothing can have arrived. */
function explainFailure(
  error: unknown,
  { asked, timeoutMs, product }: { asked: string; timeoutMs: number; product: Product },
): StoreError {
  if (error instanceof StoreError) return error
  const failed = (reason: StoreErrorReason, what: string, options: { hint: string; ambiguous?: boolean }) =>
    new StoreError(reason, `${asked}: ${what}`, { ...options, cause: error })
  const reachHint = `is ${product} running, and is the address of the store in the configuration right?`
  const [code, message] = [textOf(error, 'code'), textOf(error, 'message')]
  if (error instanceof DeadlineError)
    return failed('timeout', `no complete answer within ${timeoutMs / 1000} s`, {
      ambiguous: true,
      hint: 'the store or the way to it is slow or stuck',
    })
  if (PLAIN_ANSWER.test(code) || PLAIN_ANSWER.test(textOf(error, 'reason')))
    return failed('unreachable', 'this port speaks plain http, not https', {
      hint: 'write http:// in the address of the store',
    })
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS|ERR_SSL|EPROTO/.test(code))
    return failed('unreachable', `no trusted connection: ${textOf(error, 'reason') || message} (${code})`, {
      hint: 'give the certificate of the store’s own authority as caFile, or correct https in its address',
    })
  if (code === 'UND_ERR_INVALID_ARG')
    return failed('rejected', `not sent: ${message}`, {
      hint: 'correct the headers of the store in the configuration',
    })
  const words = CONNECT_WORDS.get(code)
  if (words !== undefined || textOf(error, 'syscall') === 'connect')
    return failed('unreachable', `${words ?? 'no connection'} (${code})`, { hint: reachHint })
  return failed('unreachable', `the connection was lost (${code || message})`, { ambiguous: true, hint: reachHint })
}

/** What OpenSSL makes of an answer in plain text, by version. */
const PLAIN_ANSWER = /WRONG.VERSION.NUMBER|PACKET.LENGTH.TOO.LONG|HTTP.REQUEST|RECORD.LAYER.FAILURE/i

/** `reason` is what OpenSSL says, without where in its sources. */
function textOf(error: unknown, key: 'code' | 'syscall' | 'message' | 'reason'): string {
  if (typeof error !== 'object' || error === null) return ''
  const value: unknown = Reflect.get(error, key)
  return typeof value === 'string' ? value : ''
}

/** As RFC 9110 has servers write it; `Date.parse` makes a year of any number. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/** The server's clock when it answered; undefined where a proxy has taken the header away. */
export function dateMs(answer: Answer): number | undefined {
  const date = answer.header('date') ?? ''
  const timeMs = HTTP_DATE.test(date) ? Date.parse(date) : NaN
  return timeMs >= 0 ? timeMs : undefined
}
