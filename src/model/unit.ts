/** What a channel is read in; the names are those of the device's query language. */
export const UNITS = ['watts', 'volts', 'amps', 'hz', 'pf', 'va', 'var', 'wh'] as const
export type Unit = (typeof UNITS)[number]

/** Decimals asked of the device: the finest that its accumulators carry without noise. */
export const UNIT_DECIMALS: Readonly<Record<Unit, number>> = {
  watts: 2,
  volts: 2,
  amps: 3,
  hz: 3,
  pf: 3,
  va: 2,
  var: 2,
  wh: 4,
}
