import { StoreError } from '../../model/store.ts'
import type { Once } from '../../runtime/retry.ts'
import {
  type ExchangeOptions,
  type HttpAsk,
  type HttpAuth,
  type HttpSettings,
  openHttpClient,
} from '../http/http-client.ts'

/** A single node (`url`, perhaps behind a proxy), or the two addresses of a cluster, tenant included. */
export interface VictoriaMetricsOptions extends HttpSettings {
  readonly url?: string
  /** e.g. `http://vminsert:8480/insert/0/prometheus` */
  readonly writeUrl?: string
  /** e.g. `http://vmselect:8481/select/0/prometheus` */
  readonly readUrl?: string
  /** Each further node of a cluster that answers questions, e.g. `http://vmselect-2:8481`: its cache is reset too. */
  readonly cacheResetUrls?: readonly string[]
  /** Each node of a cluster that stores, e.g. `http://vmstorage-1:8482`: it is told to show what was written. */
  readonly flushUrls?: readonly string[]
  /** Where the names of our snapshots are kept until they are deleted; left out: in memory alone. */
  readonly snapshotFolder?: string
}

export interface Ask extends Omit<HttpAsk, 'to'> {
  /** One of the addresses, or another node of a cluster. */
  readonly to: 'write' | 'read' | 'delete' | 'node' | URL
}

export interface Connection {
  /** For people, without secrets. */
  readonly address: string
  readonly isCluster: boolean
  readonly cacheNodes: readonly URL[]
  readonly storageNodes: readonly URL[]
  /** Sends once, as the client does. */
  exchange<T>(ask: Ask, options: ExchangeOptions<T>): Once<T>
  close(): Promise<void>
}

export function openConnection(options: VictoriaMetricsOptions): Connection {
  const { isCluster, auth, ...addresses } = readAddresses(options)
  const { write, read, cacheNodes, storageNodes } = addresses
  const client = openHttpClient({
    ...options,
    product: 'VictoriaMetrics',
    addresses: [write, read, ...cacheNodes, ...storageNodes],
    auth,
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
    cacheNodes,
    storageNodes,
    exchange,
    close: () => client.close(),
  }
}

/** Where to write and where to read, without a trailing slash and without the user and password that may be in it. */
function readAddresses(options: VictoriaMetricsOptions) {
  const given = { write: options.writeUrl ?? options.url, read: options.readUrl ?? options.url }
  if (given.write === undefined || given.read === undefined)
    throw new TypeError('VictoriaMetrics: give either url, or both writeUrl and readUrl')
  const isCluster = options.writeUrl !== undefined || options.readUrl !== undefined
  const read = bareUrl(given.read)
  // Undefined where they cannot be told from the address for reading.
  const node = isCluster ? besideSelect(read, '') : read
  const deletion = isCluster ? besideSelect(read, '/delete/$1/prometheus') : read
  const nodes = [...(node ? [node] : []), ...(options.cacheResetUrls ?? []).map(bareUrl)]
  return {
    write: bareUrl(given.write),
    read,
    delete: deletion,
    /** The one that answers questions, for what is not of the data. */
    node,
    /** Those whose cache keeps answers. */
    cacheNodes: nodes.filter(({ href }, index) => nodes.findIndex((other) => other.href === href) === index),
    storageNodes: isCluster ? (options.flushUrls ?? []).map(bareUrl) : [],
    isCluster,
    auth: options.auth ?? authInUrl(given.write),
  }
}

/** `http://vmselect:8481/select/0/prometheus` with its last part replaced. */
function besideSelect(read: URL, replacement: string): URL | undefined {
  const path = read.pathname.replace(/\/select\/([^/]+)\/prometheus$/, replacement)
  return path === read.pathname ? undefined : bareUrl(`${read.origin}${path}`)
}

function bareUrl(text: string): URL {
  const url = new URL(text)
  return new URL(`${url.origin}${url.pathname.replace(/\/+$/, '')}`)
}

function authInUrl(text: string): HttpAuth | undefined {
  const { username, password } = new URL(text)
  if (username === '') return undefined
  return { kind: 'basic', username: decodeURIComponent(username), password: decodeURIComponent(password) }
}
