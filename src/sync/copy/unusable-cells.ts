import { NO_VALUE } from '../../model/device.ts'
import { formatMinute, intersection, MINUTE_MS, minuteCount, type TimeWindow } from '../../model/time-window.ts'
import { mergeRuns, type MinuteMap } from '../../model/minute-map.ts'
import { warnOnce, type StoreSession } from '../session/session.ts'
import { MAX_REMEMBERED, type SyncMemory } from '../session/sync-memory.ts'
import type { Target, TargetSpan } from '../session/target.ts'

/** One outlier beyond this can destroy its neighbours in a store that keeps a block with one common exponent. */
const MAX_VALUE = 1e9

/** Whether a value is none that a channel can have: no number, or beyond what it can measure. */
export function isAbsurd(value: number, maxValue = MAX_VALUE): boolean {
  return !(Math.abs(value) <= maxValue)
}

/** Values of a channel that are left out, oldest first. */
export interface UnusableCells {
  readonly target: Target
  readonly timesMs: readonly number[]
  /** The first of them. */
  readonly value: number
}

/** Counts them, names the channel once, and remembers the minutes, which are not asked for again. */
export function noteUnusable(session: StoreSession, { target, timesMs, value }: UnusableCells): void {
  const { memory, warnings } = session
  const [firstMs] = timesMs
  if (firstMs === undefined) return
  memory.counts.unusableCells += timesMs.length
  const found = timesMs.map((fromMs) => ({ fromMs, untilMs: fromMs + MINUTE_MS }))
  const runs = [...(memory.deviceLog.unusable.get(target.key) ?? []), ...found].sort((a, b) => a.fromMs - b.fromMs)
  memory.deviceLog.unusable.set(target.key, mergeRuns(runs, 0).slice(-MAX_REMEMBERED))
  const message = memory.process.unusableNamed.get(target.key) ?? describe(session, { target, timesMs, value })
  memory.process.unusableNamed.set(target.key, message)
  if (!warnings.includes(message)) warnOnce(session, message)
}

function describe(
  { settings }: StoreSession,
  { target: { channel }, timesMs: [atMs = 0], value }: UnusableCells,
): string {
  const found = Number.isFinite(value)
    ? `${value} ${channel.unit}, more than a channel can measure`
    : describeNone(value)
  return `${settings.deviceName}: ${channel.name} answers what cannot be used (${formatMinute(atMs)}: ${found}); such minutes of this channel are left out`
}

function describeNone(value: number): string {
  return value === NO_VALUE ? 'no value' : 'no number'
}

/** Takes the minutes of a series that are known to be unusable from those that are missing. */
export function removeUnusable({ deviceLog }: SyncMemory, { key }: Target, map: MinuteMap): void {
  for (const run of deviceLog.unusable.get(key) ?? []) removeMinutes(map, run)
}

export function removeMinutes({ window, flags }: MinuteMap, span: TimeWindow): void {
  const { fromMs, untilMs } = intersection(window, span)
  flags.fill(0, (fromMs - window.fromMs) / MINUTE_MS, (untilMs - window.fromMs) / MINUTE_MS)
}

/** The minutes of a window that are known to be unusable in one of the series at least. */
export function unusableWithin({ deviceLog }: SyncMemory, { targets, window }: TargetSpan): TimeWindow[] {
  return targets
    .flatMap(({ key }) => deviceLog.unusable.get(key) ?? [])
    .map((run) => intersection(run, window))
    .filter((run) => minuteCount(run) > 0)
}
