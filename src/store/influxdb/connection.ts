import type { Once } from '../../runtime/retry.ts'
import { type ExchangeOptions, type HttpAuth, type HttpSettings, openHttpClient } from '../http/http-client.ts'

/** `1.x` speaks of a database, `2.x` of a bucket, both to the same end. */
export type InfluxDbTarget =
  | {
      readonly version: '1.x'
      readonly database: string
      /** Left out: the default one of the database. */
      readonly retentionPolicy?: string
      readonly auth?: { readonly username: string; readonly password: string }
    }
  | {
      readonly version: '2.x'
      readonly organization: string
      readonly bucket: string
      readonly token: string
    }

/** What InfluxQL calls a database; of 2.x, one is mapped to the bucket. */
export function databaseOf(target: InfluxDbTarget): string {
  return target.version === '1.x' ? target.database : target.bucket
}

export interface ConnectionOptions extends Pick<HttpSettings, 'ca' | 'connectTimeoutMs' | 'answerTimeoutMs'> {
  readonly url: string
  readonly target: InfluxDbTarget
}

const TEXT = { 'content-type': 'text/plain; charset=utf-8' }

export type Connection = ReturnType<typeof openConnection>

export function openConnection(options: ConnectionOptions) {
  const { target } = options
  const given = new URL(options.url)
  const to = new URL(`${given.origin}${given.pathname.replace(/\/+$/, '')}`)
  const client = openHttpClient({ ...options, product: 'InfluxDB', addresses: [to], auth: authOf(target) })
  const queryPath = `/query?${new URLSearchParams({ db: databaseOf(target), epoch: 'ms', chunked: 'true' }).toString()}`
  const writePath = writePathOf(target)

  return {
    /** For people, without secrets. */
    address: to.href.replace(/\/$/, ''),
    target,
    query: <T>(statements: string, exchange: ExchangeOptions<T>): Once<T> =>
      client.exchange({ to, method: 'POST', path: queryPath, form: { q: statements } }, exchange),
    write: <T>(lines: string, exchange: ExchangeOptions<T>): Once<T> =>
      client.exchange({ to, method: 'POST', path: writePath, headers: TEXT, body: lines }, exchange),
    get: <T>(path: string, exchange: ExchangeOptions<T>): Once<T> =>
      client.exchange({ to, method: 'GET', path }, exchange),
    close: () => client.close(),
  }
}

function writePathOf(target: InfluxDbTarget): string {
  if (target.version === '2.x') {
    const { organization: org, bucket } = target
    return `/api/v2/write?${new URLSearchParams({ org, bucket, precision: 'ms' }).toString()}`
  }
  const { database: db, retentionPolicy: rp } = target
  const policy = rp === undefined ? {} : { rp }
  return `/write?${new URLSearchParams({ db, ...policy, precision: 'ms' }).toString()}`
}

function authOf(target: InfluxDbTarget): HttpAuth | undefined {
  if (target.version === '2.x') return { kind: 'bearer', scheme: 'Token', token: target.token }
  return target.auth && { kind: 'basic', ...target.auth }
}
