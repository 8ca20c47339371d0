import { DAY_MS } from '../src/model/time-window.ts'
import { generateHouse } from '../src/simulator/generate-house.ts'
import { TWO_UNITS } from '../src/simulator/two-unit-house.ts'
import { serveSimulatedDevice } from '../test/doubles/serve-simulated-device.ts'
import { createSimulatedDevice } from '../test/doubles/simulated-device.ts'
import { startRealStore } from '../test/real-store.ts'
import { collect, timeRun } from './measure.ts'
import type { Bench } from './rows.ts'

const UNTIL_MS = Date.UTC(2024, 5, 1)
const CASES = [
  { days: 30, channelCount: 14 },
  { days: 365, channelCount: 14 },
  { days: 30, channelCount: 4 },
]

/** The most memory that a load over HTTP holds, by history and by channels. */
export const memory: Bench = async function* ({ rounds }) {
  const [unit] = TWO_UNITS
  if (!unit) return
  const { name } = unit
  for (const { days, channelCount } of CASES) {
    const source = generateHouse({ fromMs: UNTIL_MS - days * DAY_MS, untilMs: UNTIL_MS, units: [unit] }).get(name)
    if (!source) throw new Error(`the house has no unit ${name}`)
    const served = await serveSimulatedDevice(
      createSimulatedDevice({ source, clock: { nowMs: () => UNTIL_MS + 3_000 } }),
    )
    const channels = unit.channels
      .filter(({ type }) => type === 'CT')
      .slice(0, channelCount)
      .map((channel) => channel.name)
    const results = []
    for (let round = 0; round < rounds; round++) {
      const server = await startRealStore()
      const config = {
        store: { url: server.url },
        maxDeviceLoad: '100%',
        devices: [{ name, url: served.url, channels }],
      }
      const { peakMb, cpuS } = await timeRun(config, ['load', '--yes', '--json'])
      results.push({ peakMb, 'our CPU s': cpuS })
      await server.stop()
    }
    await served.close()
    const { peakMb = [], ...raw } = collect(results)
    yield { title: `memory of a load of ${days} days × ${channelCount} channels`, unit: 'MB', values: peakMb, raw }
  }
}
