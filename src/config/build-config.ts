import { resolve } from 'node:path'
import { DEFAULT_TEMPLATES } from '../model/point-template.ts'
import { isPriceFile, type Prices } from '../tariff/tariff.ts'
import {
  type Auth,
  type Config,
  type DeviceConfig,
  type InfluxDbConfig,
  secret,
  type Secret,
  type StoreConfig,
} from './config.ts'
import { resolveChannel } from './device-schema.ts'
import { type ConfigFile, houseSchema } from './file-schema.ts'
import type { KeyPath } from './key-path.ts'
import type { ReferencedFiles } from './referenced-files.ts'
import { devicesOfShard } from './shard.ts'

const ORIGINAL_GROUPS = { Trunk: { type: 'Trunk' }, Circuits: { type: 'Circuit' } }

interface BuildOptions {
  /** What relative paths start from. */
  readonly folder: string
  readonly files: ReferencedFiles
  /** Where the house names none. */
  readonly timezone: string
}

/** A file without mistakes, as the program uses it. */
export function buildConfig(file: ConfigFile, { folder, files, timezone }: BuildOptions): Config {
  const { interval, lookback, chunk, labels, alerts, defaults: _, ...asRead } = file
  const { metric, shard } = file
  const devices = file.devices.map((device, index) => buildDevice(device, { metric, files, path: ['devices', index] }))
  return {
    ...asRead,
    store: buildStore(file.store, files),
    stateDir: resolve(folder, file.stateDir),
    intervalMs: interval,
    lookbackMs: lookback,
    chunkMs: chunk,
    web: buildWeb(file.web, files),
    devices: shard ? devicesOfShard(devices, shard) : devices,
    ...(labels && { rules: labels }),
    house: buildHouse(file.house, timezone),
    ...(alerts && { alerts: buildAlerts(alerts, files) }),
    tariffs: file.tariffs.map((tariff) => ({
      ...tariff,
      import: resolvePrices(tariff.import, folder),
      ...(tariff.export && { export: resolvePrices(tariff.export, folder) }),
    })),
  }
}

function resolvePrices(prices: Prices, folder: string): Prices {
  return isPriceFile(prices) ? { file: resolve(folder, prices.file) } : prices
}

/** Without a house, roles are those of the original labels. */
function buildHouse(given: ConfigFile['house'], machineZone: string): Config['house'] {
  const { timezone, groups, ...roles } = given ?? houseSchema.parse({ groups: ORIGINAL_GROUPS })
  return {
    ...roles,
    timezone: timezone ?? machineZone,
    groups: Object.entries(groups).map(([name, select]) => ({ name, select })),
    isConfigured: given !== undefined,
  }
}

function buildWeb(web: ConfigFile['web'], files: ReferencedFiles): Config['web'] {
  const { listen, maxAge, live, token: ownToken, tokenFile: _, ...asRead } = web
  const token = secretOf(ownToken ?? files.textAt(['web', 'tokenFile']))
  return {
    ...asRead,
    ...listen,
    maxAgeMs: maxAge,
    ...(live !== undefined && { liveMs: live }),
    ...(token && { token }),
  }
}

function buildStore(store: ConfigFile['store'], files: ReferencedFiles): StoreConfig {
  if (store.type === 'influxdb') return buildInfluxDb(store, files)
  const address = addressOf(store)
  if (!address) return { type: 'embedded' }
  const auth = storeAuth(store, files)
  const ca = files.textAt(['store', 'caFile'])
  const headers = Object.entries(store.headers).map(([name, value]) => [name, secret(value)] as const)
  return {
    type: 'victoriametrics',
    address,
    ...(store.cacheResetUrls && { cacheResetUrls: store.cacheResetUrls }),
    ...(store.flushUrls && { flushUrls: store.flushUrls }),
    ...(auth && { auth }),
    headers: Object.fromEntries(headers),
    ...(ca !== undefined && { ca }),
    allowDuplicates: store.allowDuplicates,
  }
}

function buildInfluxDb(store: ConfigFile['store'], files: ReferencedFiles): InfluxDbConfig {
  const { url = '', database = '', retentionPolicy, organization, bucket } = store
  const { measurement = DEFAULT_TEMPLATES.measurement, tags, field = DEFAULT_TEMPLATES.field } = store
  const auth = storeAuth(store, files)
  const ca = files.textAt(['store', 'caFile'])
  return {
    type: 'influxdb',
    url,
    target:
      organization !== undefined && bucket !== undefined
        ? { version: '2.x', organization, bucket }
        : { version: '1.x', database, ...(retentionPolicy !== undefined && { retentionPolicy }) },
    templates: { measurement, field, ...(tags && { tags }) },
    ...(auth && { auth }),
    ...(ca !== undefined && { ca }),
  }
}

function addressOf({ url, writeUrl, readUrl }: ConfigFile['store']) {
  if (url !== undefined) return { url }
  return writeUrl !== undefined && readUrl !== undefined ? { writeUrl, readUrl } : undefined
}

function storeAuth(store: ConfigFile['store'], files: ReferencedFiles): Auth | undefined {
  const token = secretOf(store.token ?? files.textAt(['store', 'tokenFile']))
  const password = secretOf(store.password ?? files.textAt(['store', 'passwordFile']))
  if (token) return { kind: 'bearer', token }
  return password && store.username !== undefined ? { kind: 'basic', username: store.username, password } : undefined
}

function buildDevice(
  device: ConfigFile['devices'][number],
  { metric, files, path }: { readonly metric: string; readonly files: ReferencedFiles; readonly path: KeyPath },
): DeviceConfig {
  const password = secretOf(device.password ?? files.textAt([...path, 'passwordFile']))
  const ca = files.textAt([...path, 'caFile'])
  return {
    type: device.type,
    name: device.name,
    url: device.url,
    ...(password && { auth: { username: device.username, password } }),
    ...(ca !== undefined && { ca }),
    ...(device.mac !== undefined && { mac: device.mac }),
    ...(device.since !== undefined && { sinceMs: device.since }),
    ...(device.labels && Object.keys(device.labels).length > 0 && { labels: device.labels }),
    ...(device.channels && { channels: device.channels.map((channel) => resolveChannel(channel, metric)) }),
  }
}

function buildAlerts(
  { to, quietHours, noData, gaps, storeFailing, circuits }: NonNullable<ConfigFile['alerts']>,
  files: ReferencedFiles,
): NonNullable<Config['alerts']> {
  return {
    receivers: to.map(({ type, url, token: own }, index) => {
      const path = ['alerts', 'to', index]
      const token = secretOf(own ?? files.textAt([...path, 'tokenFile']))
      const ca = files.textAt([...path, 'caFile'])
      return { type, url, ...(token && { token }), ...(ca !== undefined && { ca }) }
    }),
    ...(quietHours && { quietHours }),
    ...(noData !== undefined && { noDataMs: noData }),
    ...(gaps !== undefined && { gapsMs: gaps }),
    ...(storeFailing !== undefined && { storeFailingMs: storeFailing }),
    circuits: circuits.map(({ circuit, above, below, for: forMs }) => ({
      circuit,
      side: above === undefined ? 'below' : 'above',
      watts: above ?? below ?? 0,
      forMs,
    })),
  }
}

function secretOf(text: string | undefined): Secret | undefined {
  return text === undefined ? undefined : secret(text)
}
