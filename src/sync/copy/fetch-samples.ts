import type { MinuteBatch } from '../../model/device.ts'
import { sampleCount, type SeriesSamples } from '../../model/series.ts'
import { minuteCount, type TimeWindow } from '../../model/time-window.ts'
import type { Session } from '../session/session.ts'
import type { Missing } from './find-missing.ts'
import { targetsIn } from './find-readable-runs.ts'
import { countEmptyRows, fetchMinutes, rowsToSamples } from './rows-to-samples.ts'
import { noteUnusable } from './unusable-cells.ts'

export interface BatchReport {
  readonly fromMs: number
  /** Where to go on. */
  readonly untilMs: number
  readonly rowCount: number
  readonly sampleCount: number
  /** In which at least one of the samples lies. */
  readonly minuteCount: number
  /** Rows in which the device has nothing that can be used. */
  readonly nullCount: number
  /** Whether the device had not been logging for long when it ended. */
  readonly endsInOutage: boolean
}

export interface FetchedSamples {
  readonly samples: readonly SeriesSamples[]
  readonly batch: BatchReport
}

const LONG_MINUTES = 120

/** Device → rows → samples: one batch of rows of the window, and of them what is missing in the store. */
export async function fetchSamples(
  session: Session,
  { window, missing }: { window: TimeWindow; missing: Missing },
  signal: AbortSignal,
): Promise<FetchedSamples> {
  const targets = targetsIn(missing, window)
  const columns = targets.map(({ column }) => column)
  const minutes = await fetchMinutes(session.device, { columns, window }, signal)
  const { samples, unusable } = rowsToSamples(minutes, targets, missing)
  for (const cells of unusable) noteUnusable(session, cells)
  const batch = {
    fromMs: minutes.fromMs,
    untilMs: minutes.untilMs,
    rowCount: minuteCount(minutes),
    sampleCount: sampleCount(samples),
    minuteCount: countMinutes(samples),
    nullCount: countEmptyRows(minutes, targets),
    endsInOutage: endsInOutage(minutes),
  }
  return { samples, batch }
}

function countMinutes(samples: readonly SeriesSamples[]): number {
  // Channels of a device mostly share one list.
  const lists = new Set(samples.map(({ timestampsMs }) => timestampsMs))
  const [only] = lists
  if (lists.size === 1 && only) return only.length
  return new Set([...lists].flat()).size
}

function endsInOutage({ columns: [column = new Float64Array()] }: MinuteBatch): boolean {
  return column.length >= LONG_MINUTES && column.subarray(-LONG_MINUTES).every(Number.isNaN)
}
