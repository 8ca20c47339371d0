import type { Channel, Unit } from '../model/channel.ts'

interface WrittenChannel {
  readonly name: string
  readonly location?: string | undefined
  readonly unit?: Unit | undefined
  readonly metric?: string | undefined
  readonly since?: number | undefined
}

/** A channel with all that the file leaves out. */
export function resolveChannel(written: string | WrittenChannel, wattsMetric: string): Channel {
  const {
    name,
    location = name,
    unit = 'watts',
    metric,
    since,
  }: WrittenChannel = typeof written === 'string' ? { name: written } : written
  const usualMetric = unit === 'watts' ? wattsMetric : UNIT_METRICS[unit]
  return { name, location, unit, metric: metric ?? usualMetric, ...(since !== undefined && { sinceMs: since }) }
}

/** The metric of a channel that is not in watts and names none: watts alone go under the `metric` of the file. */
export const UNIT_METRICS: Readonly<Record<Exclude<Unit, 'watts'>, string>> = {
  volts: 'voltage',
  amps: 'current',
  hz: 'frequency',
  pf: 'power_factor',
  va: 'apparent_power',
  var: 'reactive_power',
  wh: 'energy',
}
