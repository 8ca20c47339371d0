import { MINUTE_MS, floorToMinute } from '../../model/time-window.ts'
import type { Session } from './session.ts'

/** So late a cycle may be: it waits for its turn, and takes some time itself. */
const LATE_MS = 5 * MINUTE_MS

/**
 * The end of what the store has to have of a device by now. Minutes that closed after the newest one that it has wait for
 * the next cycle, and are not missing, unless there should have been one since.
 */
export function dueUntilMs(
  { logged, positions, targets }: Pick<Session, 'logged' | 'positions' | 'targets'>,
  intervalMs: number,
): number {
  const newestMs = Math.max(...targets.map(({ key }) => positions.get(key) ?? -Infinity))
  const storedUntilMs = Number.isFinite(newestMs) ? floorToMinute(newestMs) + MINUTE_MS : -Infinity
  const isWaiting = logged.untilMs - storedUntilMs <= intervalMs + LATE_MS
  return isWaiting ? Math.min(storedUntilMs, logged.untilMs) : logged.untilMs
}
