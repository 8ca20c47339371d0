import { sampleCount, seriesKey, type SeriesSamples } from '../../model/series.ts'
import type { TimeWindow } from '../../model/time-window.ts'
import { confirmSamples } from './confirm-samples.ts'
import { addMinute, emptyMinuteMap, type MinuteMap } from '../../model/minute-map.ts'
import type { StoreSession } from '../session/session.ts'
import type { Target } from '../session/target.ts'
import { splitSeed, writeSamples } from './write-samples.ts'

const MAX_UNCONFIRMED_WRITES = 16
const MAX_UNCONFIRMED_SAMPLES = 2_000_000

/** Writes into a window, with at most so much outstanding that was not read back. */
export interface UnconfirmedWrites {
  /** `onConfirmed` is called once all of the batch has been read back. */
  write(batch: readonly SeriesSamples[], signal: AbortSignal, onConfirmed?: () => void): Promise<void>
  confirm(signal: AbortSignal): Promise<void>
}

export function trackUnconfirmed(
  session: StoreSession,
  targets: readonly Target[],
  window: TimeWindow,
): UnconfirmedWrites {
  const targetByKey = new Map(targets.map((target) => [target.key, target]))
  let written = new Map<Target, MinuteMap>()
  let writes = 0
  let samples = 0
  const waiting: (() => void)[] = []

  async function writeOnce(batch: readonly SeriesSamples[], signal: AbortSignal) {
    await writeSamples(session, batch, signal)
    writes++
    samples += sampleCount(batch)
    for (const { labels, timestampsMs } of batch) {
      const target = targetByKey.get(seriesKey(labels))
      if (!target) continue
      const minutes = written.get(target) ?? emptyMinuteMap(window)
      for (const atMs of timestampsMs) addMinute(minutes, atMs)
      written.set(target, minutes)
    }
  }

  async function confirm(signal: AbortSignal) {
    const due = written
    written = new Map()
    writes = 0
    samples = 0
    if (due.size > 0) await confirmSamples(session, due, signal)
    for (const onConfirmed of waiting.splice(0)) onConfirmed()
  }

  /**
   * The first samples of new series go alone, in one request too small to be cut, and are made to stay: so a series
   * never begins later than its neighbours because the batch that would have begun it was lost half-way.
   */
  async function seed(seeding: readonly SeriesSamples[], signal: AbortSignal) {
    await writeOnce(seeding, signal)
    await confirm(signal)
    await session.store.persist(signal)
    for (const { labels } of seeding) session.memory.seeded.add(seriesKey(labels))
  }

  return {
    async write(batch, signal, onConfirmed) {
      const { seeding, rest } = splitSeed(session, batch)
      if (seeding.length > 0) await seed(seeding, signal)
      if (rest.length > 0) await writeOnce(rest, signal)
      if (onConfirmed) waiting.push(onConfirmed)
      if (writes >= MAX_UNCONFIRMED_WRITES || samples >= MAX_UNCONFIRMED_SAMPLES) await confirm(signal)
    },
    confirm,
  }
}
