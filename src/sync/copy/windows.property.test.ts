import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MINUTE_MS, intersection, minuteCount, splitWindow, type TimeWindow } from '../../model/time-window.ts'
import {
  emptyMinuteMap,
  hasMinute,
  hasMinuteWithin,
  mergeRuns,
  runsOf,
  unionOf,
  type MinuteMap,
} from '../../model/minute-map.ts'

const T0 = Date.UTC(2024, 4, 1)
const at = (minute: number) => T0 + minute * MINUTE_MS
const windows = fc
  .tuple(fc.integer({ min: -50, max: 300 }), fc.integer({ min: -50, max: 300 }))
  .map(([from, until]): TimeWindow => ({ fromMs: at(from), untilMs: at(until) }))

/** The starts of its minutes, one by one. */
function minutesOf({ fromMs, untilMs }: TimeWindow): number[] {
  const minutes = []
  for (let atMs = fromMs; atMs < untilMs; atMs += MINUTE_MS) minutes.push(atMs)
  return minutes
}

const maps = fc.array(fc.boolean(), { minLength: 1, maxLength: 200 }).map((flags): MinuteMap => ({
  window: { fromMs: T0, untilMs: at(flags.length) },
  flags: Uint8Array.from(flags, Number),
}))
const flagged = (map: MinuteMap) => minutesOf(map.window).filter((_, index) => map.flags[index] === 1)

describe('whatever the windows are', () => {
  it('the parts of one have each of its minutes once, in order, and are no longer than asked', () => {
    fc.assert(
      fc.property(windows, fc.integer({ min: 1, max: 100 }), (window, size) => {
        const parts = splitWindow(window, size * MINUTE_MS)
        expect(parts.flatMap(minutesOf)).toEqual(minutesOf(window))
        for (const part of parts) {
          expect(minuteCount(part)).toBeLessThanOrEqual(size)
          expect(minuteCount(part)).toBeGreaterThan(0)
        }
        expect(parts.slice(0, -1).every((part) => minuteCount(part) === size)).toBe(true)
      }),
    )
  })

  it('two share the minutes that are in both', () => {
    fc.assert(
      fc.property(windows, windows, (a, b) => {
        expect(minutesOf(intersection(a, b))).toEqual(minutesOf(a).filter((atMs) => minutesOf(b).includes(atMs)))
        expect(minuteCount(a)).toBe(minutesOf(a).length)
      }),
    )
  })
})

describe('whatever minutes are flagged', () => {
  it('their runs have them and no other, with a minute between them', () => {
    fc.assert(
      fc.property(maps, (map) => {
        const runs = runsOf(map)
        expect(runs.flatMap(minutesOf)).toEqual(flagged(map))
        runs.slice(1).forEach((run, index) => expect(run.fromMs).toBeGreaterThan(runs[index]!.untilMs))
      }),
    )
  })

  it('merged runs have them too, bridge no more than they may, and leave no gap that they could', () => {
    fc.assert(
      fc.property(maps, fc.nat(10), (map, gapMinutes) => {
        const merged = mergeRuns(runsOf(map), gapMinutes)
        const read = merged.flatMap(minutesOf)
        expect(flagged(map).every((atMs) => read.includes(atMs))).toBe(true)
        expect(new Set(read).size).toBe(read.length)
        expect(
          merged.every(({ fromMs, untilMs }) => hasMinute(map, fromMs) && hasMinute(map, untilMs - MINUTE_MS)),
        ).toBe(true)
        merged
          .slice(1)
          .forEach((run, index) => expect(run.fromMs - merged[index]!.untilMs).toBeGreaterThan(gapMinutes * MINUTE_MS))
        for (const run of merged) expect(longestGap(map, run)).toBeLessThanOrEqual(gapMinutes)
      }),
    )
  })

  it('a union has what one of them has, and a span has one where a minute of it is flagged', () => {
    fc.assert(
      fc.property(fc.array(maps, { maxLength: 4 }), windows, (list, span) => {
        const window = { fromMs: T0, untilMs: at(200) }
        const padded = list.map(({ flags }) => {
          const map = emptyMinuteMap(window)
          map.flags.set(flags)
          return map
        })
        const union = unionOf(padded, window)
        expect(flagged(union)).toEqual(minutesOf(window).filter((atMs) => padded.some((map) => hasMinute(map, atMs))))
        expect(hasMinuteWithin(union, span)).toBe(minutesOf(span).some((atMs) => hasMinute(union, atMs)))
      }),
    )
  })
})

function longestGap(map: MinuteMap, run: TimeWindow): number {
  const signs = minutesOf(run).map((atMs) => (hasMinute(map, atMs) ? '1' : ' '))
  return Math.max(
    0,
    ...signs
      .join('')
      .split('1')
      .map(({ length }) => length),
  )
}
