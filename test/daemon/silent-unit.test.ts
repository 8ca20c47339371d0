import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { DAY_MS, HOUR_MS } from '../../src/model/time-window.ts'
import { smallUnit } from '../small-house.ts'
import { openHouseDaemon, type HouseDaemon } from './house-daemon.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const START_MS = Date.UTC(2026, 2, 12, 10)
const YESTERDAY = '/api/v1/energy?span=day&date=2026-03-11'

/** A trunk of two circuits, one of them behind the other unit. */
const trunk = {
  name: 'Mains_1',
  type: 'CT' as const,
  parts: [
    { load: 'Furnace', share: 1 },
    { load: 'Fridge', share: 1 },
    { load: 'Dryer', share: 1 },
  ],
}
const [cellar, attic] = ['cellar', 'attic'].map((name) => smallUnit(name))

let daemon: HouseDaemon
beforeAll(async () => {
  daemon = await openHouseDaemon({
    startMs: START_MS,
    historyMs: 2 * DAY_MS + 10 * HOUR_MS,
    units: [{ name: 'cellar', channels: [...(cellar?.channels.slice(0, 1) ?? []), trunk] }, attic!],
    config: { house: { timezone: 'UTC' } },
  })
})
afterAll(() => daemon.close())

const energy = async () => (await daemon.get(YESTERDAY)).body
const historyStates = async () => {
  const { devices } = (await daemon.get('/api/v1/status')).body as { devices: { history: { state: string } }[] }
  return devices.map(({ history }) => history.state)
}

it.each([[0], [1]])('yesterday is the same when the daemon starts while device %i is off', async (index) => {
  daemon.start()
  await daemon.until(async () => (await historyStates()).every((state) => state === 'done'))
  await daemon.until(async () => JSON.stringify(await energy()).includes('"isWhole":true'))
  const complete = await energy()
  expect(complete).toMatchObject({ sums: { isWhole: true } })
  await daemon.stop()
  const off = daemon.devices[index]!
  await off.setPower('off')
  daemon.start()
  await daemon.until(async () => (await daemon.get('/healthz')).status === 200)
  expect(await energy()).toEqual(complete)
  await daemon.stop()
  await off.setPower('on')
})
