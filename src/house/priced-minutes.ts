import { outOfRange } from '../model/at.ts'
import { DAY_MS, MINUTE_MS, type TimeWindow } from '../model/time-window.ts'
import type { DaySums } from './day-sums.ts'
import { type GridBlock, nothingOf } from './read-grid.ts'

export interface PricedMinutes extends GridBlock {
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
    if (fromMs > atMs) yield { fromMs: atMs, ...nothingOf({ fromMs: atMs, untilMs: fromMs }) }
    const net = day.net.subarray((fromMs - day.fromMs) / MINUTE_MS, (untilMs - day.fromMs) / MINUTE_MS)
    const [fromGrid, toGrid] = [new Float64Array(net.length), new Float64Array(net.length)]
    for (let minute = 0; minute < net.length; minute++) {
      const watts = net[minute] ?? outOfRange(net, minute)
      fromGrid[minute] = Math.max(0, watts)
      toGrid[minute] = Math.max(0, -watts)
    }
    yield { fromMs, fromGrid, toGrid, day }
    atMs = untilMs
  }
  if (window.untilMs > atMs) yield { fromMs: atMs, ...nothingOf({ fromMs: atMs, untilMs: window.untilMs }) }
}
