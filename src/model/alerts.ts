/** What is watched; what is left out is not. */
export interface AlertRules {
  /** The newest minute of a device is older. */
  readonly noDataMs?: number
  /** Minutes are missing for so long. */
  readonly gapsMs?: number
  /** The store fails for so long. */
  readonly storeFailingMs?: number
  readonly circuits: readonly CircuitRule[]
  /** Nothing is sent meanwhile. */
  readonly quietHours?: QuietHours
}

/** A circuit that is above, or below, so many watts for so long. */
export interface CircuitRule {
  /** The location of a channel, or a group of the house. */
  readonly circuit: string
  readonly side: 'above' | 'below'
  readonly watts: number
  readonly forMs: number
}

/** Minutes after midnight of the house; they may go over midnight. */
export interface QuietHours {
  readonly fromMinute: number
  readonly untilMinute: number
}

export const RECEIVER_TYPES = ['ntfy', 'webhook'] as const
export type ReceiverType = (typeof RECEIVER_TYPES)[number]
