/** A channel that the configuration wants: where to read it, and the identity under which it is kept. */
export interface Channel {
  /** Its name on the device. */
  readonly name: string
  readonly unit: Unit
  readonly metric: string
  /** The value of its `location` label: its identity, whatever the device calls it. */
  readonly location: string
  /** Nothing before is copied, and from here on a 0 is a 0. */
  readonly sinceMs?: number
}

/** Labels for every measurement whose location the pattern matches; of rules that match, a later one wins. */
export interface LabelRule {
  readonly match: string
  readonly set: Readonly<Record<string, string>>
}

/** What a channel is read in. */
export const UNITS = ['watts', 'volts', 'amps', 'hz', 'pf', 'va', 'var', 'wh'] as const
export type Unit = (typeof UNITS)[number]

/** Decimals asked of a device: the finest that the accumulators of an IoTaWatt carry without noise. */
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

/** As they are shown, and as the device's own uploader names them in a store. */
export const UNIT_NAMES: Readonly<Record<Unit, string>> = {
  watts: 'Watts',
  volts: 'Volts',
  amps: 'Amps',
  hz: 'Hz',
  pf: 'PF',
  va: 'VA',
  var: 'VAR',
  wh: 'Wh',
}
