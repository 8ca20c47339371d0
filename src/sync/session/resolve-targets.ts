import { labelsFor } from '../../labels/labels-for.ts'
import { type Channel, type Unit, UNIT_DECIMALS, UNIT_NAMES } from '../../model/channel.ts'
import type { DeviceChannel } from '../../model/device.ts'
import { seriesKey } from '../../model/series.ts'
import { ceilToMinute, type TimeWindow } from '../../model/time-window.ts'
import { labelOptionsOf, type SyncSettings } from './session.ts'
import type { Target } from './target.ts'

export interface ResolvedTargets {
  readonly targets: readonly Target[]
  /** Configured channels that the device does not list. */
  readonly unknown: readonly Channel[]
  /** Inputs in watts that would be copied, could they be asked for. */
  readonly unaskable: readonly DeviceChannel[]
  /** Configured channels that the device measures as something else than they are to be kept as. */
  readonly mismatched: readonly MismatchedChannel[]
}

export interface MismatchedChannel {
  readonly channel: Channel
  readonly listed: DeviceChannel
}

/** The channels that are both expected and listed by the device; `available` is what could be copied at all. */
export function resolveTargets(
  listed: readonly DeviceChannel[],
  available: TimeWindow,
  settings: SyncSettings,
): ResolvedTargets {
  const byName = new Map(listed.map((channel) => [channel.name, channel]))
  const expected = settings.channels ?? wattInputs(listed, settings.metric)
  const mismatched: MismatchedChannel[] = []
  const targets: Target[] = []
  for (const channel of expected) {
    const onDevice = byName.get(channel.name)
    if (!onDevice) continue
    if (measures(onDevice, channel.unit))
      targets.push({ ...toTarget(channel, available, settings), ...limitOf(onDevice, channel.unit) })
    else mismatched.push({ channel, listed: onDevice })
  }
  return {
    targets,
    unknown: expected.filter(({ name }) => !byName.has(name)),
    unaskable: settings.channels ? [] : listed.filter((channel) => isWattInput(channel) && !isAskable(channel)),
    mismatched,
  }
}

const VOLTAGE_UNITS: readonly Unit[] = ['volts', 'hz']

/**
 * A voltage has no power: asked for watts, the device answers with the volts. A circuit is measured against a voltage,
 * so it has every unit; and an output has whatever its formula is evaluated in.
 */
export function measures({ unit: listed }: DeviceChannel, unit: Unit): boolean {
  return listed !== UNIT_NAMES.volts || VOLTAGE_UNITS.includes(unit)
}

/** What no current transformer measures: the largest feed some megawatts. */
export const MAX_POWER = 1e7
const POWER_LIMITS: Partial<Record<Unit, number>> = {
  watts: MAX_POWER,
  va: MAX_POWER,
  var: MAX_POWER,
  wh: MAX_POWER / 60,
}

/** A formula may come to anything, so only inputs have a limit of their own. */
function limitOf({ kind }: DeviceChannel, unit: Unit): { maxValue?: number } {
  const maxValue = kind === 'input' ? POWER_LIMITS[unit] : undefined
  return maxValue === undefined ? {} : { maxValue }
}

/** What is copied of a device whose channels are not named. Outputs are not: sums of inputs, they would count twice. */
export function isWattInput({ unit, kind }: DeviceChannel): boolean {
  return unit === UNIT_NAMES.watts && kind === 'input'
}

export function isAskable({ problem }: DeviceChannel): boolean {
  return problem === undefined
}

export function wattInputs(listed: readonly DeviceChannel[], metric: string): Channel[] {
  const inputs = listed.filter((channel) => isWattInput(channel) && isAskable(channel))
  return [...new Set(inputs.map(({ name }) => name))].map((name) => ({ name, unit: 'watts', metric, location: name }))
}

export function toTarget(channel: Channel, available: TimeWindow, settings: SyncSettings): Target {
  const labels = labelsFor(channel, labelOptionsOf(settings))
  const sinceMs = Math.max(available.fromMs, channel.sinceMs ?? 0, settings.sinceMs ?? 0)
  return {
    channel,
    column: { name: channel.name, unit: channel.unit, decimals: UNIT_DECIMALS[channel.unit] },
    labels,
    key: seriesKey(labels),
    expected: { fromMs: Math.min(ceilToMinute(sinceMs), available.untilMs), untilMs: available.untilMs },
  }
}
