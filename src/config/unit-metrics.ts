import type { Unit } from '../model/unit.ts'

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
