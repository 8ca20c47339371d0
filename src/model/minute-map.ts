import { outOfRange } from './at.ts'
import type { Numbers } from './series.ts'
import { intersection, MINUTE_MS, minuteCount, type TimeWindow } from '../model/time-window.ts'

/** A flag for each minute of a window. */
export interface MinuteMap {
  readonly window: TimeWindow
  readonly flags: Uint8Array
}

export function emptyMinuteMap(window: TimeWindow): MinuteMap {
  return { window, flags: new Uint8Array(minuteCount(window)) }
}

export function hasMinute({ window, flags }: MinuteMap, atMs: number): boolean {
  return flags[(atMs - window.fromMs) / MINUTE_MS] === 1
}

export function addMinutes({ window, flags }: MinuteMap, timesMs: Numbers): void {
  for (let place = 0; place < timesMs.length; place++) {
    const index = ((timesMs[place] ?? outOfRange(timesMs, place)) - window.fromMs) / MINUTE_MS
    if (index >= 0 && index < flags.length) flags[index] = 1
  }
}

/** Minutes that at least one of the maps has; all maps are of one window. */
export function unionOf(maps: readonly MinuteMap[], window: TimeWindow): MinuteMap {
  const union = emptyMinuteMap(window)
  for (const { flags } of maps)
    for (let index = 0; index < flags.length; index++) if (flags[index] === 1) union.flags[index] = 1
  return union
}

/** The spans of neighbouring flagged minutes, oldest first. */
export function runsOf({ window, flags }: MinuteMap): TimeWindow[] {
  const runs: TimeWindow[] = []
  let start = -1
  for (let index = 0; index <= flags.length; index++) {
    if (flags[index] === 1 && start < 0) start = index
    if (flags[index] !== 1 && start >= 0) {
      runs.push({ fromMs: window.fromMs + start * MINUTE_MS, untilMs: window.fromMs + index * MINUTE_MS })
      start = -1
    }
  }
  return runs
}

/** Runs with at most `gapMinutes` between them become one. */
export function mergeRuns(runs: readonly TimeWindow[], gapMinutes: number): TimeWindow[] {
  const merged: TimeWindow[] = []
  for (const run of runs) {
    const last = merged.at(-1)
    if (last && run.fromMs - last.untilMs <= gapMinutes * MINUTE_MS)
      merged[merged.length - 1] = { fromMs: last.fromMs, untilMs: Math.max(last.untilMs, run.untilMs) }
    else merged.push(run)
  }
  return merged
}

export function hasMinuteWithin({ window, flags }: MinuteMap, span: TimeWindow): boolean {
  const { fromMs, untilMs } = intersection(window, span)
  return flags.subarray((fromMs - window.fromMs) / MINUTE_MS, (untilMs - window.fromMs) / MINUTE_MS).includes(1)
}
