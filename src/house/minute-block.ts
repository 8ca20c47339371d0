import { at, outOfRange } from '../model/at.ts'
import type { Labels, SeriesSamples } from '../model/series.ts'
import type { Store } from '../model/store.ts'
import { MINUTE_MS, minuteCount, type TimeWindow } from '../model/time-window.ts'

/** The minutes of a window as the store has them, a column a channel. */
export interface MinuteBlock {
  readonly window: TimeWindow
  /** The mean over the minute; NaN where the store has no sample of it. */
  readonly watts: readonly Float32Array[]
  /** 1 where a sample lies off the minute or is doubled. */
  readonly legacy: readonly Uint8Array[]
  /** Of the samples as they are stored, to tell later whether they have changed. */
  readonly counts: readonly number[]
  readonly sums: readonly number[]
}

/** A channel without any sample of a day on which its device has some did not exist. */
export function existing(places: readonly number[], { watts, counts }: MinuteBlock): Float32Array[] {
  return places.flatMap((place) => (at(counts, place) > 0 ? [at(watts, place)] : []))
}

/** A sample holds until the next one of its series, and no longer than this. */
const MAX_HOLD_MS = MINUTE_MS

export async function readMinutes(
  store: Pick<Store, 'readSamples'>,
  { series, window }: { series: readonly Labels[]; window: TimeWindow },
  signal: AbortSignal,
): Promise<MinuteBlock> {
  // The first sample after it says how long the last one holds.
  const read = { fromMs: window.fromMs, untilMs: window.untilMs + MINUTE_MS }
  const columns = (await store.readSamples(series, read, signal)).map((samples) => toMinutes(samples, window))
  return {
    window,
    watts: columns.map(({ watts }) => watts),
    legacy: columns.map(({ legacy }) => legacy),
    counts: columns.map(({ count }) => count),
    sums: columns.map(({ sum }) => sum),
  }
}

/** The energy of a sample is that of its minute: 5 s of one and 55 s of the next make a whole. */
export function toMinutes(
  { timestampsMs, values }: Pick<SeriesSamples, 'timestampsMs' | 'values'>,
  window: TimeWindow,
) {
  const watts = new Float32Array(minuteCount(window)).fill(NaN)
  const legacy = new Uint8Array(watts.length)
  let [count, sum] = [0, 0]
  for (let index = 0; index < timestampsMs.length; index++) {
    const atMs = timestampsMs[index] ?? outOfRange(timestampsMs, index)
    if (atMs >= window.untilMs) break
    const value = values[index] ?? outOfRange(values, index)
    const nextMs = timestampsMs[index + 1] ?? Infinity
    const minute = Math.floor((atMs - window.fromMs) / MINUTE_MS)
    const before = watts[minute] ?? outOfRange(watts, minute)
    const isFirst = Number.isNaN(before)
    watts[minute] = (isFirst ? 0 : before) + (value * Math.min(MAX_HOLD_MS, nextMs - atMs)) / MINUTE_MS
    if (atMs % MINUTE_MS !== 0 || !isFirst) legacy[minute] = 1
    count++
    sum += value
  }
  return { watts, legacy, count, sum }
}
