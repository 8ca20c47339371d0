import { DAY_MS } from '../src/model/time-window.ts'
import { generateHouse } from '../src/simulator/generate-house.ts'
import { TWO_UNITS } from '../src/simulator/two-unit-house.ts'
import { serveSimulatedDevice } from '../test/doubles/serve-simulated-device.ts'
import { createSimulatedDevice } from '../test/doubles/simulated-device.ts'
import { startRealStore } from '../test/real-store.ts'
import { collect, timeRun } from './measure.ts'
import type { Bench } from './rows.ts'

const DAYS = 365
const UNTIL_MS = Date.UTC(2024, 5, 1)

/** `verify` of a store that is complete, of a device that answers at once. */
export const verify: Bench = async function* ({ rounds, days = DAYS }) {
  const [unit] = TWO_UNITS
  if (!unit) return
  const { name } = unit
  const source = generateHouse({ fromMs: UNTIL_MS - days * DAY_MS, untilMs: UNTIL_MS, units: [unit] }).get(name)
  if (!source) throw new Error(`the house has no unit ${name}`)
  const device = createSimulatedDevice({ source, clock: { nowMs: () => UNTIL_MS + 3_000 } })
  const served = await serveSimulatedDevice(device)
  const server = await startRealStore()
  const config = { store: { url: server.url }, maxDeviceLoad: '100%', devices: [{ name, url: served.url }] }
  const results = []
  try {
    await timeRun(config, ['load', '--yes', '--json'])
    for (let round = 0; round < rounds; round++) {
      device.resetCounters()
      const { wallS, cpuS, peakMb } = await timeRun(config, ['verify', '--json'])
      const { requests } = device.counters()
      results.push({ wallS, 'our CPU s': cpuS, 'peak MB': peakMb, 'requests to the device': requests })
    }
  } finally {
    await served.close()
    await server.stop()
  }
  const { wallS = [], ...raw } = collect(results)
  yield { title: `verify of ${days} days × 14 channels`, unit: 's', values: wallS, raw }
}
