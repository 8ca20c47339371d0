import type { Channel, LabelRule } from '../../model/channel.ts'

/** What the configuration says about copying one device. */
export interface SyncSettings {
  /** The `device` label: the identity of the device, whatever it calls itself. */
  readonly deviceName: string
  readonly sinceMs?: number
  /** Left out: every input that the device lists in watts. */
  readonly channels?: readonly Channel[]
  readonly metric: string
  readonly rules: readonly LabelRule[]
  readonly lookbackMs: number
  readonly chunkMs: number
  readonly allowDuplicates: boolean
  /** A log whose newest record is older counts as stopped; left out: 15 minutes. */
  readonly maxAgeMs?: number
}
