import { expect, it } from 'vitest'
import { LEAST_MS, readRange, spanRange, stepRange, zoomRange } from './range.ts'

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
