import { explain } from '../../runtime/errors.ts'
import { countMissing } from '../copy/count-missing.ts'
import type { Labels } from '../../model/series.ts'
import { openSession } from '../session/open-session.ts'
import type { SyncContext } from '../session/session.ts'
import { lookbackOf, storedUntil } from '../session/find-stored.ts'

/** How far the store is with a device; times in Unix ms. */
export interface DeviceSurvey {
  readonly deviceName: string
  /** What each of its series has; left out where there are none. */
  readonly labels?: Labels
  readonly channelCount: number
  readonly seriesCount: number
  readonly newestOnDeviceMs: number
  /** As `storedUntil` defines it. */
  readonly storedUntilMs: number
  readonly lagMs: number
  /** Minutes of the look-back that are missing before the tail. */
  readonly holeMinutes: number
  /** Why nothing would be copied now, or is being recorded. */
  readonly problem?: string
}

export async function surveyDevice(context: SyncContext, signal: AbortSignal): Promise<DeviceSurvey> {
  const session = await openSession(context, signal)
  const rival = await context.findRival?.(signal)
  const problem = rival ? explain(rival) : session.stoppedLog
  const { targets, positions, status, settings } = session
  const storedUntilMs = storedUntil(session)
  const { fromMs, untilMs } = lookbackOf(session)
  const stored = { fromMs, untilMs: Math.min(storedUntilMs, untilMs) }
  return {
    deviceName: settings.deviceName,
    ...(settings.labels && { labels: settings.labels }),
    channelCount: targets.length,
    seriesCount: targets.filter(({ key }) => positions.has(key)).length,
    newestOnDeviceMs: status.newestMs,
    storedUntilMs,
    lagMs: Math.max(0, status.clockMs - storedUntilMs),
    holeMinutes: stored.untilMs > fromMs ? await countMissing(session, stored, signal) : 0,
    ...(problem !== undefined && { problem }),
  }
}
