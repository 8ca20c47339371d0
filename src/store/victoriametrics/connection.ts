import { validateHeaderName, validateHeaderValue } from 'node:http'
import { type Dispatcher, Pool } from 'undici'
import { at } from '../../model/at.ts'
import { StoreError } from '../../model/store.ts'
import { redact } from '../../runtime/redact.ts'
import { explainFailure, withDeadline } from './explain-failure.ts'
import { authorizationHeader, readAddresses, type VictoriaMetricsOptions } from './victoriametrics-options.ts'

/** The server closes an idle connection after 60 s; a request that crosses with it is lost in doubt. */
const IDLE_MS = 10_000
const CONNECTION_COUNT = 8
const DEFAULT_CONNECT_TIMEOUT_MS = 10_000
const DEFAULT_ANSWER_TIMEOUT_MS = 90_000

export interface Ask {
  /** One of the addresses, or another node of a cluster. */
  readonly to: 'write' | 'read' | 'delete' | 'node' | URL
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  readonly timeoutMs?: number
}

export interface Answer {
  /** `POST http://host:8428/api/v1/import`, for messages. */
  readonly asked: string
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

export interface Connection {
  /** For people, without secrets. */
  readonly address: string
  readonly isCluster: boolean
  readonly cacheNodes: readonly URL[]
  readonly isEncrypted: boolean
  /** Sends once; the answer's body is handed to `read` while it arrives. Throws `StoreError` where no complete answer came. */
  exchange<T>(ask: Ask, options: ExchangeOptions<T>): Promise<T>
  close(): Promise<void>
}

/** One pool an address; nothing is sent twice. */
export function openConnection(options: VictoriaMetricsOptions): Connection {
  const { isCluster, auth, ...addresses } = readAddresses(options)
  const { write, read } = addresses
  const origins = [write, read, ...addresses.cacheNodes].map(({ origin }) => origin)
  const pools = new Map(origins.map((origin) => [origin, openPool(origin, options)]))
  const commonHeaders = {
    'user-agent': 'iotawatt-sync',
    ...options.headers,
    ...(auth ? { authorization: authorizationHeader(auth) } : {}),
  }

  const unsendable = findUnsendable(commonHeaders)
  const redact = redactor({ ...options, ...(auth && { auth }) })
  const login = loginIn(auth, options.headers)

  async function exchange<T>(ask: Ask, { read: readBody, signal }: ExchangeOptions<T>): Promise<T> {
    const base = ask.to instanceof URL ? ask.to : addresses[ask.to]
    if (!base)
      throw new StoreError('rejected', `${read.href}: its address for ${String(ask.to)} is not known`, {
        hint: 'give the readUrl of the cluster itself, which ends with /select/<tenant>/prometheus',
      })
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
          const answer = { asked, status, header: headerOf(response), redact, ...(login && { login }) }
          return await readBody(answer, response.body)
        },
        { signal, timeoutMs },
      )
    } catch (error) {
      if (signal.aborted) throw signal.reason
      throw explainFailure(error, { asked, timeoutMs })
    }
  }

  return {
    address: isCluster ? `${write.href} and ${read.href}` : write.href,
    isCluster,
    cacheNodes: addresses.cacheNodes,
    isEncrypted: write.protocol === 'https:',
    exchange,
    close: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()))
    },
  }
}

function loginIn(
  auth: VictoriaMetricsOptions['auth'],
  headers: VictoriaMetricsOptions['headers'] = {},
): Answer['login'] | undefined {
  if (auth) return auth.kind === 'basic' ? 'password' : 'token'
  return Object.keys(headers).some((name) => name.toLowerCase() === 'authorization') ? 'header' : undefined
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

function openPool(origin: string, options: VictoriaMetricsOptions): Pool {
  const connectTimeoutMs = options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS
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
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    },
  })
}

function headerOf({ headers }: Dispatcher.ResponseData): (name: string) => string | undefined {
  return (name) => {
    const value = headers[name]
    return Array.isArray(value) ? value[0] : value
  }
}

/** Takes out of a text what must not be shown: a proxy may repeat in its answer how we logged in. */
export function redactor({ auth, headers = {} }: Pick<VictoriaMetricsOptions, 'auth' | 'headers'>) {
  return redact([...(auth ? secretsOf(auth) : []), ...Object.values(headers)])
}

function secretsOf(auth: NonNullable<VictoriaMetricsOptions['auth']>): string[] {
  const sent = authorizationHeader(auth).replace(/^\S+ /, '')
  return auth.kind === 'bearer' ? [sent] : [sent, auth.password]
}
