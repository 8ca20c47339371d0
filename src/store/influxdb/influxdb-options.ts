import type { PointTemplates } from '../../model/point-template.ts'
import type { Labels } from '../../model/series.ts'

/** What the templates are for: the channels of the configuration, and how their labels come about. */
export interface ChannelNames {
  readonly devices: readonly string[]
  /** The metrics of channels, each with its unit as an IoTaWatt writes it. */
  readonly units: ReadonlyMap<string, string>
  labelsOf(channel: { readonly metric: string; readonly device: string; readonly location: string }): Labels
}

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

export interface InfluxDbOptions {
  readonly url: string
  readonly target: InfluxDbTarget
  readonly templates: PointTemplates
  readonly channels: ChannelNames
  /** The certificates to trust (PEM), in place of those of the system. */
  readonly ca?: string
  readonly connectTimeoutMs?: number
  readonly answerTimeoutMs?: number
}

/** What InfluxQL calls a database; of 2.x, one is mapped to the bucket. */
export function databaseOf(target: InfluxDbTarget): string {
  return target.version === '1.x' ? target.database : target.bucket
}
