import { StoreError } from '../../model/store.ts'
import { redact } from '../../runtime/redact.ts'
import type { Once } from '../../runtime/retry.ts'
import { type Answer, type ExchangeOptions, type HttpAsk, openHttpClient } from '../http/http-client.ts'
import { authorizationHeader, readAddresses, type VictoriaMetricsOptions } from './victoriametrics-options.ts'

export interface Ask extends Omit<HttpAsk, 'to'> {
  /** One of the addresses, or another node of a cluster. */
  readonly to: 'write' | 'read' | 'delete' | 'node' | URL
}

export interface Connection {
  /** For people, without secrets. */
  readonly address: string
  readonly isCluster: boolean
  readonly cacheNodes: readonly URL[]
  readonly isEncrypted: boolean
  /** Sends once; the answer's body is handed to `read` while it arrives. Throws `StoreError` where no complete answer came. */
  exchange<T>(ask: Ask, options: ExchangeOptions<T>): Once<T>
  close(): Promise<void>
}

export function openConnection(options: VictoriaMetricsOptions): Connection {
  const { isCluster, auth, ...addresses } = readAddresses(options)
  const { write, read } = addresses
  const login = loginIn(auth, options.headers)
  const client = openHttpClient({
    product: 'VictoriaMetrics',
    addresses: [write, read, ...addresses.cacheNodes],
    headers: { ...options.headers, ...(auth ? { authorization: authorizationHeader(auth) } : {}) },
    redact: redactor({ ...options, ...(auth && { auth }) }),
    ...(login && { login }),
    ca: options.ca,
    connectTimeoutMs: options.connectTimeoutMs,
    answerTimeoutMs: options.answerTimeoutMs,
  })

  async function exchange<T>(ask: Ask, exchangeOptions: ExchangeOptions<T>): Promise<T> {
    const to = ask.to instanceof URL ? ask.to : addresses[ask.to]
    if (!to)
      throw new StoreError('rejected', `${read.href}: its address for ${String(ask.to)} is not known`, {
        hint: 'give the readUrl of the cluster itself, which ends with /select/<tenant>/prometheus',
      })
    return client.exchange({ ...ask, to }, exchangeOptions)
  }

  return {
    address: isCluster ? `${write.href} and ${read.href}` : write.href,
    isCluster,
    cacheNodes: addresses.cacheNodes,
    isEncrypted: write.protocol === 'https:',
    exchange,
    close: () => client.close(),
  }
}

function loginIn(
  auth: VictoriaMetricsOptions['auth'],
  headers: VictoriaMetricsOptions['headers'] = {},
): Answer['login'] | undefined {
  if (auth) return auth.kind === 'basic' ? 'password' : 'token'
  return Object.keys(headers).some((name) => name.toLowerCase() === 'authorization') ? 'header' : undefined
}

/** Takes out of a text what must not be shown: a proxy may repeat in its answer how we logged in. */
export function redactor({ auth, headers = {} }: Pick<VictoriaMetricsOptions, 'auth' | 'headers'>) {
  return redact([...(auth ? secretsOf(auth) : []), ...Object.values(headers)])
}

function secretsOf(auth: NonNullable<VictoriaMetricsOptions['auth']>): string[] {
  const sent = authorizationHeader(auth).replace(/^\S+ /, '')
  return auth.kind === 'bearer' ? [sent] : [sent, auth.password]
}
