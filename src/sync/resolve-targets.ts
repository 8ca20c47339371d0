import { labelsFor } from '../labels/labels-for.ts'
import type { Channel } from '../model/channel.ts'
import type { DeviceChannel } from '../model/device.ts'
import { seriesKey } from '../model/series.ts'
import { ceilToMinute, type TimeWindow } from '../model/time-window.ts'
import { UNIT_DECIMALS } from '../model/unit.ts'
import type { SyncSettings } from './sync-settings.ts'
import type { Target } from './target.ts'

export interface ResolvedTargets {
  readonly targets: readonly Target[]
  /** Configured channels that the device does not list. */
  readonly unknown: readonly Channel[]
  /** Inputs in watts that would be copied, could they be asked for. */
  readonly unaskable: readonly DeviceChannel[]
}

/** The channels that are both wanted and listed by the device; `available` is what could be copied at all. */
export function resolveTargets(
  listed: readonly DeviceChannel[],
  available: TimeWindow,
  settings: SyncSettings,
): ResolvedTargets {
  const names = new Set(listed.map((channel) => channel.name))
  const wanted = settings.channels ?? wattInputs(listed, settings.metric)
  return {
    targets: wanted.filter(({ name }) => names.has(name)).map((channel) => toTarget(channel, available, settings)),
    unknown: wanted.filter(({ name }) => !names.has(name)),
    unaskable: settings.channels ? [] : listed.filter((channel) => isWattInput(channel) && !isAskable(channel)),
  }
}

/** What is copied of a device whose channels are not named. Outputs are not: sums of inputs, they would count twice. */
export function isWattInput({ unit, kind }: DeviceChannel): boolean {
  return unit === 'Watts' && kind === 'input'
}

export function isAskable({ problem }: DeviceChannel): boolean {
  return problem === undefined
}

export function wattInputs(listed: readonly DeviceChannel[], metric: string): Channel[] {
  const inputs = listed.filter((channel) => isWattInput(channel) && isAskable(channel))
  return [...new Set(inputs.map(({ name }) => name))].map((name) => ({ name, unit: 'watts', metric, location: name }))
}

export function toTarget(channel: Channel, available: TimeWindow, settings: SyncSettings): Target {
  const labels = labelsFor(channel, { device: settings.deviceName, rules: settings.rules })
  const sinceMs = Math.max(available.fromMs, channel.sinceMs ?? 0, settings.sinceMs ?? 0)
  return {
    channel,
    column: { name: channel.name, unit: channel.unit, decimals: UNIT_DECIMALS[channel.unit] },
    labels,
    key: seriesKey(labels),
    wanted: { fromMs: Math.min(ceilToMinute(sinceMs), available.untilMs), untilMs: available.untilMs },
  }
}
