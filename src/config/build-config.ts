import { resolve } from 'node:path'
import { DEFAULT_TEMPLATES } from '../model/point-template.ts'
import { DAY_MS, MINUTE_MS } from '../model/time-window.ts'
import {
  type Auth,
  type Config,
  type DeviceConfig,
  type InfluxDbConfig,
  secret,
  type Secret,
  type StoreConfig,
} from './config.ts'
import type { ConfigFile } from './file-schema.ts'
import type { KeyPath } from './key-path.ts'
import type { ReferencedFiles } from './referenced-files.ts'
import { resolveChannel } from './resolve-channel.ts'

export const DEFAULT_METRIC = 'power'
export const DEFAULT_SOURCE_METRIC = 'Power_{location}'
const ORIGINAL_GROUPS = { Trunk: { type: 'Trunk' }, Circuits: { type: 'Circuit' } }

interface BuildOptions {
  /** What relative paths start from. */
  readonly folder: string
  readonly files: ReferencedFiles
  /** Where the house names none. */
  readonly timezone: string
}

/** A file without mistakes, with everything that it leaves out. */
export function buildConfig(file: ConfigFile, { folder, files, timezone }: BuildOptions): Config {
  const metric = file.metric ?? DEFAULT_METRIC
  return {
    store: buildStore(file.store ?? {}, files),
    stateDir: resolve(folder, file.stateDir ?? 'data'),
    intervalMs: file.interval ?? 5 * MINUTE_MS,
    lookbackMs: file.lookback ?? 30 * DAY_MS,
    chunkMs: file.chunk ?? 7 * DAY_MS,
    backfill: file.backfill ?? true,
    maxDeviceLoad: file.maxDeviceLoad ?? 0.25,
    metric,
    web: buildWeb(file.web ?? {}, files),
    log: { level: file.log?.level ?? 'info', format: file.log?.format ?? 'auto' },
    devices: file.devices.map((device, index) => buildDevice(device, { metric, files, path: ['devices', index] })),
    ...(file.labels && { rules: file.labels }),
    house: buildHouse(file.house, timezone),
    migrate: { metric: file.migrate?.metric ?? DEFAULT_SOURCE_METRIC, labels: file.migrate?.labels ?? {} },
  }
}

/** Without a house, roles are those of the original labels. */
export function buildHouse(house: ConfigFile['house'], timezone: string): Config['house'] {
  const groups = Object.entries(house?.groups ?? (house ? {} : ORIGINAL_GROUPS))
  return {
    timezone: house?.timezone ?? timezone,
    wiring: house?.wiring ?? 'ahead',
    mains: house?.mains ?? { pair: 'Mains' },
    solar: house?.solar ?? { solar: 'Both' },
    groups: groups.map(([name, select]) => ({ name, select })),
    isConfigured: house !== undefined,
  }
}

function buildWeb(web: NonNullable<ConfigFile['web']>, files: ReferencedFiles): Config['web'] {
  const token = secretOf(web.token ?? files.textAt(['web', 'tokenFile']))
  return {
    ...(web.listen ?? { host: '127.0.0.1', port: 8480 }),
    maxAgeMs: web.maxAge ?? 15 * MINUTE_MS,
    allowedHosts: web.allowedHosts ?? [],
    ...(token && { token }),
  }
}

function buildStore(store: NonNullable<ConfigFile['store']>, files: ReferencedFiles): StoreConfig {
  if (store.type === 'influxdb') return buildInfluxDb(store, files)
  const address = addressOf(store)
  if (!address) return { type: 'embedded' }
  const auth = storeAuth(store, files)
  const ca = files.textAt(['store', 'caFile'])
  const headers = Object.entries(store.headers ?? {}).map(([name, value]) => [name, secret(value)] as const)
  return {
    type: 'victoriametrics',
    address,
    ...(store.cacheResetUrls && { cacheResetUrls: store.cacheResetUrls }),
    ...(auth && { auth }),
    headers: Object.fromEntries(headers),
    ...(ca !== undefined && { ca }),
    allowDuplicates: store.allowDuplicates ?? false,
  }
}

function buildInfluxDb(store: NonNullable<ConfigFile['store']>, files: ReferencedFiles): InfluxDbConfig {
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

function addressOf({ url, writeUrl, readUrl }: NonNullable<ConfigFile['store']>) {
  if (url !== undefined) return { url }
  return writeUrl !== undefined && readUrl !== undefined ? { writeUrl, readUrl } : undefined
}

function storeAuth(store: NonNullable<ConfigFile['store']>, files: ReferencedFiles): Auth | undefined {
  const token = secretOf(store.token ?? files.textAt(['store', 'tokenFile']))
  const password = secretOf(store.password ?? files.textAt(['store', 'passwordFile']))
  if (token) return { kind: 'bearer', token }
  return password && store.username !== undefined ? { kind: 'basic', username: store.username, password } : undefined
}

interface DeviceOptions {
  readonly metric: string
  readonly files: ReferencedFiles
  readonly path: KeyPath
}

function buildDevice(device: ConfigFile['devices'][number], { metric, files, path }: DeviceOptions): DeviceConfig {
  const password = secretOf(device.password ?? files.textAt([...path, 'passwordFile']))
  const ca = files.textAt([...path, 'caFile'])
  return {
    name: device.name,
    url: device.url,
    ...(password && { auth: { username: device.username ?? 'admin', password } }),
    ...(ca !== undefined && { ca }),
    ...(device.mac !== undefined && { mac: device.mac }),
    ...(device.since !== undefined && { sinceMs: device.since }),
    ...(device.channels && { channels: device.channels.map((channel) => resolveChannel(channel, metric)) }),
  }
}

function secretOf(text: string | undefined): Secret | undefined {
  return text === undefined ? undefined : secret(text)
}
