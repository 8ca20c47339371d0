import { validateHeaderName, validateHeaderValue } from 'node:http'
import { type Dispatcher, Pool } from 'undici'
import { at } from '../../model/at.ts'
import { StoreError } from '../../model/store.ts'
import { explainFailure, withDeadline } from './explain-failure.ts'

/** The server closes an idle connection after 60 s; a request that crosses with it is lost in doubt. */
const IDLE_MS = 10_000
const CONNECTION_COUNT = 8
const DEFAULT_CONNECT_TIMEOUT_MS = 10_000
const DEFAULT_ANSWER_TIMEOUT_MS = 90_000

/** What this program calls the server that it talks to. */
export type Product = 'VictoriaMetrics' | 'InfluxDB'

export interface HttpOptions {
  readonly product: Product
  /** Every address that is asked, and no other. */
  readonly addresses: readonly URL[]
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>
  readonly redact: Answer['redact']
  readonly login?: Answer['login']
  /** The certificates to trust (PEM), in place of those of the system. */
  readonly ca?: string | undefined
  readonly connectTimeoutMs?: number | undefined
  /** For one complete answer; a store may hold a write for a minute before it says that it is busy. */
  readonly answerTimeoutMs?: number | undefined
}

export interface HttpAsk {
  readonly to: URL
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
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
  readonly login?: 'password' | 'token' | 'header'
}

export interface ExchangeOptions<T> {
  readonly read: (answer: Answer, body: AsyncIterable<Buffer>) => Promise<T>
  readonly signal: AbortSignal
}

export interface HttpClient {
  /** Sends once; the answer's body is handed to `read` while it arrives. Throws `StoreError` where no complete answer came. */
  exchange<T>(ask: HttpAsk, options: ExchangeOptions<T>): Promise<T>
  close(): Promise<void>
}

/** One pool an address; nothing is sent twice. */
export function openHttpClient(options: HttpOptions): HttpClient {
  const { product, redact, login } = options
  const origins = options.addresses.map(({ origin }) => origin)
  const pools = new Map(origins.map((origin) => [origin, openPool(origin, options)]))
  const commonHeaders = { 'user-agent': 'iotawatt-sync', ...options.headers }
  const unsendable = findUnsendable(commonHeaders)

  async function exchange<T>(ask: HttpAsk, { read: readBody, signal }: ExchangeOptions<T>): Promise<T> {
    const base = ask.to
    const path = `${base.pathname === '/' ? '' : base.pathname}${ask.path}`
    const asked = `${ask.method} ${base.origin}${at(path.split('?'), 0)}`
    const timeoutMs = ask.timeoutMs ?? options.answerTimeoutMs ?? DEFAULT_ANSWER_TIMEOUT_MS
    // The pool would keep a place for it, and soon have none left.
    if (unsendable !== undefined)
      throw new StoreError('rejected', `${asked}: not sent: ${unsendable} has a character that HTTP does not carry`, {
        hint: 'correct the token or the header of the store in the configuration',
      })
    const pool = pools.get(base.origin)
    if (!pool) throw new TypeError(`no pool for ${base.origin}`)
    try {
      return await withDeadline(
        async (deadline) => {
          const response = await pool.request({
            path,
            method: ask.method,
            headers: { ...commonHeaders, ...ask.headers },
            body: ask.body ?? null,
            signal: deadline,
          })
          const status = response.statusCode
          const answer = { asked, product, status, header: headerOf(response), redact, ...(login && { login }) }
          return await readBody(answer, response.body)
        },
        { signal, timeoutMs },
      )
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

function openPool(origin: string, { connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS, ca }: HttpOptions): Pool {
  return new Pool(origin, {
    connections: CONNECTION_COUNT,
    keepAliveTimeout: IDLE_MS,
    keepAliveMaxTimeout: IDLE_MS,
    headersTimeout: 0,
    bodyTimeout: 0,
    // Else NODE_TLS_REJECT_UNAUTHORIZED in the environment decides.
    connect: {
      rejectUnauthorized: true,
      timeout: connectTimeoutMs,
      ...(ca === undefined ? {} : { ca }),
    },
  })
}

function headerOf({ headers }: Dispatcher.ResponseData): (name: string) => string | undefined {
  return (name) => {
    const value = headers[name]
    return Array.isArray(value) ? value[0] : value
  }
}

/** As RFC 9110 has servers write it; `Date.parse` makes a year of any number. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/** The server's clock when it answered; undefined where a proxy has taken the header away. */
export function dateMs(answer: Answer): number | undefined {
  const date = answer.header('date') ?? ''
  const timeMs = HTTP_DATE.test(date) ? Date.parse(date) : NaN
  return timeMs >= 0 ? timeMs : undefined
}
