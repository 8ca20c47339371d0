import { expect, it } from 'vitest'
import { inProcess, settingsFor, smallUnit, sourceOf } from '../../test/small-house.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../model/time-window.ts'
import { createSimulatedClock } from '../../test/doubles/simulated-clock.ts'
import { createSimulatedDevice } from '../../test/doubles/simulated-device.ts'
import { createSimulatedStore } from '../../test/doubles/simulated-store.ts'
import { createDeviceWorker } from './device-worker.ts'

const START_MS = Date.UTC(2026, 2, 27, 12, 0, 37)
const INTERVAL_MS = 5 * MINUTE_MS

it('a paused backfill waits, while cycles go on; it then goes on where it was', async () => {
  const clock = createSimulatedClock(START_MS)
  const source = sourceOf(smallUnit('garage'), { fromMs: START_MS - 37_000 - 40 * DAY_MS })
  const device = createSimulatedDevice({ source, clock, readCostMs: 2 })
  const store = createSimulatedStore({ clock })
  const settings = settingsFor('garage', { chunkMs: DAY_MS })
  let changes = 0
  const worker = createDeviceWorker(inProcess(device, { clock, store, settings }), {
    intervalMs: INTERVAL_MS,
    backfill: true,
    onChange: () => void changes++,
  })
  const stop = new AbortController()
  const ended = worker.start(stop.signal)
  const history = () => worker.health().history
  while (history().doneMinutes === 0) await clock.advance(1_000)

  const before = changes
  worker.pauseBackfill(true)
  expect(history()).toMatchObject({ state: 'loading', isPaused: true })
  expect(changes).toBeGreaterThan(before)
  // A batch that is under way is still stored.
  await clock.advance(MINUTE_MS)
  const pausedAt = history().doneMinutes
  const cycleMs = worker.health().lastPass?.storedUntilMs ?? 0
  await clock.advance(2 * HOUR_MS)
  expect(history().doneMinutes).toBe(pausedAt)
  expect(worker.health().lastPass?.storedUntilMs).toBeGreaterThanOrEqual(cycleMs + 2 * HOUR_MS - INTERVAL_MS)
  expect(worker.health().state).toBe('ok')

  worker.pauseBackfill(false)
  const resumed = history().doneMinutes
  for (let step = 0; step < 600 && history().state !== 'done'; step++) {
    await clock.advance(MINUTE_MS)
    expect(history().doneMinutes).toBeGreaterThanOrEqual(Math.min(resumed, history().totalMinutes))
  }
  expect(history()).toMatchObject({ state: 'done', isPaused: false })
  stop.abort()
  await clock.runUntilDone(ended)
})

it('a failure of a backfill that is then paused is over, so that cycles tell how the device is', async () => {
  const clock = createSimulatedClock(START_MS)
  const source = sourceOf(smallUnit('garage'), { fromMs: START_MS - 37_000 - DAY_MS })
  const device = createSimulatedDevice({ source, clock })
  const store = createSimulatedStore({ clock })
  const worker = createDeviceWorker(inProcess(device, { clock, store }), { intervalMs: INTERVAL_MS, backfill: true })
  const stop = new AbortController()
  device.setPower('off')
  const ended = worker.start(stop.signal)
  await clock.advance(10 * MINUTE_MS)
  expect(worker.health().state).toBe('failing')
  worker.pauseBackfill(true)
  device.setPower('on')
  await clock.advance(2 * INTERVAL_MS)
  expect(worker.health()).toMatchObject({ state: 'ok' })
  expect(worker.health()).not.toHaveProperty('failure')
  stop.abort()
  await clock.runUntilDone(ended)
})

it.each([1, 40])('cycles and backfill go on when the clock here is set back by %i days', async (days) => {
  const clock = createSimulatedClock(START_MS)
  const source = sourceOf(smallUnit('garage'), { fromMs: START_MS - 37_000 - DAY_MS })
  const device = createSimulatedDevice({ source, clock })
  const store = createSimulatedStore({ clock })
  let offsetMs = 0
  const shifted = { ...clock, nowMs: () => clock.nowMs() + offsetMs }
  const options = { intervalMs: INTERVAL_MS, backfill: true }
  const worker = createDeviceWorker(inProcess(device, { clock: shifted, store }), options)
  const stop = new AbortController()
  const ended = worker.start(stop.signal)
  await clock.advance(10 * MINUTE_MS)
  const { storedUntilMs = 0 } = worker.health().lastPass ?? {}
  offsetMs = -days * DAY_MS
  await clock.advance(2 * HOUR_MS)
  expect(worker.health()).toMatchObject({ state: 'ok', history: { state: 'done' } })
  expect(worker.health().lastPass?.storedUntilMs).toBeGreaterThanOrEqual(storedUntilMs + 2 * HOUR_MS - INTERVAL_MS)
  stop.abort()
  await clock.runUntilDone(ended)
})
