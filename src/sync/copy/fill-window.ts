import type { SeriesCoverage } from '../../model/series.ts'
import { StoreError } from '../../model/store.ts'
import { MINUTE_MS, type TimeWindow } from '../../model/time-window.ts'
import type { Session } from '../session/session.ts'
import type { TargetSpan } from '../session/target.ts'
import { type BatchReport, fetchSamples } from './fetch-samples.ts'
import { type Counted, findMissing, type Missing, withoutRefused } from './find-missing.ts'
import { findReadableRuns, targetsIn } from './find-readable-runs.ts'
import { findOutageEnd } from './probe-gap.ts'
import { runBehind } from './run-behind.ts'
import { trackUnconfirmed } from './unconfirmed.ts'

export interface FillReport {
  readonly rowCount: number
  readonly sampleCount: number
  /** Minutes that are missing in the store and that the device does not have either. */
  readonly absentMinutes: number
  /** False when it ended early because something else is due. */
  readonly complete: boolean
}

export interface FillOptions {
  readonly signal: AbortSignal
  /** What the store has of the targets in the window, in their order, where that is known. */
  readonly coverages?: readonly SeriesCoverage[] | undefined
  /** Asked after each batch, once there was a sample to write; true ends early, with everything written confirmed. */
  readonly interrupted?: () => boolean
  /** After each batch: the rows and samples of it, and up to where the window is done. */
  readonly onBatch?: (batch: BatchReport) => void
  /** What is missing of the window in the store, before anything is copied. */
  readonly onMissing?: (missing: Counted) => void
  /** What of it was read back from the store, batch by batch. */
  readonly onConfirmed?: (copied: Counted) => void
}

export const NOTHING_FILLED: FillReport = { rowCount: 0, sampleCount: 0, absentMinutes: 0, complete: true }

export function addReports(a: FillReport, b: FillReport): FillReport {
  return {
    rowCount: a.rowCount + b.rowCount,
    sampleCount: a.sampleCount + b.sampleCount,
    absentMinutes: a.absentMinutes + b.absentMinutes,
    complete: a.complete && b.complete,
  }
}

/**
 * A store that did not take the last write, or dropped it, is first given what costs the device next to nothing. What a
 * session writes first is read back before more is read.
 */
const TRIAL_MS = 5 * MINUTE_MS

/**
 * Copies what is missing of a window in the store, and nothing that it has. May be cut short anywhere and called again.
 * The window is at most a chunk long, which bounds the memory used.
 */
export async function fillWindow(
  session: Session,
  { targets, window }: TargetSpan,
  { signal, coverages, interrupted, onBatch, onMissing, onConfirmed }: FillOptions,
): Promise<FillReport> {
  const missing = withoutRefused(
    await findMissing(session, { targets, window, onMissing, countsUnusable: true, coverages }, signal),
    session,
  )
  if (missing.size > 0) await requireWriter(session, signal)
  const { runs, outageMinutes } = await findReadableRuns(session, { missing, window }, signal)
  const writes = trackUnconfirmed(session, targets, window)
  // A batch is written while the next one is read.
  const behind = runBehind()

  /** The complete pipeline: device → rows → samples → store. */
  async function copyRuns(): Promise<FillReport> {
    let isTrial = session.memory.attempt.isWriteFailing
    let report: FillReport = { ...NOTHING_FILLED, absentMinutes: outageMinutes }
    for (const run of runs) {
      for (let fromMs = run.fromMs; fromMs < run.untilMs;) {
        const untilMs = isTrial ? Math.min(run.untilMs, fromMs + TRIAL_MS) : run.untilMs
        const { samples, batch } = await fetchSamples(session, { window: { fromMs, untilMs }, missing }, signal)
        await behind.start(async () => {
          const confirmed = () => onConfirmed?.({ samples: batch.sampleCount, minutes: batch.minuteCount })
          if (samples.length > 0) await writes.write(samples, signal, confirmed)
          onBatch?.(batch)
        })
        isTrial = false
        if (!session.memory.attempt.isStoreProven) {
          await behind.end()
          await writes.confirm(signal)
        }
        fromMs = batch.untilMs
        report = addReports(report, { ...batch, absentMinutes: batch.nullCount, complete: true })
        if (batch.endsInOutage && fromMs < run.untilMs) {
          const outageMs = fromMs
          fromMs = await skipOutage(session, { missing, window: { fromMs, untilMs: run.untilMs } }, signal)
          report = { ...report, absentMinutes: report.absentMinutes + (fromMs - outageMs) / MINUTE_MS }
        }
        const isEnd = fromMs >= run.untilMs && run === runs.at(-1)
        // Nothing remembers batches of an outage: they would be read again and again.
        const hasMoved = report.sampleCount > 0
        if (!isEnd && hasMoved && interrupted?.()) return { ...report, complete: false }
      }
    }
    return report
  }

  try {
    const report = await copyRuns()
    await behind.end()
    await writes.confirm(signal)
    return report
  } finally {
    // Nobody plans again while something is under way.
    await behind.flush()
    await writes.flush()
  }
}

async function requireWriter({ store, storeStatus, claim }: Session, signal: AbortSignal): Promise<void> {
  await claim?.hold(signal)
  if (storeStatus.readOnly)
    throw new StoreError('read-only', `${store.name} is read-only: it takes no samples`, {
      hint: 'its disk is nearly full: free some of it, or give it a larger one',
    })
}

async function skipOutage(
  session: Session,
  { missing, window }: { missing: Missing; window: TimeWindow },
  signal: AbortSignal,
): Promise<number> {
  const [target] = targetsIn(missing, window)
  return target ? findOutageEnd(session, { target, window }, signal) : window.fromMs
}
