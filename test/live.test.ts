import { expect, it } from 'vitest'
import { createDeviceWorker } from '../src/daemon/device-worker.ts'
import { createLiveWatch } from '../src/daemon/live-readings.ts'
import type { LiveReadings } from '../src/model/daemon.ts'
import { HOUR_MS, MINUTE_MS } from '../src/model/time-window.ts'
import { silentLog } from '../src/runtime/log.ts'
import { generateHouse } from '../src/simulator/generate-house.ts'
import { createLoadSwitches } from '../src/simulator/load-switches.ts'
import { createSimulatedClock } from './doubles/simulated-clock.ts'
import { createSimulatedDevice } from './doubles/simulated-device.ts'
import { createSimulatedStore } from './doubles/simulated-store.ts'
import { inProcess } from './small-house.ts'

const START_MS = Date.UTC(2024, 5, 3, 12, 0, 37)
const ANSWER_MS = 20

/** The first unit of the house, its worker with all copied, and pages that watch it. */
async function setUp() {
  const clock = createSimulatedClock(START_MS)
  const switches = createLoadSwitches()
  const stop = new AbortController()
  const source = generateHouse({ fromMs: START_MS - HOUR_MS, switches }).get('iwatt5') ?? expect.unreachable()
  const device = createSimulatedDevice({ source, clock, readCostMs: 2, answerCostMs: ANSWER_MS })
  const context = inProcess(device, { clock, store: createSimulatedStore({ clock }) })
  const worker = createDeviceWorker(context, { intervalMs: 5 * MINUTE_MS, backfill: true })
  const sources = [{ name: 'iwatt5', read: context.device.readLive! }]
  const live = createLiveWatch({ sources, intervalMs: 5_000, clock, log: silentLog, signal: stop.signal })
  const started = worker.start(stop.signal)
  await clock.advance(30 * MINUTE_MS)
  expect(worker.health().history.state).toBe('done')
  return {
    clock,
    switches,
    device,
    live,
    async close() {
      stop.abort()
      await started
    },
  }
}

it('a load that is switched on is seen within 6 s, on its circuit and on the mains', async () => {
  const { clock, switches, live, close } = await setUp()
  let newest: LiveReadings | undefined
  live.watch((readings) => (newest = readings))
  const watts = (name: string) => newest?.devices.get('iwatt5')?.watts.get(name) ?? NaN
  await clock.advance(1_000)
  for (const waitMs of [0, 1_100, 2_300, 3_700, 4_999]) {
    await clock.advance(waitMs)
    const before = { dryer: watts('Dryer'), mains: watts('Mains_1') + watts('Mains_2') }
    switches.set('Dryer', 2_400, clock.nowMs())
    await clock.advance(6_000)
    expect(watts('Dryer') - before.dryer).toBeCloseTo(2_400, -2)
    expect(watts('Mains_1') + watts('Mains_2') - before.mains).toBeGreaterThan(2_000)
    switches.set('Dryer', 0, clock.nowMs())
    await clock.advance(6_000)
    expect(watts('Dryer')).toBeLessThan(before.dryer + 100)
  }
  await close()
})

it('five pages cost what one does, and when the last is closed, nothing', async () => {
  const { clock, device, live, close } = await setUp()
  const busyIn = async (durationMs: number) => {
    device.resetCounters()
    await clock.advance(durationMs)
    const { requests, blockedShare, mostAtOnce } = device.counters()
    expect(mostAtOnce).toBeLessThanOrEqual(1)
    return { requests, share: blockedShare }
  }
  const before = await busyIn(20 * MINUTE_MS)
  const pages = Array.from({ length: 5 }, () => live.watch(() => {}))
  const during = await busyIn(20 * MINUTE_MS)
  for (const close of pages) close()
  const after = await busyIn(20 * MINUTE_MS)
  // Once an hour a sync cycle asks for the channels as well: two more.
  expect(during.requests - before.requests).toBeLessThanOrEqual(3 + (20 * MINUTE_MS) / 5_000)
  expect(during.requests - before.requests).toBeGreaterThan(230)
  expect(during.share - before.share).toBeCloseTo(ANSWER_MS / 5_000, 3)
  expect(live.cost('iwatt5')).toMatchObject({ answerMs: ANSWER_MS, share: ANSWER_MS / 5_000 })
  expect(after).toEqual(before)
  await close()
})
