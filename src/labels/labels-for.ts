import type { Channel, LabelRule } from '../model/channel.ts'
import type { DeviceType } from '../model/device.ts'
import type { Labels } from '../model/series.ts'
import { fitsPattern } from './label-pattern.ts'

export interface LabelOptions {
  readonly device: string
  /** Left out: `iotawatt`. */
  readonly source?: DeviceType | undefined
  readonly rules: readonly LabelRule[]
}

/** The series of a channel: its identity, and what every matching rule says, in the order of the rules. */
export function labelsFor(
  channel: Pick<Channel, 'metric' | 'location'>,
  { device, source = 'iotawatt', rules }: LabelOptions,
): Labels {
  const { metric, location } = channel
  const matching = rules.filter((rule) => fitsPattern(rule.match, location))
  const added = matching.reduce<Labels>((labels, rule) => ({ ...labels, ...rule.set }), {})
  const labels = { source, ...added, __name__: metric, location, device }
  // A store keeps no label without a value, so that with one it would be another series.
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''))
}

/** The series of those channels that measure watts. */
export function labelsOfWatts(channels: readonly Channel[], options: LabelOptions): Labels[] {
  return channels.filter(({ unit }) => unit === 'watts').map((channel) => labelsFor(channel, options))
}
