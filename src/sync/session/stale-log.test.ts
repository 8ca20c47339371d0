import { describe, expect, it } from 'vitest'
import { HOUR_MS, MINUTE_MS } from '../../model/time-window.ts'
import { describeStaleLog, logAgeMs } from './stale-log.ts'

const CLOCK_MS = Date.UTC(2026, 10, 30, 12, 0, 35)

function status(ageMs: number, { uptimeMs = 24 * HOUR_MS, isCard = false } = {}) {
  return { clockMs: CLOCK_MS, newestMs: CLOCK_MS - ageMs, startedAtMs: CLOCK_MS - uptimeMs, isCard }
}

describe('the age of a log', () => {
  it.each([
    ['is what its newest record has by the clock of the device', status(2 * HOUR_MS), 2 * HOUR_MS],
    ['is 0 where the newest record is ahead of the clock', status(-5_000), 0],
    ['counts from the start while the device has just started', status(3 * HOUR_MS, { uptimeMs: 20_000 }), 20_000],
    ['counts from the record again when a start is over', status(HOUR_MS, { uptimeMs: 3 * MINUTE_MS }), HOUR_MS],
    ['is 0 for a card, whose log has ended as it should', status(100 * HOUR_MS, { isCard: true }), 0],
  ])('%s', (_, given, ageMs) => expect(logAgeMs(given)).toBe(ageMs))
})

describe('a stopped log', () => {
  it('is told with its end, its age and what to look at', () =>
    expect(describeStaleLog('garage', status(2 * HOUR_MS + 15 * MINUTE_MS))).toBe(
      'garage: it answers, but its log ends at 2026-11-30T09:45Z, 2 h 15 min ago by its own clock: nothing is being recorded; look at its message log and its SD card, and restart it',
    ))
  it.each([5_000, MINUTE_MS, 5 * MINUTE_MS])('is not told after %d ms', (ageMs) =>
    expect(describeStaleLog('garage', status(ageMs))).toBeUndefined(),
  )
})
