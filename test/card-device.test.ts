import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openCardDevice } from '../src/card/open-card-device.ts'
import { openIotawatt } from '../src/iotawatt/open-iotawatt.ts'
import { UNIT_DECIMALS, UNITS } from '../src/model/channel.ts'
import type { Column, Device, Row, RowRequest } from '../src/model/device.ts'
import { ceilToMinute, floorToMinute, MINUTE_MS } from '../src/model/time-window.ts'
import { systemClock } from '../src/runtime/clock.ts'
import { silentLog } from '../src/runtime/log.ts'
import { cardFixtureFolder, loadCardFixture, RECORDED_AT_MS } from '../src/simulator/fixtures/load-fixtures.ts'
import { type ServedDevice, serveSimulatedDevice } from './doubles/serve-simulated-device.ts'
import { createSimulatedDevice } from './doubles/simulated-device.ts'
import { cardSource } from '../src/simulator/start-simulator.ts'

const { signal } = new AbortController()

describe.each(['iwatt5', 'iwatt6', 'lab'] as const)('the card %s answers what its device would', (name) => {
  const { folder, remove } = cardFixtureFolder(name)
  const deps = { clock: systemClock, log: silentLog, random: () => 0.5 }
  let served: ServedDevice
  let device: Device
  let card: Device
  beforeAll(async () => {
    const source = cardSource(loadCardFixture(name))
    served = await serveSimulatedDevice(createSimulatedDevice({ source, clock: { nowMs: () => RECORDED_AT_MS } }))
    device = openIotawatt({ name, url: served.url, maxDeviceLoad: 1 }, deps)
    card = await openCardDevice({ name, path: folder }, deps)
  })
  afterAll(async () => {
    await card.close()
    await served.close()
    remove()
  })

  it('the same channels, configuration and span', async () => {
    expect(await card.listChannels(signal)).toEqual(await device.listChannels(signal))
    expect(await card.configFingerprint(signal)).toBe(await device.configFingerprint(signal))
    const { name: ownName, firstMs, newestMs } = await device.status(signal)
    expect(await card.status(signal)).toMatchObject({ name: ownName, firstMs, newestMs })
  })

  it.each(['minute', 'hour', 'day', 'window'] as const)(
    'the same rows of every channel in every unit: %s',
    async (step) => {
      const columns = await allColumns(card)
      const { firstMs, newestMs } = await card.status(signal)
      const fromMs = ceilToMinute(firstMs)
      const untilMs = floorToMinute(newestMs)
      for (const window of [
        { fromMs, untilMs },
        { fromMs: fromMs + 17 * MINUTE_MS, untilMs: untilMs - 3 * MINUTE_MS },
      ])
        expect(await readAll(card, { columns, window, step })).toEqual(await readAll(device, { columns, window, step }))
    },
  )
})

async function allColumns(device: Device): Promise<Column[]> {
  const channels = await device.listChannels(signal)
  return channels.flatMap(({ name, kind }) =>
    // The power factor of a formula may be infinite, which the firmware prints as no JSON.
    UNITS.filter((unit) => kind === 'input' || unit !== 'pf').map((unit) => ({
      name,
      unit,
      decimals: UNIT_DECIMALS[unit],
    })),
  )
}

async function readAll(device: Device, request: RowRequest): Promise<Row[]> {
  const rows: Row[] = []
  for (let { fromMs } = request.window; fromMs < request.window.untilMs;) {
    const page = await device.fetchRows({ ...request, window: { ...request.window, fromMs } }, signal)
    rows.push(...page.rows)
    fromMs = page.untilMs
  }
  return rows
}
