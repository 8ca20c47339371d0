import { DAY_MS, MINUTE_MS } from '../src/model/time-window.ts'
import { generateHouse } from '../src/simulator/generate-house.ts'
import { TWO_UNITS } from '../src/simulator/two-unit-house.ts'
import { serveSimulatedDevice } from '../test/doubles/serve-simulated-device.ts'
import { createSimulatedDevice } from '../test/doubles/simulated-device.ts'
import { startRealStore } from '../test/real-store.ts'
import { collect, timeCurl, timeRun } from './measure.ts'
import type { Bench } from './rows.ts'

const DAYS = 60
const UNTIL_MS = Date.UTC(2024, 5, 1)
/** A device takes several times as long. */
const READ_COST_MS = 0.25

/** A load over HTTP, start and end included, beside curl that asks the same device the same questions. */
export const load: Bench = async function* ({ rounds, days = DAYS }) {
  const [unit] = TWO_UNITS
  if (!unit) return
  const { name } = unit
  const source = generateHouse({ fromMs: UNTIL_MS - days * DAY_MS, untilMs: UNTIL_MS, units: [unit] }).get(name)
  if (!source) throw new Error(`the house has no unit ${name}`)
  const clock = { nowMs: () => UNTIL_MS + 3_000 }
  const device = createSimulatedDevice({ source, clock, readCostMs: READ_COST_MS })
  let asked: string[] = []
  const noting: typeof device = {
    ...device,
    answer(request) {
      asked.push(request.url)
      return device.answer(request)
    },
  }
  const served = await serveSimulatedDevice(noting)
  const minutes = (days * DAY_MS) / MINUTE_MS
  const results = []
  try {
    for (let round = 0; round < rounds; round++) {
      const server = await startRealStore()
      asked = []
      device.resetCounters()
      const config = { store: { url: server.url }, maxDeviceLoad: '100%', devices: [{ name, url: served.url }] }
      const run = await timeRun(config, ['load', '--yes', '--json'])
      await server.stop()
      const reads = device.counters().recordReads
      const pages = asked
        .filter((url) => url.startsWith('/query'))
        .flatMap((url) => ['-o', '/dev/null', served.url + url])
      results.push({ run, reads, pages: pages.length / 3, curlS: await timeCurl(['--globoff', ...pages]) })
    }
  } finally {
    await served.close()
  }
  yield {
    title: `load of ${days} days × 14 channels over HTTP`,
    unit: '× curl of the same pages',
    atMost: 1.05,
    values: results.map(({ run, curlS }) => run.wallS / curlS),
    raw: collect(
      results.map(({ run, curlS, pages }) => ({
        'curl s': curlS,
        'load s': run.wallS,
        pages,
        'our CPU s': run.cpuS,
        'peak MB': run.peakMb,
      })),
    ),
  }
  yield {
    title: 'records that a load makes the device read',
    unit: 'per minute loaded',
    values: results.map(({ reads }) => reads / minutes),
    raw: collect(results.map(({ reads }) => ({ reads, minutes }))),
  }
}
