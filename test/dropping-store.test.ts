import { expect, it } from 'vitest'
import type { Labels, SeriesSamples } from '../src/model/series.ts'
import { DAY_MS, floorToMinute, MINUTE_MS } from '../src/model/time-window.ts'
import { createSimulatedClock } from './doubles/simulated-clock.ts'
import { createSimulatedDevice } from './doubles/simulated-device.ts'
import { createSimulatedStore } from './doubles/simulated-store.ts'
import { createDeviceWorker } from '../src/daemon/device-worker.ts'
import type { CycleReport } from '../src/sync/tail/sync-device.ts'
import { surveyDevice } from '../src/sync/check/survey-device.ts'
import { inProcess, minutesOf, SMALL_CHANNELS, smallUnit, sourceOf } from './small-house.ts'

const START_MS = Date.UTC(2026, 2, 27, 12, 0, 37)
const FROM_MS = START_MS - 37_000 - DAY_MS
const INTERVAL_MS = 5 * MINUTE_MS
const BATCH_ROWS = 1_000

/** A daemon whose store keeps of each write only the series that it has space for, and answers as if it kept all. */
function setUp() {
  const clock = createSimulatedClock(START_MS)
  const device = createSimulatedDevice({ source: sourceOf(smallUnit('garage'), { fromMs: FROM_MS }), clock })
  const kept = createSimulatedStore({ clock })
  let hasSpace: (labels: Labels) => boolean = () => true
  const store = {
    ...kept,
    write: (batch: readonly SeriesSamples[], signal: AbortSignal) =>
      kept.write(
        batch.filter(({ labels }) => hasSpace(labels)),
        signal,
      ),
  }
  const cycles: CycleReport[] = []
  let rows = 0
  const base = inProcess(device, { clock, store })
  const counted = {
    ...base.device,
    async fetchRows(...asked: Parameters<typeof base.device.fetchRows>) {
      const page = await base.device.fetchRows(...asked)
      if (asked[0].step === 'minute') rows += page.rows.length
      return page
    },
  }
  const worker = createDeviceWorker(
    { ...base, device: counted },
    { intervalMs: INTERVAL_MS, backfill: true, onCycle: (report) => cycles.push(report) },
  )
  const stop = new AbortController()
  const ended = worker.start(stop.signal)
  return {
    clock,
    worker,
    cycles,
    keepOnly: (isKept: typeof hasSpace) => void (hasSpace = isKept),
    /** Rows that were read while time went on. */
    async rowsWithin(durationMs: number) {
      const before = rows
      await clock.advance(durationMs)
      return rows - before
    },
    async untilDone() {
      for (let step = 0; step < 600 && worker.health().history.state !== 'done'; step++) await clock.advance(MINUTE_MS)
    },
    /** What `status` says, asked of the daemon. */
    async expectSameStatus() {
      const looked = worker.readOnly((context) => surveyDevice(context, new AbortController().signal))
      const { storedUntilMs, lagMs } = await clock.runUntilDone(looked)
      const { lastPass } = worker.health()
      expect(storedUntilMs).toBe(lastPass?.storedUntilMs)
      expect(lagMs).toBeGreaterThanOrEqual(lastPass?.lagMs ?? Infinity)
    },
    expectExact() {
      const untilMs = floorToMinute(worker.health().lastPass?.storedUntilMs ?? 0)
      for (const [channel, minutes] of minutesOf(device, SMALL_CHANNELS, { fromMs: FROM_MS, untilMs })) {
        const labels = kept.allSeries().filter(({ location }) => location === channel)
        expect(labels).toHaveLength(1)
        expect(kept.samplesOf(labels[0] ?? {}).map(({ atMs, value }) => [atMs, value])).toEqual([...minutes])
      }
    },
    async end() {
      stop.abort()
      await clock.runUntilDone(ended)
    },
  }
}

it('a store that drops everything from the start is failing at once, and costs the device a batch at most', async () => {
  const { clock, worker, rowsWithin, keepOnly, untilDone, expectSameStatus, expectExact, end } = setUp()
  keepOnly(() => false)
  expect(await rowsWithin(INTERVAL_MS)).toBeLessThanOrEqual(BATCH_ROWS + 10)
  expect(worker.health()).toMatchObject({
    state: 'failing',
    failure: {
      of: 'store',
      message: expect.stringMatching(/accepts samples of 3 channels .* and drops them: look at/),
    },
    lastPass: { storedUntilMs: FROM_MS },
  })
  for (let cycle = 0; cycle < 5; cycle++) expect(await rowsWithin(INTERVAL_MS)).toBeLessThanOrEqual(BATCH_ROWS)
  expect(worker.health()).toMatchObject({ state: 'failing', lastPass: { storedUntilMs: FROM_MS } })
  await expectSameStatus()

  keepOnly(() => true)
  await clock.advance(2 * INTERVAL_MS)
  expect(worker.health()).toMatchObject({ state: 'ok' })
  await untilDone()
  expectExact()
  await end()
})

it('a store that begins to drop what it kept is failing, and "stored until" stays where it is', async () => {
  const { clock, worker, rowsWithin, keepOnly, untilDone, expectSameStatus, expectExact, end } = setUp()
  await untilDone()
  const { storedUntilMs } = worker.health().lastPass ?? expect.unreachable()
  keepOnly(() => false)
  await clock.advance(INTERVAL_MS)
  expect(worker.health()).toMatchObject({ state: 'failing', lastPass: { storedUntilMs } })
  for (let cycle = 0; cycle < 5; cycle++) expect(await rowsWithin(INTERVAL_MS)).toBeLessThanOrEqual(2 * 20)
  expect(worker.health()).toMatchObject({ state: 'failing', lastPass: { storedUntilMs } })
  await expectSameStatus()
  keepOnly(() => true)
  await clock.advance(2 * INTERVAL_MS)
  await untilDone()
  expect(worker.health()).toMatchObject({ state: 'ok' })
  expectExact()
  await end()
})

it('a store that drops one channel has the others complete, and the one when it has space', async () => {
  const { clock, worker, cycles, keepOnly, untilDone, expectSameStatus, expectExact, end } = setUp()
  keepOnly(({ location }) => location !== 'Fridge')
  await untilDone()
  expect(worker.health()).toMatchObject({
    state: 'failing',
    failure: { of: 'store', message: expect.stringContaining('1 channel (Fridge)') },
    lastPass: { storedUntilMs: FROM_MS },
  })
  expect(cycles.at(-1)).toMatchObject({ refusedChannels: ['Fridge'] })
  await expectSameStatus()
  keepOnly(() => true)
  await clock.advance(2 * INTERVAL_MS)
  await untilDone()
  expect(worker.health()).toMatchObject({ state: 'ok' })
  expectExact()
  await end()
})
