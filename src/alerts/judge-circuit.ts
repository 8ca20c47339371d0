import { at } from '../model/at.ts'
import type { CircuitRule } from '../model/alerts.ts'
import { MINUTE_MS } from '../model/time-window.ts'

/** A thermostat pauses; a quarter of the time, and at most so long, is no interruption of what is above. */
const MAX_PAUSE_MINUTES = 15

/** How many of the newest minutes are looked at: more than are needed, as some may be missing. */
export function minutesToJudge({ forMs }: CircuitRule): number {
  return (2 * forMs) / MINUTE_MS + 60
}

/**
 * Whether a circuit has been above, or below, for as long as its rule says, and for how many of these minutes (the last
 * is the newest that is stored; NaN: not stored). Minutes that are not stored count neither for nor against it; undefined
 * where too few are stored to tell.
 */
export function judgeCircuit(
  { side, watts, forMs }: CircuitRule,
  minutes: Float32Array,
): { readonly holds: boolean | undefined; readonly ago: number } {
  const needed = forMs / MINUTE_MS
  const maxPause = side === 'above' ? Math.min(MAX_PAUSE_MINUTES, Math.floor(needed / 4)) : 0
  const isBeyond = (value: number) => (side === 'above' ? value > watts : value < watts)
  let [held, paused, ago] = [0, 0, 0]
  for (let index = minutes.length - 1; index >= 0 && paused <= maxPause; index--) {
    const value = at(minutes, index)
    if (Number.isNaN(value)) continue
    if (!isBeyond(value)) {
      paused++
      continue
    }
    held += held > 0 ? paused + 1 : 1
    paused = 0
    ago = minutes.length - index
  }
  if (held >= needed) return { holds: true, ago }
  return { holds: paused > maxPause ? false : undefined, ago }
}
