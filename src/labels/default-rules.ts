import type { LabelRule } from '../model/channel.ts'

/**
 * The labels of the original system. Rules that fit only some channels come after `*`, and trunks last: what is
 * both (`MainsHeat`) keeps `type="Trunk"` and gets the labels of both.
 */
export const DEFAULT_LABEL_RULES: readonly LabelRule[] = [
  { match: '*', set: { type: 'Circuit' } },
  { match: 'Furnace', set: { hvac: 'True' } },
  { match: '*Heat', set: { hvac: 'True' } },
  { match: 'Minisplit*', set: { hvac: 'True', minisplit: 'True' } },
  { match: 'Garage*', set: { pair: 'Garage', type: 'Trunk' } },
  { match: 'SolarA*', set: { pair: 'SolarA', type: 'Trunk', solar: 'Both' } },
  { match: 'SolarB*', set: { pair: 'SolarB', type: 'Trunk', solar: 'Both' } },
  { match: 'Mains*', set: { pair: 'Mains', type: 'Trunk' } },
]
