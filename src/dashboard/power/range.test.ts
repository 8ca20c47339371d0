import { expect, it } from 'vitest'
import { houseTime } from '../text/house-time.ts'
import { publish } from '../text/time.ts'
import { LEAST_MS, rangeText, readRange, spanQuery, spanRange, stepRange, zoomRange } from './range.ts'

const H = 3_600_000
const lastMs = 1000 * 24 * H
const bounds = { firstMs: 0, lastMs }

it.each([
  ['', 24, '24h'],
  ['range=7d', 168, '7d'],
  ['range=nonsense', 24, '24h'],
  ['range=all', 24_000, 'all'],
  ['from=1970-01-02T00:00Z&to=1970-01-02T06:00Z', 6, undefined],
  ['from=1970-01-02T00:00Z&to=1970-01-01T06:00Z', 24, '24h'],
  ['from=1970-01-02T00:00Z&to=1970-01-02T00:05Z', 0.25, undefined],
])('%s is %i h', (query, hours, preset) => {
  const range = readRange(new URLSearchParams(query), bounds)
  expect([(range.untilMs - range.fromMs) / H, range.preset]).toEqual([hours, preset])
})

it('steps by one range, and stops at the newest minute', () => {
  expect(stepRange({ fromMs: 10 * H, untilMs: 12 * H }, 1, lastMs)).toEqual({ fromMs: 12 * H, untilMs: 14 * H })
  expect(stepRange({ fromMs: lastMs - 3 * H, untilMs: lastMs - H }, 1, lastMs)).toEqual({
    fromMs: lastMs - 2 * H,
    untilMs: lastMs,
  })
})

it('zooms around an instant, down to 15 minutes', () => {
  expect(zoomRange({ fromMs: 0, untilMs: 8 * H }, 0.5, { aroundMs: 2 * H, lastMs })).toEqual({
    fromMs: H,
    untilMs: 5 * H,
  })
  const { fromMs, untilMs } = zoomRange({ fromMs: 0, untilMs: LEAST_MS }, 0.5, { aroundMs: 0, lastMs })
  expect(untilMs - fromMs).toBe(LEAST_MS)
  expect(spanRange(5 * H, 5 * H)).toEqual({ fromMs: 5 * H, untilMs: 5 * H + LEAST_MS })
})

const formatter = publish(houseTime('UTC'), Date.UTC(2026, 2, 27))
it.each([
  ['2025-11-29T00:00Z', '2026-11-29T00:00Z', '29 Nov 2025 to 29 Nov 2026'],
  ['2025-12-31T22:00Z', '2026-01-01T06:00Z', '31 Dec 2025, 22:00 to 1 Jan 2026, 06:00'],
  ['2025-03-01T00:00Z', '2025-03-28T00:00Z', '1 Mar 2025 to 28 Mar 2025'],
  ['2026-03-26T13:40Z', '2026-03-27T13:40Z', '26 Mar, 13:40 to 27 Mar, 13:40'],
  ['2026-03-26T13:40Z', '2026-03-26T15:40Z', '26 Mar, 13:40 to 15:40'],
])('%s to %s', (from, until, words) =>
  expect(rangeText({ fromMs: Date.parse(from), untilMs: Date.parse(until) }, formatter, 2026)).toBe(words),
)

it('a year is asked for by days', () => {
  expect(spanQuery({ fromMs: 0, untilMs: 24 * H })).not.toContain('step')
  expect(spanQuery({ fromMs: 0, untilMs: 365 * 24 * H })).toMatch(/&step=day$/)
})
