import { outOfRange } from '../../model/at.ts'
import { countSample, emptyCoverage, type SeriesSamples } from '../../model/series.ts'
import { floorToMinute, MINUTE_MS, type TimeWindow } from '../../model/time-window.ts'
import type { Session } from '../session/session.ts'
import type { Target } from '../session/target.ts'

/** What the store has of each minute of a window: its state, and the value of one that is there. */
export interface StoredMinutes {
  readonly states: Uint8Array
  readonly values: Float64Array
}

/** In the order of the targets. */
export async function readStoredMinutes(
  { store }: Session,
  { targets, window }: { targets: readonly Target[]; window: TimeWindow },
  signal: AbortSignal,
): Promise<StoredMinutes[]> {
  const labels = targets.map((target) => target.labels)
  const series = await store.readSamples(labels, window, signal)
  return series.map((samples) => toMinutes(samples, window))
}

function toMinutes({ labels, timestampsMs, values: stored }: SeriesSamples, window: TimeWindow): StoredMinutes {
  const coverage = emptyCoverage(labels, window)
  const values = new Float64Array(coverage.minutes.length)
  timestampsMs.forEach((atMs, index) => {
    countSample(coverage, atMs)
    values[(floorToMinute(atMs) - window.fromMs) / MINUTE_MS] = stored[index] ?? outOfRange(stored, index)
  })
  return { states: coverage.minutes, values }
}

const MAX_DECIMALS = 9

/** With how many decimals a value was stored, as far as it shows; a 0 counts as 0.0. */
export function decimalsOf(value: number): number {
  if (value === 0) return 1
  for (let decimals = 0; decimals < MAX_DECIMALS; decimals++)
    if (Math.abs(value - roundTo(value, decimals)) <= 1e-9 * Math.max(1, Math.abs(value))) return decimals
  return MAX_DECIMALS
}

/** How far a value that was rounded to so many decimals may be from the true one. */
export function halfUnit(decimals: number): number {
  return 0.5 / 10 ** decimals
}

/**
 * Whether a stored value is what the device has, told with `decimals`: equal within half a unit of the last decimal
 * that both have.
 */
export function isSameValue(stored: number, onDevice: number, decimals: number): boolean {
  const noise = 1e-9 * Math.max(1, Math.abs(onDevice))
  return Math.abs(stored - onDevice) <= halfUnit(Math.min(decimalsOf(stored), decimals)) + noise
}

function roundTo(value: number, decimals: number): number {
  return Math.round(value * 10 ** decimals) / 10 ** decimals
}
