import type { Unit } from './unit.ts'

/** A channel that the configuration wants: where to read it, and the identity under which it is kept. */
export interface Channel {
  /** Its name on the device. */
  readonly name: string
  readonly unit: Unit
  readonly metric: string
  /** The value of its `location` label: its identity, whatever the device calls it. */
  readonly location: string
  /** Nothing before is wanted, and from here on a 0 is a 0. */
  readonly sinceMs?: number
}

/** Labels for every measurement whose location the pattern matches; of rules that match, a later one wins. */
export interface LabelRule {
  readonly match: string
  readonly set: Readonly<Record<string, string>>
}
