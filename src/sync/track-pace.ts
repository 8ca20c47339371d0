import type { PageReport } from './copy-page.ts'
import type { LoadPlan } from './plan-load.ts'
import type { SyncContext } from './session.ts'
import { trackSpeed } from './track-speed.ts'

/** How far a load is, and how fast. */
export interface LoadPace {
  readonly deviceName: string
  /** The minutes that were missing when it was planned. */
  readonly doneMinutes: number
  readonly totalMinutes: number
  /** The time of the newest minute that was just read. */
  readonly atMs: number
  readonly rowsPerS: number
  /** The share of the time in which the device was kept busy. */
  readonly busyShare: number
  readonly remainingMs: number
}

export interface PaceTrack {
  notePage(page: PageReport): LoadPace
  /** A chunk, by its place in the plan, is done, the outages in it included. */
  noteChunk(index: number): void
}

export function trackPace({ clock, device, settings }: SyncContext, plan: LoadPlan): PaceTrack {
  const speed = trackSpeed(clock, device.cost)
  const done = new Set<number>()
  let chunksMinutes = 0
  let rowsOfChunk = 0
  return {
    notePage({ rowCount, untilMs }) {
      speed.note(rowCount)
      rowsOfChunk += rowCount
      const doneMinutes = Math.min(plan.missingMinutes, chunksMinutes + rowsOfChunk)
      const { rowsPerS = 0, busyShare = 0 } = speed.read() ?? {}
      return {
        deviceName: settings.deviceName,
        doneMinutes,
        totalMinutes: plan.missingMinutes,
        atMs: untilMs,
        rowsPerS,
        busyShare,
        remainingMs: rowsPerS > 0 ? ((plan.missingMinutes - doneMinutes) * 1000) / rowsPerS : plan.durationMs,
      }
    },
    noteChunk(index) {
      if (!done.has(index)) chunksMinutes += plan.missingByChunk[index] ?? 0
      done.add(index)
      rowsOfChunk = 0
    },
  }
}
