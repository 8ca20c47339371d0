import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { redact } from '../../runtime/redact.ts'
import type { Once } from '../../runtime/retry.ts'
import { type ExchangeOptions, openHttpClient } from '../http/http-client.ts'
import { databaseOf, type InfluxDbOptions, type InfluxDbTarget } from './influxdb-options.ts'

const compress = promisify(gzip)

export interface Connection {
  /** For people, without secrets. */
  readonly address: string
  readonly target: InfluxDbTarget
  query<T>(statements: string, options: ExchangeOptions<T>): Once<T>
  write<T>(lines: string, options: ExchangeOptions<T>): Once<T>
  get<T>(path: string, options: ExchangeOptions<T>): Once<T>
  close(): Promise<void>
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const TEXT = { 'content-type': 'text/plain; charset=utf-8' }

export function openConnection(options: InfluxDbOptions): Connection {
  const { target, ca, connectTimeoutMs, answerTimeoutMs } = options
  const given = new URL(options.url)
  const to = new URL(`${given.origin}${given.pathname.replace(/\/+$/, '')}`)
  const login = loginOf(target)
  const client = openHttpClient({
    product: 'InfluxDB',
    addresses: [to],
    headers: login ? { authorization: login.header } : {},
    redact: redact(login?.secrets ?? []),
    ...(login && { login: login.kind }),
    ca,
    connectTimeoutMs,
    answerTimeoutMs,
  })
  const queryPath = `/query?${new URLSearchParams({ db: databaseOf(target), epoch: 'ms', chunked: 'true' }).toString()}`
  const writePath = writePathOf(target)

  return {
    address: to.href.replace(/\/$/, ''),
    target,
    query: (statements, exchange) =>
      client.exchange(
        { to, method: 'POST', path: queryPath, headers: FORM, body: new URLSearchParams({ q: statements }).toString() },
        exchange,
      ),
    // Compressed only where the way is encrypted, and so probably long.
    write: async (lines, exchange) => {
      const zipped = to.protocol === 'https:' && lines !== ''
      const headers = zipped ? { ...TEXT, 'content-encoding': 'gzip' } : TEXT
      const body = zipped ? await compress(lines, { level: 1 }) : lines
      return client.exchange({ to, method: 'POST', path: writePath, headers, body }, exchange)
    },
    get: (path, exchange) => client.exchange({ to, method: 'GET', path }, exchange),
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

interface LoginHeader {
  readonly kind: 'password' | 'token'
  readonly header: string
  readonly secrets: readonly string[]
}

function loginOf(target: InfluxDbTarget): LoginHeader | undefined {
  if (target.version === '2.x') return { kind: 'token', header: `Token ${target.token}`, secrets: [target.token] }
  if (!target.auth) return undefined
  const { username, password } = target.auth
  const sent = Buffer.from(`${username}:${password}`).toString('base64')
  return { kind: 'password', header: `Basic ${sent}`, secrets: [sent, password] }
}
