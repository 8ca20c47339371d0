import type { MinutePage } from '../model/device.ts'
import { sampleCount, type SeriesSamples } from '../model/series.ts'
import { minuteCount, type TimeWindow } from '../model/time-window.ts'
import { countNulls, fetchMinutes } from './fetch-minutes.ts'
import type { Lacking } from './find-lacking.ts'
import { targetsIn } from './find-readable-runs.ts'
import { rowsToSamples } from './rows-to-samples.ts'
import { warnOnce, type Session } from './session.ts'

export interface PageReport {
  readonly fromMs: number
  /** Where to go on. */
  readonly untilMs: number
  readonly rowCount: number
  readonly sampleCount: number
  /** Rows in which the device has nothing. */
  readonly nullCount: number
  /** Whether the device had not been logging for long when it ended. */
  readonly endsInOutage: boolean
}

export interface CopyOptions {
  readonly window: TimeWindow
  readonly lacking: Lacking
  /** Begins to write what the store lacks of the page; returns when the next page may be read. */
  readonly write: (samples: readonly SeriesSamples[], page: PageReport) => Promise<void>
}

const LONG_MINUTES = 120

/** The whole pipeline, once: device → rows → samples → store. */
export async function copyPage(
  session: Session,
  { window, lacking, write }: CopyOptions,
  signal: AbortSignal,
): Promise<PageReport> {
  const targets = targetsIn(lacking, window)
  const columns = targets.map(({ column }) => column)
  const minutes = await fetchMinutes(session.device, { columns, window }, signal)
  const { samples, absurd } = rowsToSamples(minutes, targets, lacking)
  for (const name of absurd)
    warnOnce(
      session,
      `${session.settings.deviceName}: ${name} answers numbers that no house can have; they are not stored`,
    )
  const page = {
    fromMs: minutes.fromMs,
    untilMs: minutes.untilMs,
    rowCount: minuteCount(minutes),
    sampleCount: sampleCount(samples),
    nullCount: countNulls(minutes),
    endsInOutage: endsInOutage(minutes),
  }
  await write(samples, page)
  return page
}

function endsInOutage({ columns: [column = new Float64Array()] }: MinutePage): boolean {
  return column.length >= LONG_MINUTES && column.subarray(-LONG_MINUTES).every(Number.isNaN)
}
