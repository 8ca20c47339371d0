import { outOfRange } from '../../../model/at.ts'
import type { SeriesSamples } from '../../../model/series.ts'
import { MINUTE_MS, floorToMinute, type TimeWindow } from '../../../model/time-window.ts'
import { isAbsurd } from '../../copy/unusable-cells.ts'

/** Samples of a series that need not be one a minute, oldest first. */
export type Points = Pick<SeriesSamples, 'timestampsMs' | 'values'>

/** Points so far beyond a window, on either side, decide what its minutes are. */
export const REACH_MS = 2 * MINUTE_MS

/**
 * The mean of each minute of the window over the part of it that the points cover, rounded to so many decimals. A
 * minute that one point covers alone has its value as it is.
 */
export function pointsToMinutes(
  points: Points,
  { window, decimals }: { window: TimeWindow; decimals: number },
): Points & { readonly hasAbsurd: boolean } {
  const measured = measurementsOf(points)
  const minutes = { timestampsMs: new Array<number>(), values: new Array<number>(), hasAbsurd: measured.hasAbsurd }
  for (const minute of meansOf(measured)) {
    if (minute.atMs < window.fromMs || minute.atMs >= window.untilMs) continue
    minutes.timestampsMs.push(minute.atMs)
    minutes.values.push(minute.pointCount === 1 ? minute.lastValue : rounded(minute.area / minute.coveredMs, decimals))
  }
  return minutes
}

/**
 * Until when the minutes of a series are over: the newest point stands for as long as the one before it did, and
 * alone for nothing, since it may be the first of a minute that is still being measured.
 */
export function closedUntil({ timestampsMs }: Points): number {
  const newestMs = timestampsMs.at(-1) ?? 0
  const stepMs = newestMs - (timestampsMs.findLast((atMs) => atMs < newestMs) ?? -Infinity)
  return floorToMinute(stepMs > MINUTE_MS ? newestMs : newestMs + stepMs)
}

/** Each time once, with the biggest of its values as VictoriaMetrics' own deduplication keeps it; numbers only. */
function measurementsOf({ timestampsMs, values }: Points): Points & { hasAbsurd: boolean } {
  const kept = { timestampsMs: new Array<number>(), values: new Array<number>(), hasAbsurd: false }
  timestampsMs.forEach((atMs, index) => {
    const value = values[index] ?? outOfRange(values, index)
    if (Number.isNaN(value)) return
    if (isAbsurd(value)) kept.hasAbsurd = true
    else if (kept.timestampsMs.at(-1) === atMs) kept.values.push(Math.max(kept.values.pop() ?? value, value))
    else {
      kept.timestampsMs.push(atMs)
      kept.values.push(value)
    }
  })
  return kept
}

/** What the points make of one minute. */
interface Minute {
  readonly atMs: number
  pointCount: number
  coveredMs: number
  /** Value × milliseconds. */
  area: number
  lastValue: number
}

/** Every minute that a point covers in part, oldest first. */
function meansOf(points: Points): Minute[] {
  const minutes: Minute[] = []
  const add = (fromMs: number, untilMs: number, value: number) => {
    const atMs = floorToMinute(fromMs)
    let minute = minutes.at(-1)
    if (minute?.atMs !== atMs) {
      minute = { atMs, pointCount: 0, coveredMs: 0, area: 0, lastValue: value }
      minutes.push(minute)
    }
    minute.pointCount++
    minute.coveredMs += untilMs - fromMs
    minute.area += value * (untilMs - fromMs)
    minute.lastValue = value
  }
  points.timestampsMs.forEach((fromMs, index) => {
    const value = points.values[index] ?? outOfRange(points.values, index)
    const untilMs = endOfSpan(points.timestampsMs, index)
    const nextMinuteMs = floorToMinute(fromMs) + MINUTE_MS
    add(fromMs, Math.min(untilMs, nextMinuteMs), value)
    if (untilMs > nextMinuteMs) add(nextMinuteMs, untilMs, value)
  })
  return minutes
}

/** A point stands for as long as its nearer neighbour is away; with none within a minute, for the rest of its own. */
function endOfSpan(timestampsMs: readonly number[], index: number): number {
  const atMs = timestampsMs[index] ?? outOfRange(timestampsMs, index)
  const beforeMs = atMs - (timestampsMs[index - 1] ?? -Infinity)
  const afterMs = (timestampsMs[index + 1] ?? Infinity) - atMs
  const nearerMs = Math.min(beforeMs, afterMs)
  return nearerMs <= MINUTE_MS ? atMs + nearerMs : floorToMinute(atMs) + MINUTE_MS
}

/** Halves go up; what binary fractions add beyond the twelfth digit does not decide. */
function rounded(value: number, decimals: number): number {
  const scale = 10 ** decimals
  return Math.round(Number((value * scale).toPrecision(12))) / scale + 0
}
