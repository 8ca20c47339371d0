import type { SeriesSamples } from '../../src/model/series.ts'
import { DAY_MS, MINUTE_MS, type TimeWindow } from '../../src/model/time-window.ts'

export const T0 = Date.UTC(2023, 0, 1)
export const BATCH_MINUTES = 300
export const SERIES_COUNT = 14
export const allTime: TimeWindow = { fromMs: T0, untilMs: T0 + 3000 * DAY_MS }

export function crashSeries(index: number) {
  return { __name__: 'power', device: 'crashing', location: `${index}` }
}

export function crashBatch(batch: number): readonly SeriesSamples[] {
  const timestampsMs = Array.from(
    { length: BATCH_MINUTES },
    (_, index) => T0 + (batch * BATCH_MINUTES + index) * MINUTE_MS,
  )
  return Array.from({ length: SERIES_COUNT }, (_, series) => ({
    labels: crashSeries(series),
    timestampsMs,
    values: timestampsMs.map((_, index) => batch + index / 1000),
  }))
}
