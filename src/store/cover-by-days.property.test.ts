import fc from 'fast-check'
import { expect, it } from 'vitest'
import { countSample, emptyCoverage, type Labels } from '../model/series.ts'
import { DAY_MS, MINUTE_MS, splitWindow } from '../model/time-window.ts'
import { coverByDays, DayState, type DayReader } from './cover-by-days.ts'
import { storedKey } from './stored-labels.ts'

const T0 = Date.UTC(2024, 4, 1)
const { signal } = new AbortController()
const days = fc.constantFrom<'empty' | 'complete' | 'gaps' | 'duplicates' | 'late'>(
  'empty',
  'complete',
  'gaps',
  'duplicates',
  'late',
)

/** The times of the samples of a day. */
function samplesOf(kind: string, fromMs: number): number[] {
  const all = Array.from({ length: 1440 }, (_, minute) => fromMs + minute * MINUTE_MS)
  if (kind === 'empty') return []
  if (kind === 'gaps') return all.filter((_, minute) => minute % 7 !== 3)
  if (kind === 'duplicates') return all.flatMap((atMs, minute) => (minute % 100 === 5 ? [atMs, atMs] : [atMs]))
  return kind === 'late' ? all.map((atMs, minute) => (minute === 77 ? atMs + 5000 : atMs)) : all
}

it('is what each sample, counted by itself, comes to', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(days, { minLength: 70, maxLength: 70 }), { minLength: 1, maxLength: 3 }),
      fc.nat(3 * 1440),
      fc.nat(68 * 1440),
      async (kinds, skipped, length) => {
        const window = {
          fromMs: T0 + skipped * MINUTE_MS,
          untilMs: T0 + (skipped + Math.min(length, 70 * 1440 - skipped)) * MINUTE_MS,
        }
        const series = kinds.map((_, index): Labels => ({ __name__: 'power', location: `${index}` }))
        const stored = new Map(
          series.map((labels, index) => [
            storedKey(labels),
            kinds[index]!.flatMap((kind, day) => samplesOf(kind, T0 + day * DAY_MS)),
          ]),
        )
        const expected = series.map((labels) => {
          const coverage = emptyCoverage(labels, window)
          for (const atMs of stored.get(storedKey(labels)) ?? []) countSample(coverage, atMs)
          return coverage
        })
        const reader: DayReader = {
          digestDays: (asked, complete) =>
            Promise.resolve(
              new Map(
                asked.map((labels) => [
                  storedKey(labels),
                  Uint8Array.from(splitWindow(complete, DAY_MS), (day) => {
                    const times = (stored.get(storedKey(labels)) ?? []).filter(
                      (atMs) => atMs >= day.fromMs && atMs < day.untilMs,
                    )
                    if (times.length === 0) return DayState.empty
                    return times.length === 1440 &&
                      times.every((atMs, minute) => atMs === day.fromMs + minute * MINUTE_MS)
                      ? DayState.complete
                      : DayState.mixed
                  }),
                ]),
              ),
            ),
          readTimes: (asked, { window: span, onSample }) => {
            expect(span.fromMs >= window.fromMs && span.untilMs <= window.untilMs && span.fromMs < span.untilMs).toBe(
              true,
            )
            for (const labels of asked)
              for (const atMs of stored.get(storedKey(labels)) ?? [])
                if (atMs >= span.fromMs && atMs < span.untilMs) onSample(storedKey(labels), atMs)
            return Promise.resolve()
          },
        }
        const found = await coverByDays(reader)(series, window, signal)
        expect(found.map(({ minutes }) => Buffer.from(minutes).toString('hex'))).toEqual(
          expected.map(({ minutes }) => Buffer.from(minutes).toString('hex')),
        )
      },
    ),
    { numRuns: process.env['LONG'] ? 300 : 15 },
  ))
