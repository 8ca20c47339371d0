import { join } from 'node:path'
import { fileSchema } from '../config/file-schema.ts'
import type { Config, InfluxDbConfig, StoreConfig } from '../config/config.ts'
import { DEFAULT_LABEL_RULES } from '../labels/default-rules.ts'
import { labelsFor } from '../labels/labels-for.ts'
import { UNIT_NAMES } from '../model/channel.ts'
import { type Store, StoreError } from '../model/store.ts'
import type { Clock, Random } from '../runtime/clock.ts'
import { explain } from '../runtime/errors.ts'
import type { Log } from '../runtime/log.ts'
import type { InfluxDbTarget } from '../store/influxdb/connection.ts'
import type { ChannelNames } from '../store/influxdb/layout.ts'
import { openVictoriaMetrics } from '../store/victoriametrics/open-victoriametrics.ts'

export interface Deps {
  readonly clock: Clock
  readonly log: Log
  readonly random: Random
  /** Somebody waits: who cannot be reached is given up soon. */
  readonly isBrief?: boolean
}

const BRIEF_CONNECT_MS = 2_500

/** What opening a store takes of a configuration. */
export type StoreParts = Pick<Config, 'store' | 'stateDir'> & Partial<Pick<Config, 'devices' | 'metric' | 'rules'>>

/** The one place that knows which stores there are. */
export async function openStore(parts: StoreParts, deps: Deps, { readOnly = false } = {}): Promise<Store> {
  const { store, stateDir } = parts
  switch (store.type) {
    case 'embedded': {
      const { openEmbedded } = await import('../store/embedded/open-embedded.ts')
      return openEmbedded({ folder: join(stateDir, 'store'), readOnly }, deps)
    }
    case 'influxdb': {
      const { openInfluxDb } = await import('../store/influxdb/open-influxdb.ts')
      return openInfluxDb(
        {
          url: store.url,
          target: targetOf(store),
          templates: store.templates,
          channels: channelNames(parts),
          ...encryption(store, deps),
        },
        deps,
      )
    }
    case 'victoriametrics': {
      const { address, cacheResetUrls, flushUrls, headers } = store
      const auth = revealed(store)
      return openVictoriaMetrics(
        {
          ...address,
          ...(cacheResetUrls && { cacheResetUrls }),
          ...(flushUrls && { flushUrls }),
          headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.reveal()])),
          snapshotFolder: join(stateDir, 'snapshots'),
          ...encryption(store, deps),
          ...(auth && { auth }),
        },
        deps,
      )
    }
  }
}

function encryption({ ca }: { readonly ca?: string }, { isBrief = false }: Deps) {
  return { ...(ca !== undefined && { ca }), ...(isBrief && { connectTimeoutMs: BRIEF_CONNECT_MS }) }
}

function revealed({ auth }: StoreConfig) {
  if (!auth) return undefined
  return auth.kind === 'basic'
    ? ({ kind: 'basic', username: auth.username, password: auth.password.reveal() } as const)
    : ({ kind: 'bearer', token: auth.token.reveal() } as const)
}

function targetOf(store: InfluxDbConfig): InfluxDbTarget {
  const auth = revealed(store)
  if (store.target.version === '2.x') return { ...store.target, token: auth?.kind === 'bearer' ? auth.token : '' }
  return { ...store.target, ...(auth?.kind === 'basic' && { auth }) }
}

function channelNames({
  devices = [],
  metric = fileSchema.shape.metric.parse(undefined),
  rules = DEFAULT_LABEL_RULES,
}: StoreParts): ChannelNames {
  const named = devices.flatMap(({ channels = [] }) => channels)
  const byName = new Map(devices.map((device) => [device.name, device]))
  return {
    devices: devices.map(({ name }) => name),
    units: new Map([
      [metric, UNIT_NAMES.watts],
      ...named.map((channel) => [channel.metric, UNIT_NAMES[channel.unit]] as const),
    ]),
    labelsOf({ device, ...channel }) {
      const { type: source, labels } = byName.get(device) ?? {}
      return labelsFor(channel, { device, source, rules, labels })
    },
  }
}

/** What stands for a store that cannot be opened, where that is a finding: every question to it fails with why. */
export function absentStore(error: unknown): Store {
  const why = error instanceof StoreError ? error : new StoreError('unusable', explain(error))
  const refuse = () => Promise.reject(why)
  return {
    name: 'the store',
    status: refuse,
    flush: refuse,
    listSeries: refuse,
    coverage: refuse,
    firstSamples: refuse,
    readSamples: refuse,
    totals: refuse,
    write: refuse,
    persist: refuse,
    deleteSeries: refuse,
    close: async () => {},
  }
}
