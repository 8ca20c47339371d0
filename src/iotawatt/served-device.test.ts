import { afterEach, expect, it } from 'vitest'
import { systemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import type { DeviceFault } from '../../test/doubles/device-fault.ts'
import { loadCardFixture, RECORDED_AT_MS } from '../simulator/fixtures/load-fixtures.ts'
import { type ServedDevice, serveSimulatedDevice } from '../../test/doubles/serve-simulated-device.ts'
import { createSimulatedDevice } from '../../test/doubles/simulated-device.ts'
import { cardSource } from '../simulator/start-simulator.ts'
import { lastMinutes, never } from './fixtures/simulated-iotawatt.ts'
import { openIotawatt } from './open-iotawatt.ts'

const request = lastMinutes(100)

let served: ServedDevice | undefined

afterEach(async () => {
  await served?.close()
  served = undefined
})

/** A connection that the client leaves open keeps the device until the test is ended. */
const FOR_EVER_MS = 3_600_000

/** A client and a device with a network between them. */
async function connect(timeoutMs = 60_000) {
  const passwords = { admin: 'secret', user: 'reader' }
  const clock = { nowMs: () => RECORDED_AT_MS }
  const device = createSimulatedDevice({ source: cardSource(loadCardFixture('iwatt5')), clock, passwords })
  served = await serveSimulatedDevice(device, { closeWaitMs: FOR_EVER_MS })
  const auth = { username: 'user', password: 'reader' }
  const deps = { clock: systemClock, log: silentLog, random: () => 0 }
  const iotawatt = openIotawatt({ name: 'iwatt5', url: served.url, auth, maxDeviceLoad: 1, timeoutMs }, deps)
  return { iotawatt, device }
}

it('reads a device over the network, one connection after the other, each closed at once', async () => {
  const { iotawatt, device } = await connect()
  await iotawatt.status(never)
  expect((await iotawatt.listChannels(never)).length).toBe(17)
  const batches = await Promise.all([iotawatt.fetchRows(request, never), iotawatt.fetchRows(request, never)])
  expect(batches.map(({ rows }) => rows.length)).toEqual([100, 100])
  expect(device.counters().mostAtOnce).toBe(1)
})

it.each<DeviceFault>([
  { kind: 'reset-before' },
  { kind: 'reset-during', sentBytes: 500 },
  { kind: 'reset-after' },
  { kind: 'cut', sentBytes: 500 },
  { kind: 'shortened', sentBytes: 500 },
  { kind: 'garbage' },
  { kind: 'status', status: 500 },
])('reads the same after $kind', async (fault) => {
  const { iotawatt, device } = await connect()
  const complete = await iotawatt.fetchRows(request, never)
  let count = 0
  device.setFaults(({ url }) => (url.startsWith('/query') && count++ === 0 ? fault : undefined))
  expect(await iotawatt.fetchRows(request, never)).toEqual(complete)
  expect(count).toBe(2)
})

it('never asks beside a question that it gave up', async () => {
  const { iotawatt, device } = await connect(2_000)
  await iotawatt.status(never)
  let count = 0
  device.setFaults(() => (count++ === 0 ? { kind: 'delay', delayMs: 3_500 } : undefined))
  await iotawatt.status(never)
  expect(count).toBe(2)
})
