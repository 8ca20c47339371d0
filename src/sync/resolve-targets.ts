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
  }
}

/** Outputs are left out: they are sums of inputs, so they would be counted twice. */
export function wattInputs(listed: readonly DeviceChannel[], metric: string): Channel[] {
  const inputs = listed.filter(({ unit, kind }) => unit === 'Watts' && kind === 'input')
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
