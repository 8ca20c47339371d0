import { DAY_MS, MINUTE_MS, minuteCount, type TimeWindow } from '../model/time-window.ts'
import type { DaySums } from './day-sums.ts'

/** What came from the grid and what went to it: mean watts by the minute, NaN where nothing is known. */
export interface PricedMinutes {
  readonly fromMs: number
  readonly fromGrid: Float64Array
  readonly toGrid: Float64Array
  /** Left out of a time of which nothing is kept. */
  readonly day?: DaySums
}

/** All of a window, in order, from days that are kept. */
export function* pricedMinutes(days: readonly DaySums[], window: TimeWindow): Generator<PricedMinutes> {
  let atMs = window.fromMs
  for (const day of days) {
    const fromMs = Math.max(atMs, day.fromMs)
    const untilMs = Math.min(window.untilMs, day.fromMs + DAY_MS)
    if (untilMs <= fromMs) continue
    if (fromMs > atMs) yield nothingOf({ fromMs: atMs, untilMs: fromMs })
    const net = day.net.subarray((fromMs - day.fromMs) / MINUTE_MS, (untilMs - day.fromMs) / MINUTE_MS)
    yield {
      fromMs,
      fromGrid: net.map((watts) => Math.max(0, watts)),
      toGrid: net.map((watts) => Math.max(0, -watts)),
      day,
    }
    atMs = untilMs
  }
  if (window.untilMs > atMs) yield nothingOf({ fromMs: atMs, untilMs: window.untilMs })
}

function nothingOf(window: TimeWindow): PricedMinutes {
  const nothing = new Float64Array(minuteCount(window)).fill(NaN)
  return { fromMs: window.fromMs, fromGrid: nothing, toGrid: nothing }
}
