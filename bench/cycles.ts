import { DAY_MS, MINUTE_MS } from '../src/model/time-window.ts'
import { TWO_UNITS } from '../src/simulator/two-unit-house.ts'
import { syncDevice } from '../src/sync/tail/sync-device.ts'
import { serveHouse } from '../test/house-on-sockets.ts'
import { startRealStore } from '../test/real-store.ts'
import { collect } from './measure.ts'
import type { Bench, Row } from './rows.ts'

const FROM_MS = Date.UTC(2024, 4, 20)
const NOW_MS = FROM_MS + 12 * DAY_MS
const STEADY = 5
const INTERVAL_MS = 5 * MINUTE_MS

const ASKED = { signal: new AbortController().signal, countMissing: false, durable: false }

/** What one device's cycles ask and take: the first of a process that continues, and those that follow. */
export const cycles: Bench = async function* ({ rounds }) {
  const [unit] = TWO_UNITS
  if (!unit) return
  const first: Figures[] = []
  const steady: Figures[] = []
  const server = await startRealStore()
  const house = await serveHouse({ unit, fromMs: FROM_MS, nowMs: NOW_MS, storeUrl: server.url })
  try {
    await syncDevice(house.start(), ASKED)
    for (let round = 0; round < rounds; round++) {
      const context = house.start()
      const cycle = async (): Promise<Figures> => {
        house.clock.move(INTERVAL_MS)
        house.device.resetCounters()
        house.proxy.asked.length = 0
        const before = process.cpuUsage()
        const startedMs = performance.now()
        await syncDevice(context, ASKED)
        const { user, system } = process.cpuUsage(before)
        return {
          'requests to the device': house.device.counters().requests,
          'requests to the store': house.proxy.asked.length,
          'CPU ms, device and proxy included': (user + system) / 1000,
          'wall ms': performance.now() - startedMs,
        }
      }
      first.push(await cycle())
      for (let time = 0; time < STEADY; time++) steady.push(await cycle())
    }
  } finally {
    await house.close()
    await server.stop()
  }
  yield* rowsOf('first cycle of a process', first)
  yield* rowsOf('steady cycle', steady)
}

type Figures = Readonly<Record<string, number>>

function* rowsOf(title: string, measured: readonly Figures[]): Generator<Row> {
  const raw = collect(measured)
  for (const unit of ['requests to the device', 'requests to the store', 'CPU ms, device and proxy included'])
    yield { title: `${title} of one device`, unit, values: raw[unit] ?? [], raw: { 'wall ms': raw['wall ms'] ?? [] } }
}
