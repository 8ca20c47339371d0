import { outOfRange } from '../../model/at.ts'
import { countSample, emptyCoverage, type SeriesSamples } from '../../model/series.ts'
import { MINUTE_MS, floorToMinute, type TimeWindow } from '../../model/time-window.ts'
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
