import { outOfRange } from '../../../model/at.ts'
import type { SeriesSamples } from '../../../model/series.ts'
import { DAY_MS, splitWindow, type TimeWindow } from '../../../model/time-window.ts'
import type { SourcedTarget } from './plan-migration.ts'
import { findMissing, withoutRefused, type Missing } from '../../copy/find-missing.ts'
import { hasMinute, hasMinuteWithin } from '../../../model/minute-map.ts'
import { REACH_MS, pointsToMinutes } from './points-to-minutes.ts'
import { warnOnce, type StoreSession } from '../../session/session.ts'
import type { Target } from '../../session/target.ts'
import { trackUnconfirmed } from '../../copy/unconfirmed.ts'

/** Points every 5 s of all channels of a device: a day of them is half a million, which bounds the memory used. */
const READ_MS = DAY_MS

export interface WindowReport {
  /** Minutes that were written, or would have been. */
  readonly minuteCount: number
  /** Minutes that are missing in the store and that the source does not have either. */
  readonly absent: ReadonlyMap<Target, number>
  /** False when it ended early because something else is due. */
  readonly complete: boolean
}

export interface MigrateOptions {
  readonly signal: AbortSignal
  readonly isDryRun: boolean
  /** Asked after each write; true ends early, with everything written confirmed. */
  readonly interrupted: () => boolean
}

/** Writes what is missing of a window in the store and the sources have. May be cut short anywhere and called again. */
export async function migrateWindow(
  session: StoreSession,
  { series, window }: { series: readonly SourcedTarget[]; window: TimeWindow },
  { signal, isDryRun, interrupted }: MigrateOptions,
): Promise<WindowReport> {
  const targets = series.map(({ target }) => target)
  const missing = withoutRefused(await findMissing(session, { targets, window }, signal), session)
  const absent = new Map(
    [...missing].map(([target, { flags }]) => [target, flags.reduce((sum, flag) => sum + flag, 0)]),
  )
  const writes = trackUnconfirmed(session, targets, window)
  let minuteCount = 0
  for (const part of splitWindow(window, READ_MS)) {
    const minutes = await readMinutes(session, { series, missing, window: part }, signal)
    for (const { target, samples } of minutes) {
      absent.set(target, (absent.get(target) ?? 0) - samples.timestampsMs.length)
      minuteCount += samples.timestampsMs.length
    }
    if (isDryRun || minutes.length === 0) continue
    await writes.write(
      minutes.map(({ samples }) => samples),
      signal,
    )
    if (part.untilMs < window.untilMs && interrupted()) {
      await writes.confirm(signal)
      return { minuteCount, absent, complete: false }
    }
  }
  await writes.confirm(signal)
  return { minuteCount, absent, complete: true }
}

/** What the sources have of the missing minutes; targets without any are left out. */
async function readMinutes(
  session: StoreSession,
  { series, missing, window }: { series: readonly SourcedTarget[]; missing: Missing; window: TimeWindow },
  signal: AbortSignal,
): Promise<{ target: Target; samples: SeriesSamples }[]> {
  const due = series.flatMap(({ target, source }) => {
    const map = missing.get(target)
    return map && hasMinuteWithin(map, window) ? [{ target, source, map }] : []
  })
  if (due.length === 0) return []
  const reach = { fromMs: window.fromMs - REACH_MS, untilMs: window.untilMs + REACH_MS }
  const read = await session.store.readSamples(
    due.map(({ source }) => source),
    reach,
    signal,
  )
  return due.flatMap(({ target, map }, index) => {
    const points = read[index]
    if (!points) throw new RangeError('a store answered for fewer series than it was asked for')
    const minutes = pointsToMinutes(points, { window, decimals: target.column.decimals })
    if (minutes.hasAbsurd) warnAbsurd(session, target)
    const kept = minutes.timestampsMs.map((atMs) => hasMinute(map, atMs))
    const timestampsMs = minutes.timestampsMs.filter((_, minute) => kept[minute] ?? outOfRange(kept, minute))
    const values = minutes.values.filter((_, minute) => kept[minute] ?? outOfRange(kept, minute))
    return timestampsMs.length > 0 ? [{ target, samples: { labels: target.labels, timestampsMs, values } }] : []
  })
}

function warnAbsurd(session: StoreSession, { channel }: Target): void {
  warnOnce(
    session,
    `${session.settings.deviceName}: the source of ${channel.name} has numbers that no house can have; they are left out`,
  )
}
