import { describe, expect, it } from 'vitest'
import type { DeviceCost } from '../../model/device.ts'
import { HOUR_MS, MINUTE_MS } from '../../model/time-window.ts'
import type { SyncContext } from '../session/session.ts'
import type { LoadPlan } from './plan-load.ts'
import { trackPace } from './track-pace.ts'

const MAX_LOAD = 0.25
const ROW_MS = 0.5
const REQUEST_MS = 60
const BATCH_ROWS = 1000

/** A load of a card or of a device, whose time goes on as it is told. */
function startLoad(missingByChunk: readonly number[], { isCard = false } = {}) {
  let timeMs = 0
  let busyMs = 0
  const cost = { busyMs: () => busyMs, maxLoad: () => MAX_LOAD } as DeviceCost
  const missingMinutes = missingByChunk.reduce((sum, minutes) => sum + minutes, 0)
  const plan = { missingByChunk, missingMinutes, window: { fromMs: 0, untilMs: HOUR_MS } } as unknown as LoadPlan
  const device = isCard ? {} : { cost }
  const context = {
    clock: { nowMs: () => timeMs },
    device,
    settings: { deviceName: 'garage' },
  } as unknown as SyncContext
  const pace = trackPace(context, plan)
  let index = 0
  return {
    nowMs: () => timeMs,
    /** The store is asked what it has of a chunk. */
    look: () => (timeMs += 300),
    batch(rowCount: number) {
      const askedMs = REQUEST_MS + rowCount * ROW_MS
      busyMs += askedMs
      timeMs += askedMs / MAX_LOAD
      return pace.noteBatch({
        fromMs: 0,
        untilMs: MINUTE_MS,
        rowCount,
        sampleCount: 0,
        minuteCount: 0,
        nullCount: 0,
        endsInOutage: false,
      })
    },
    endChunk: () => pace.noteChunk(index++),
  }
}

describe('the pace of a load', () => {
  it('is not told from a handful of rows, whatever they took', () => {
    const load = startLoad([1, 1, 8000])
    for (let chunk = 0; chunk < 2; chunk++) {
      load.look()
      expect(load.batch(1)).toMatchObject({ doneMinutes: chunk + 1, rowsPerS: undefined, remainingMs: undefined })
      expect(load.endChunk()).toMatchObject({ totalMinutes: 8002, busyShare: undefined })
    }
  })

  it.each<[string, number[]]>([
    ['an empty store', [10_000, 10_000]],
    ['a store that has its first half', [...Array.from({ length: 50 }, () => 0), 10_000, 10_000]],
    ['a store with one missing minute per week at first', [...Array.from({ length: 50 }, () => 1), 10_000, 10_000]],
    ['a store whose first chunk the device does not have', [1_000, 10_000, 10_000]],
  ])('into %s is correct within a fifth after the first tenth', (name, chunks) => {
    const load = startLoad(chunks)
    const told: { atMs: number; leftMs: number }[] = []
    for (const missing of chunks) {
      load.look()
      const isAbsent = missing === 1_000 && name.includes('does not have')
      for (let left = isAbsent ? 0 : missing; left > 0; left -= BATCH_ROWS) {
        const { remainingMs, doneMinutes, totalMinutes } = load.batch(Math.min(left, BATCH_ROWS))
        if (doneMinutes >= totalMinutes / 10) told.push({ atMs: load.nowMs(), leftMs: remainingMs ?? 0 })
      }
      load.endChunk()
    }
    expect(told.length).toBeGreaterThan(15)
    const endMs = load.nowMs()
    for (const { atMs, leftMs } of told)
      expect(Math.abs(leftMs - (endMs - atMs))).toBeLessThanOrEqual(Math.max(0.2 * (endMs - atMs), 1_000))
  })

  it('has nothing left at the end, and is never busier than it may be', () => {
    const load = startLoad([5000])
    for (let batch = 0; batch < 5; batch++) expect(load.batch(1000).busyShare).toBeLessThanOrEqual(MAX_LOAD)
    expect(load.endChunk()).toMatchObject({ doneMinutes: 5000, remainingMs: undefined })
  })

  it('of a card says nothing of a device', () => {
    expect(startLoad([5000], { isCard: true }).batch(1000)).toMatchObject({
      busyShare: undefined,
      rowsPerS: expect.any(Number),
    })
  })
})
