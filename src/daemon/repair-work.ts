import { MINUTE_MS, minuteCount, splitWindow, type TimeWindow } from '../model/time-window.ts'
import { countMissing } from '../sync/copy/count-missing.ts'
import { loadWork, type LoadReport } from '../sync/load/load-device.ts'
import { type DeviceWork, dueUntilMs, workInSteps } from '../sync/session/device-work.ts'
import { openSession } from '../sync/session/open-session.ts'
import type { SyncContext } from '../sync/session/session.ts'
import { windowOf } from '../sync/session/target.ts'

export interface RepairOptions {
  readonly window: TimeWindow
  readonly signal: AbortSignal
  /** How much of the window is confirmed. */
  readonly onProgress: (progress: {
    readonly doneMinutes: number
    readonly confirmedUntilMs: number
    readonly rowCount: number
    readonly sampleCount: number
  }) => void
}

/** A gap is confirmed in so many parts, for the person who watches it. */
const PARTS = 10
const MIN_PART_MS = 15 * MINUTE_MS

/** Copies what is missing of a window. */
export function repairWork(
  context: SyncContext,
  { window, signal, onProgress }: RepairOptions,
): DeviceWork<LoadReport> {
  const partMs = Math.ceil((window.untilMs - window.fromMs) / PARTS / MINUTE_MS) * MINUTE_MS
  const chunkMs = Math.min(context.settings.chunkMs, Math.max(MIN_PART_MS, partMs))
  return loadWork(
    { ...context, settings: { ...context.settings, chunkMs } },
    {
      signal,
      sinceMs: window.fromMs,
      untilMs: window.untilMs,
      refuseBeyondRetention: false,
      notesUnmeasured: true,
      maxAttempts: 2,
      onProgress: ({ chunk, rowCount, sampleCount }) =>
        onProgress({
          doneMinutes: minuteCount({ fromMs: window.fromMs, untilMs: chunk.untilMs }),
          confirmedUntilMs: chunk.untilMs,
          rowCount,
          sampleCount,
        }),
    },
  )
}

export interface CheckOptions {
  /** Of the cycles: what closed since the last one is not missing. */
  readonly intervalMs: number
  readonly signal: AbortSignal
  readonly onProgress: (doneMinutes: number, totalMinutes: number) => void
}

/** Counts the minutes that the device has and that are missing in the store, of all that is due. */
export function checkWork(context: SyncContext, { intervalMs, signal, onProgress }: CheckOptions): DeviceWork<number> {
  return workInSteps(async function* () {
    const session = await openSession(context, signal)
    const expected = windowOf(session.targets)
    const complete = { ...expected, untilMs: Math.max(expected.fromMs, dueUntilMs(session, intervalMs)) }
    let missing = 0
    for (const chunk of splitWindow(complete, context.settings.chunkMs)) {
      missing += await countMissing(session, chunk, signal)
      onProgress(minuteCount({ ...complete, untilMs: chunk.untilMs }), minuteCount(complete))
      yield
    }
    return missing
  })
}
