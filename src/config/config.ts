import { inspect } from 'node:util'
import type { AlertRules, ReceiverType } from '../model/alerts.ts'
import type { Channel, LabelRule } from '../model/channel.ts'
import type { DeviceType } from '../model/device.ts'
import type { HouseSettings } from '../model/house-views.ts'
import type { Labels } from '../model/series.ts'
import type { PointTemplates } from '../model/point-template.ts'
import type { Tariff } from '../tariff/tariff.ts'
import type { ConfigFile } from './file-schema.ts'

export type Auth =
  | { readonly kind: 'basic'; readonly username: string; readonly password: Secret }
  | { readonly kind: 'bearer'; readonly token: Secret }

export interface VictoriaMetricsConfig {
  readonly type: 'victoriametrics'
  /** One address, or the two of a cluster; http or https, without a slash at the end. */
  readonly address: { readonly url: string } | { readonly writeUrl: string; readonly readUrl: string }
  /** Further vmselects of a cluster, whose caches are to be reset too. */
  readonly cacheResetUrls?: readonly string[]
  /** All storage nodes of a cluster. */
  readonly flushUrls?: readonly string[]
  readonly auth?: Auth
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, Secret>>
  /** The certificates of `caFile`, PEM. */
  readonly ca?: string
  readonly allowDuplicates: boolean
}

export interface InfluxDbConfig {
  readonly type: 'influxdb'
  /** http or https, without a slash at the end. */
  readonly url: string
  readonly target:
    | { readonly version: '1.x'; readonly database: string; readonly retentionPolicy?: string }
    | { readonly version: '2.x'; readonly organization: string; readonly bucket: string }
  readonly templates: PointTemplates
  /** Of 2.x, a token. */
  readonly auth?: Auth
  readonly headers?: undefined
  /** The certificates of `caFile`, PEM. */
  readonly ca?: string
  readonly allowDuplicates?: undefined
}

export interface EmbeddedConfig {
  readonly type: 'embedded'
  readonly auth?: undefined
  readonly headers?: undefined
  readonly allowDuplicates?: undefined
}

export type StoreConfig = VictoriaMetricsConfig | InfluxDbConfig | EmbeddedConfig

export interface DeviceConfig {
  readonly type: DeviceType
  readonly name: string
  /** http or https, without a slash at the end. */
  readonly url: string
  readonly auth?: { readonly username: string; readonly password: Secret }
  /** The certificates of `caFile`, PEM. */
  readonly ca?: string
  /** `aa:bb:cc:dd:ee:ff`; left out: it is known by what answered before. */
  readonly mac?: string
  readonly sinceMs?: number
  /** What each of its series has. */
  readonly labels?: Labels
  /** Left out: every input that the device lists in watts, under `Config.metric`. */
  readonly channels?: readonly Channel[]
}

/** The keys of the file that the program has in another form, or under another name. */
type Rebuilt =
  | 'store'
  | 'interval'
  | 'lookback'
  | 'chunk'
  | 'web'
  | 'devices'
  | 'defaults'
  | 'labels'
  | 'house'
  | 'alerts'
  | 'tariffs'
type RebuiltOfWeb =
  'listen' | 'maxAge' | 'live' | 'token' | 'tokenFile' | 'allowedHosts' | 'trustedProxies' | 'frameAncestors'

/** What the file and the environment ask for, checked and complete; what is not named here is as the schema reads it. */
export interface Config extends Readonly<Omit<ConfigFile, Rebuilt>> {
  readonly store: StoreConfig
  /** Absolute. */
  readonly stateDir: string
  readonly intervalMs: number
  readonly lookbackMs: number
  readonly chunkMs: number
  readonly web: Readonly<Omit<ConfigFile['web'], RebuiltOfWeb>> & {
    readonly host: string
    readonly port: number
    readonly maxAgeMs: number
    /** Left out: the devices are not asked for their present watts. */
    readonly liveMs?: number
    readonly allowedHosts: readonly string[]
    readonly trustedProxies: readonly string[]
    readonly frameAncestors: readonly string[]
    /** Always there where others than this machine can connect. */
    readonly token?: Secret
  }
  /** Those of its shard, where it is one. */
  readonly devices: readonly DeviceConfig[]
  /** Left out: the rules of the original system. */
  readonly rules?: readonly LabelRule[]
  readonly house: HouseSettings
  /** Paths of price files are absolute. */
  readonly tariffs: readonly Tariff[]
  /** Left out: nobody is told anything. */
  readonly alerts?: AlertRules & { readonly receivers: readonly ReceiverConfig[] }
}

export interface ReceiverConfig {
  readonly type: ReceiverType
  /** http or https, without a slash at the end. */
  readonly url: string
  readonly token?: Secret
  /** The certificates of `caFile`, PEM. */
  readonly ca?: string
}

/** A text that shows as `***` wherever it is printed, logged or serialized. */
export interface Secret {
  reveal(): string
  toString(): string
  toJSON(): string
}

const HIDDEN = '***'

export function secret(value: string): Secret {
  const hidden = () => HIDDEN
  const wrapped = { reveal: () => value, toString: hidden, toJSON: hidden, [inspect.custom]: hidden }
  return wrapped
}
