import { StoreError } from '../../model/store.ts'
import type { FailingSide } from '../../model/daemon.ts'
import type { DroppedSpan } from './sync-memory.ts'

export type SyncErrorReason =
  /** What was written is not all there when read back. */
  | 'unconfirmed'
  /** What was read back is gone a moment later, again and again. */
  | 'forgotten'
  /** The way to the store may repeat a write, and nothing removes the repetition. */
  | 'may-double'
  /** The store would drop what was asked for without a word, being too old or too close to its neighbours. */
  | 'retention'
  /** At the address of a device another one of the configuration answers. */
  | 'identity'
  /** No channel of the device can be copied. */
  | 'no-channels'
  /** Another iotawatt-sync copies the device into the same store. */
  | 'second-writer'
  /** A reload of a series that was cut short cannot be finished. */
  | 'reload'

/** Copying cannot go on as it was asked. `hint` is what to do next, in one sentence. */
export class SyncError extends Error {
  readonly reason: SyncErrorReason
  readonly hint: string | undefined
  /** With `unconfirmed`: what is not there, and what would have been written after it. */
  readonly lost: readonly DroppedSpan[]
  /** What was found on the way, each a complete sentence. */
  readonly warnings: readonly string[]
  /** Those of the warnings that say why something is not copied. */
  readonly failures: ReadonlySet<string>

  constructor(
    reason: SyncErrorReason,
    message: string,
    options: {
      hint?: string
      lost?: readonly DroppedSpan[]
      warnings?: readonly string[]
      failures?: ReadonlySet<string>
    } = {},
  ) {
    super(message)
    this.name = 'SyncError'
    this.reason = reason
    this.hint = options.hint
    this.lost = options.lost ?? []
    this.warnings = options.warnings ?? []
    this.failures = options.failures ?? new Set()
  }
}

/** Which side an error speaks of. */
export function sideOf(error: unknown): FailingSide {
  if (error instanceof StoreError) return 'store'
  if (!(error instanceof SyncError)) return 'device'
  switch (error.reason) {
    case 'no-channels':
      return 'device'
    case 'identity':
      return 'identity'
    case 'second-writer':
      return 'writer'
    default:
      return 'store'
  }
}
