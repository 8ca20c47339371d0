import type { Row } from '../model/device.ts'
import { sampleCount } from '../model/series.ts'
import type { TimeWindow } from '../model/time-window.ts'
import type { Lacking } from './find-lacking.ts'
import { targetsIn } from './find-readable-runs.ts'
import { rowsToSamples } from './rows-to-samples.ts'
import { warnOnce, type Session } from './session.ts'
import type { UnconfirmedWrites } from './unconfirmed.ts'

export interface PageReport {
  /** Where to go on. */
  readonly untilMs: number
  readonly rowCount: number
  readonly sampleCount: number
  /** Rows in which the device has nothing. */
  readonly nullCount: number
  /** Whether the device had not been logging for long when it ended. */
  readonly endsInOutage: boolean
}

const LONG_ROWS = 120

/** The whole pipeline, once: device → rows → samples → store. */
export async function copyPage(
  session: Session,
  { window, lacking, writes }: { window: TimeWindow; lacking: Lacking; writes: UnconfirmedWrites },
  signal: AbortSignal,
): Promise<PageReport> {
  const targets = targetsIn(lacking, window)
  const columns = targets.map(({ column }) => column)
  const { rows, untilMs } = await session.device.fetchRows({ columns, window, step: 'minute' }, signal)
  const { samples, absurd } = rowsToSamples(rows, targets, lacking)
  for (const name of absurd)
    warnOnce(
      session,
      `${session.settings.deviceName}: ${name} answers numbers that no house can have; they are not stored`,
    )
  if (samples.length > 0) await writes.write(samples, signal)
  return {
    untilMs,
    rowCount: rows.length,
    sampleCount: sampleCount(samples),
    nullCount: rows.filter(isNull).length,
    endsInOutage: rows.length >= LONG_ROWS && rows.slice(-LONG_ROWS).every(isNull),
  }
}

function isNull({ values }: Row): boolean {
  return values.every((value) => value === null)
}
