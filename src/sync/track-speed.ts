import type { DeviceCost } from '../model/device.ts'
import type { Clock } from '../runtime/clock.ts'

/** How fast rows come, of late. */
export interface Speed {
  readonly rowsPerS: number
  /** The share of the time in which the device was kept busy. */
  readonly busyShare: number
}

export interface SpeedTrack {
  note(rowCount: number): void
  /** Undefined before the first row. */
  read(): Speed | undefined
}

interface Mark {
  readonly atMs: number
  readonly busyMs: number
  readonly rowCount: number
}

const LATELY_MS = 10 * 60_000
const MAX_MARKS = 1_000

/** Begins when it is called. */
export function trackSpeed(clock: Clock, cost: DeviceCost | undefined): SpeedTrack {
  const mark = (rowCount: number): Mark => ({ atMs: clock.nowMs(), busyMs: cost?.busyMs() ?? 0, rowCount })
  const marks = [mark(0)]
  return {
    note(rowCount) {
      marks.push(mark((marks.at(-1)?.rowCount ?? 0) + rowCount))
      while (marks.length > 2 && (clock.nowMs() - (marks[1]?.atMs ?? 0) > LATELY_MS || marks.length > MAX_MARKS))
        marks.shift()
    },
    read() {
      const [first, last] = [marks[0], marks.at(-1)]
      if (!first || !last || last.rowCount === first.rowCount) return undefined
      const busyMs = last.busyMs - first.busyMs
      // The rest that the latest page owes belongs to it.
      const spanMs = Math.max(1, last.atMs - first.atMs, busyMs / (cost?.maxLoad() ?? 1))
      return { rowsPerS: ((last.rowCount - first.rowCount) * 1000) / spanMs, busyShare: busyMs / spanMs }
    },
  }
}
