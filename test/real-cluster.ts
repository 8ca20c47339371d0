import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, startServer } from '../scripts/start-server.mjs'
import { type Labels, seriesKey } from '../src/model/series.ts'
import { isClaim } from '../src/sync/session/claim-device.ts'
import type { ExportedSeries } from './real-store.ts'

/** A folder with vminsert, vmselect, vmstorage and vmauth. */
export const clusterBinaries = process.env['VMCLUSTER_BIN']

export type NodeKind = 'vmstorage' | 'vminsert' | 'vmselect'

/** One process of a cluster, which keeps its address and its data. */
export interface ClusterNode {
  readonly url: string
  kill(): Promise<void>
  /** Ends it cleanly. */
  stop(): Promise<void>
  start(): Promise<void>
}

/** Two of each kind, and vmauth before them. */
export interface Cluster extends Readonly<Record<NodeKind, readonly [ClusterNode, ClusterNode]>> {
  /** Passes what goes to `/insert` and to `/select` on to two nodes in turn; wants `LOGIN`. */
  readonly vmauth: ClusterNode
  /** Every measurement of a tenant, asked without the code under test; undefined while a node is away. */
  exportAll(tenant: string): Promise<ReadonlyMap<string, ExportedSeries> | undefined>
  close(): Promise<void>
}

export const LOGIN = { username: 'iotawatt', password: 's3cret' } as const
const DEDUPLICATE = '-dedup.minScrapeInterval=1ms'

export async function startCluster({ replicationFactor }: { readonly replicationFactor: number }): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'real-cluster-'))
  const opened: ClusterNode[] = []

  async function open(name: string, argsOf: (host: string) => readonly string[]): Promise<ClusterNode> {
    const port = await freePort()
    const [kind = ''] = name.split('-')
    const start = () =>
      startServer({
        binary: join(clusterBinaries ?? '', kind),
        name,
        folder: join(folder, name),
        port,
        argsFor: ({ host }) => [`-httpListenAddr=${host}`, ...argsOf(host)],
        healthPath: '/health',
        stopSignal: 'SIGINT',
      })
    let running = await start()
    const node: ClusterNode = {
      url: running.url,
      kill: () => running.kill(),
      stop: () => running.stop(),
      async start() {
        running = await start()
      },
    }
    opened.unshift(node)
    return node
  }

  const forWrites = [await freePort(), await freePort()] as const
  const forReads = [await freePort(), await freePort()] as const
  const storageNodes = (ports: readonly number[]) =>
    `-storageNode=${ports.map((port) => `127.0.0.1:${port}`).join(',')}`
  const pair = async (openOne: (index: 0 | 1) => Promise<ClusterNode>) => [await openOne(0), await openOne(1)] as const

  const vmstorage = await pair((index) =>
    open(`vmstorage-${index}`, () => [
      `-storageDataPath=${join(folder, `data-${index}`)}`,
      '-retentionPeriod=100y',
      DEDUPLICATE,
      `-vminsertAddr=127.0.0.1:${forWrites[index]}`,
      `-vmselectAddr=127.0.0.1:${forReads[index]}`,
    ]),
  )
  const vminsert = await pair((index) =>
    open(`vminsert-${index}`, () => [storageNodes(forWrites), `-replicationFactor=${replicationFactor}`]),
  )
  const vmselect = await pair((index) =>
    open(`vmselect-${index}`, () => [
      storageNodes(forReads),
      DEDUPLICATE,
      `-cacheDataPath=${join(folder, `cache-${index}`)}`,
    ]),
  )
  const routes = [
    { src_paths: ['/insert/.*'], url_prefix: vminsert.map(({ url }) => url) },
    { src_paths: ['/select/.*', '/delete/.*', '/internal/.*'], url_prefix: vmselect.map(({ url }) => url) },
  ]
  const auth = join(folder, 'vmauth.yaml')
  await writeFile(auth, JSON.stringify({ users: [{ ...LOGIN, url_map: routes }] }))
  const vmauth = await open('vmauth', () => [`-auth.config=${auth}`])

  return {
    vmstorage,
    vminsert,
    vmselect,
    vmauth,
    exportAll: (tenant) => exportTenant(`${vmselect[0].url}/select/${tenant}/prometheus`),
    async close() {
      for (const node of opened) await node.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function exportTenant(url: string): Promise<ReadonlyMap<string, ExportedSeries> | undefined> {
  const match = encodeURIComponent(`{__name__!="",nonce!="${Math.random()}"}`)
  const answer = await fetch(`${url}/api/v1/export?match[]=${match}&start=0&end=4000000000&deny_partial_response=1`)
  if (!answer.ok) return undefined
  const series = new Map<string, { labels: Labels; samples: [number, number][] }>()
  for (const line of (await answer.text()).split('\n').filter(Boolean)) {
    const { metric, values, timestamps }: { metric: Labels; values: number[]; timestamps: number[] } = JSON.parse(line)
    if (isClaim(metric) || metric['__name__'] === 'iotawatt_sync_retention_probe') continue
    const known = series.get(seriesKey(metric)) ?? { labels: metric, samples: [] }
    series.set(seriesKey(metric), known)
    timestamps.forEach((atMs, index) => known.samples.push([atMs, values[index] ?? NaN]))
  }
  for (const { samples } of series.values()) samples.sort(([a, x], [b, y]) => a - b || x - y)
  return series
}
