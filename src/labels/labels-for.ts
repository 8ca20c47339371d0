import type { Channel, LabelRule } from '../model/channel.ts'
import type { DeviceType } from '../model/device.ts'
import type { Labels } from '../model/series.ts'
import { fitsPattern } from './label-pattern.ts'

export interface LabelOptions {
  readonly device: string
  /** Left out: `iotawatt`. */
  readonly source?: DeviceType | undefined
  readonly rules: readonly LabelRule[]
  /** What each series of the device has; no rule sets one of them. */
  readonly labels?: Labels | undefined
}

/** The series of a channel: its identity, what every matching rule says, in the order of the rules, and those of its device. */
export function labelsFor(
  channel: Pick<Channel, 'metric' | 'location'>,
  { device, source = 'iotawatt', rules, labels: ofDevice }: LabelOptions,
): Labels {
  const { metric, location } = channel
  const matching = rules.filter((rule) => fitsPattern(rule.match, location))
  const added = matching.reduce<Labels>((labels, rule) => ({ ...labels, ...rule.set }), {})
  const labels = { source, ...added, ...ofDevice, __name__: metric, location, device }
  // A store keeps no label without a value, so that with one it would be another series.
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''))
}

/** The series of those channels that measure watts. */
export function labelsOfWatts(channels: readonly Channel[], options: LabelOptions): Labels[] {
  return channels.filter(({ unit }) => unit === 'watts').map((channel) => labelsFor(channel, options))
}
