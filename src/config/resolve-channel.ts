import type { Channel } from '../model/channel.ts'
import type { Unit } from '../model/unit.ts'
import { UNIT_METRICS } from './unit-metrics.ts'

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
