import { expect, test } from 'vitest'
import { devicesOfShard } from '../src/config/shard.ts'
import { createDeviceWorker } from '../src/daemon/device-worker.ts'
import { floorToMinute, HOUR_MS, MINUTE_MS } from '../src/model/time-window.ts'
import { claimDevices, isClaim } from '../src/sync/session/claim-device.ts'
import { createSimulatedClock } from './doubles/simulated-clock.ts'
import { createSimulatedDevice } from './doubles/simulated-device.ts'
import { createSimulatedStore } from './doubles/simulated-store.ts'
import { inProcess, minutesOf, SMALL_CHANNELS, smallUnit, sourceOf } from './small-house.ts'

const START_MS = Date.UTC(2026, 2, 27, 12, 0, 37)
const FROM_MS = START_MS - 37_000 - HOUR_MS
const INTERVAL_MS = 5 * MINUTE_MS
const NAMES = Array.from({ length: 9 }, (_, place) => `house ${place}`)

/** Devices and one store, and shards with state folders of their own. */
function setUp() {
  const clock = createSimulatedClock(START_MS)
  const store = createSimulatedStore({ clock })
  const devices = NAMES.map((name, seed) =>
    createSimulatedDevice({ source: sourceOf(smallUnit(name), { fromMs: FROM_MS, seed }), clock }),
  )
  const never = new AbortController().signal

  function start(index: number, count: number, replica = 'a') {
    const id = `${index}/${count} ${replica}`
    const writer = { id, host: id, process: index, stateDir: `/data/${id}` }
    const claimOf = claimDevices({ intervalMs: INTERVAL_MS, store, clock, writer: () => Promise.resolve(writer) })
    const stop = new AbortController()
    const running = devicesOfShard(devices, { index, count }).map((device) => {
      const context = { ...inProcess(device, { clock, store }), claim: claimOf(device.name) }
      const worker = createDeviceWorker(context, { intervalMs: INTERVAL_MS, backfill: true })
      return { worker, context, ended: worker.start(stop.signal) }
    })
    /** As by force: its claims stay. */
    async function kill() {
      stop.abort()
      await clock.runUntilDone(Promise.all(running.map(({ ended }) => ended)))
    }
    return {
      kill,
      async stop() {
        await kill()
        await clock.runUntilDone(Promise.all(running.map(({ context }) => context.claim.release(never))))
      },
      copied: () => running.flatMap(({ worker }) => (worker.health().state === 'ok' ? [worker.name] : [])),
    }
  }

  return {
    clock,
    start,
    expectEachOnce() {
      const window = { fromMs: FROM_MS, untilMs: floorToMinute(clock.nowMs() - 2 * INTERVAL_MS) }
      const written = store.allSeries().filter((labels) => !isClaim(labels))
      for (const device of devices)
        for (const [channel, minutes] of minutesOf(device, SMALL_CHANNELS, window)) {
          const series = written.filter((labels) => labels['device'] === device.name && labels['location'] === channel)
          const stored = series.flatMap((labels) => store.samplesOf(labels)).filter(({ atMs }) => atMs < window.untilMs)
          expect(stored.map(({ atMs, value }) => [atMs, value])).toEqual([...minutes])
        }
    },
  }
}

/** Which devices are copied, each as often as it is. */
const copiedBy = (shards: readonly { copied(): string[] }[]) => shards.flatMap((shard) => shard.copied()).toSorted()

test('three shards copy each device once; one is killed and a fourth added, and nothing is lost or stored twice', async () => {
  const { clock, start, expectEachOnce } = setUp()
  const three = [1, 2, 3].map((index) => start(index, 3))
  await clock.advance(20 * MINUTE_MS)
  expect(copiedBy(three)).toEqual(NAMES)
  expectEachOnce()

  await three[1]?.kill()
  // The others go on meanwhile, and are restarted one after the other, as a rollout does.
  await clock.advance(10 * MINUTE_MS)
  const four = [start(4, 4), start(2, 4)]
  await clock.advance(10 * MINUTE_MS)
  for (const index of [3, 1]) {
    await three[index - 1]?.stop()
    four.push(start(index, 4))
    await clock.advance(10 * MINUTE_MS)
  }
  await clock.advance(20 * MINUTE_MS)
  expect(copiedBy(four)).toEqual(NAMES)
  expectEachOnce()
  for (const shard of four) await shard.stop()
})

test('of two replicas of one shard, each device is copied by one, and the other takes over when that one is killed', async () => {
  const { clock, start, expectEachOnce } = setUp()
  const replicas = ['a', 'b'].map((replica) => start(1, 1, replica))
  await clock.advance(30 * MINUTE_MS)
  expect(copiedBy(replicas)).toEqual(NAMES)
  expectEachOnce()
  const [first, second] = replicas
  await first?.kill()
  await clock.advance(40 * MINUTE_MS)
  expect(second?.copied().toSorted()).toEqual(NAMES)
  expectEachOnce()
  await second?.stop()
})
