import { at } from '../model/at.ts'
import { DAY_MS } from '../model/time-window.ts'
import { BINS_A_DAY, LEGACY_BIT, type DaySums } from './day-sums.ts'
import type { KeptDays } from './rollups.ts'

const LOOKBACK_MS = 7 * DAY_MS
/** An inverter draws a few watts at night; one whose sensor is the wrong way round seems to draw what it makes. */
const [IDLE_W, REVERSED_W] = [10, -100]

/** Places of solar channels that were only below zero in each half hour of the last days. */
export function findReversedSolar(days: KeptDays, nowMs: number): number[] {
  const kept = days.kept({ fromMs: nowMs - LOOKBACK_MS, untilMs: nowMs })
  return days.plan().solar.filter((place) => {
    const means = kept.flatMap((day) => halfHours(day, place))
    return means.some((watts) => watts < REVERSED_W) && means.every((watts) => watts < IDLE_W)
  })
}

function halfHours({ wattHours, minutes }: DaySums, place: number): number[] {
  return Array.from({ length: BINS_A_DAY }, (_, bin) => place * BINS_A_DAY + bin).flatMap((index) => {
    const count = at(minutes, index) & ~LEGACY_BIT
    return count > 0 ? [(at(wattHours, index) * 60) / count] : []
  })
}
