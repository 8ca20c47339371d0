export type VictoriaMetricsAuth =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string }

/** A single node (`url`, perhaps behind a proxy), or the two addresses of a cluster, tenant included. */
export interface VictoriaMetricsOptions {
  readonly url?: string
  /** e.g. `http://vminsert:8480/insert/0/prometheus` */
  readonly writeUrl?: string
  /** e.g. `http://vmselect:8481/select/0/prometheus` */
  readonly readUrl?: string
  /** Each further node of a cluster that answers questions, e.g. `http://vmselect-2:8481`: its cache is reset too. */
  readonly cacheResetUrls?: readonly string[]
  readonly auth?: VictoriaMetricsAuth
  readonly headers?: Readonly<Record<string, string>>
  /** The certificates to trust (PEM), in place of those of the system. */
  readonly ca?: string
  /** Where the names of our snapshots are kept until they are deleted; left out: in memory alone. */
  readonly snapshotFolder?: string
  readonly connectTimeoutMs?: number
  /** For one complete answer; a store may hold a write for a minute before it says that it is busy. */
  readonly answerTimeoutMs?: number
}

/** Where to write and where to read, without a trailing slash and without the user and password that may be in it. */
export interface Addresses {
  readonly write: URL
  readonly read: URL
  /** Undefined where that of a cluster cannot be told from its address for reading. */
  readonly delete: URL | undefined
  /** The node that answers questions, for what is not of the data; undefined as above. */
  readonly node: URL | undefined
  /** Those whose cache keeps answers. */
  readonly cacheNodes: readonly URL[]
  readonly isCluster: boolean
  readonly auth: VictoriaMetricsAuth | undefined
}

export function readAddresses(options: VictoriaMetricsOptions): Addresses {
  const write = options.writeUrl ?? options.url
  const read = options.readUrl ?? options.url
  if (write === undefined || read === undefined)
    throw new TypeError('VictoriaMetrics: give either url, or both writeUrl and readUrl')
  const isCluster = options.writeUrl !== undefined || options.readUrl !== undefined
  const node = isCluster ? besideSelect(bareUrl(read), '') : bareUrl(read)
  const nodes = [...(node ? [node] : []), ...(options.cacheResetUrls ?? []).map(bareUrl)]
  return {
    cacheNodes: nodes.filter(({ href }, index) => nodes.findIndex((other) => other.href === href) === index),
    write: bareUrl(write),
    read: bareUrl(read),
    delete: isCluster ? besideSelect(bareUrl(read), '/delete/$1/prometheus') : bareUrl(read),
    node,
    isCluster,
    auth: options.auth ?? authInUrl(write),
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

function authInUrl(text: string): VictoriaMetricsAuth | undefined {
  const { username, password } = new URL(text)
  if (username === '') return undefined
  return { kind: 'basic', username: decodeURIComponent(username), password: decodeURIComponent(password) }
}

export function authorizationHeader(auth: VictoriaMetricsAuth): string {
  if (auth.kind === 'bearer') return `Bearer ${auth.token}`
  return `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`
}
