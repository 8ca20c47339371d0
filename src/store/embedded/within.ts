import type { TimeWindow } from '../../model/time-window.ts'

/** The rows of these series in the window; of series that are not known there are none. */
export function within(ids: readonly (number | undefined)[], { fromMs, untilMs }: TimeWindow): string {
  const known = ids.filter((id) => id !== undefined)
  return known.length === 0 ? 'false' : `series IN (${known.join(',')}) AND at_ms >= ${fromMs} AND at_ms < ${untilMs}`
}
