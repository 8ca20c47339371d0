import { at } from '../../model/at.ts'
import type { BatchReport } from '../copy/fetch-samples.ts'
import type { LoadPlan } from './plan-load.ts'
import type { SyncContext } from '../session/session.ts'

/** How far a load is, and how fast. */
export interface LoadPace {
  readonly deviceName: string
  /** The minutes that were missing when it was planned. */
  readonly doneMinutes: number
  readonly totalMinutes: number
  /** The time of the newest minute that was just read. */
  readonly atMs: number
  /** Undefined until enough rows have come to tell. */
  readonly rowsPerS: number | undefined
  /** The share of the time in which the device was kept busy; undefined too where there is none, as with a card. */
  readonly busyShare: number | undefined
  /** Undefined too when nothing remains. */
  readonly remainingMs: number | undefined
}

export interface PaceTrack {
  noteBatch(batch: BatchReport): LoadPace
  /** A chunk, by its place in the plan, is done, the outages in it included. */
  noteChunk(index: number): LoadPace
}

/** What a batch of fewer rows takes says nothing of the others. */
const MIN_BATCH_ROWS = 60

/** Over all of the load, but only the time that went into batches: chunks in which little is missing are quick. */
export function trackPace({ clock, device: { cost }, settings }: SyncContext, plan: LoadPlan): PaceTrack {
  const done = new Set<number>()
  let chunksMinutes = 0
  let rowsOfChunk = 0
  let atMs = plan.window.fromMs
  const sum = { rowCount: 0, spanMs: 0, busyMs: 0 }
  const now = () => ({ atMs: clock.nowMs(), busyMs: cost?.busyMs() ?? 0 })
  let mark = now()
  let isBatchCounted = false

  function countSinceMark(isCounted: boolean): void {
    const next = now()
    if (isCounted) {
      sum.spanMs += next.atMs - mark.atMs
      sum.busyMs += next.busyMs - mark.busyMs
    }
    mark = next
  }

  function read(): LoadPace {
    const doneMinutes = Math.min(plan.missingMinutes, chunksMinutes + rowsOfChunk)
    // The rest that the latest batch owes belongs to it.
    const spanMs = Math.max(1, sum.spanMs, sum.busyMs / (cost?.maxLoad() ?? 1))
    const isKnown = sum.rowCount > 0
    const restMinutes = plan.missingMinutes - doneMinutes
    return {
      deviceName: settings.deviceName,
      doneMinutes,
      totalMinutes: plan.missingMinutes,
      atMs,
      rowsPerS: isKnown ? (sum.rowCount * 1000) / spanMs : undefined,
      busyShare: isKnown && cost ? sum.busyMs / spanMs : undefined,
      remainingMs: isKnown && restMinutes > 0 ? (restMinutes * spanMs) / sum.rowCount : undefined,
    }
  }

  return {
    noteBatch({ rowCount, untilMs }) {
      isBatchCounted = rowCount >= MIN_BATCH_ROWS
      countSinceMark(isBatchCounted)
      if (isBatchCounted) sum.rowCount += rowCount
      rowsOfChunk += rowCount
      atMs = untilMs
      return read()
    },
    noteChunk(index) {
      countSinceMark(isBatchCounted)
      isBatchCounted = false
      if (!done.has(index)) chunksMinutes += at(plan.missingByChunk, index)
      done.add(index)
      rowsOfChunk = 0
      return read()
    },
  }
}
