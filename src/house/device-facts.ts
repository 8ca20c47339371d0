import type { TimeWindow } from '../model/time-window.ts'

/** What is known of a device beside its samples. */
export interface DeviceFacts {
  readonly name: string
  /** From where a series is wanted, by its key; undefined until the device has answered. */
  wantedFromMs(key: string): number | undefined
  /** The end of the newest minute that a pass has stored; undefined before the first. */
  storedUntilMs(): number | undefined
  /** What the device was found not to have, oldest first. */
  unmeasured(): readonly TimeWindow[]
  /** Whether its history is loaded, so far as it is wanted, at that time. */
  isLoaded(atMs: number): boolean
}
