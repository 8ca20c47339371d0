import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createSimulatedClock } from '../../../test/doubles/simulated-clock.ts'
import { type FakeServer, startFakeServer, status } from '../../../test/doubles/fake-server.ts'
import { houseOf, memoryStore, seriesOf } from '../../../test/stored-house.ts'
import { HOUR_MS, MINUTE_MS } from '../../model/time-window.ts'
import { openDaemonAlerts } from './open-daemon-alerts.ts'

const UNTIL_MS = Date.parse('2026-03-27T12:00Z')
const STORED = { fromMs: UNTIL_MS - 8 * HOUR_MS, untilMs: UNTIL_MS }
const NAMES = ['Mains_1', 'Dryer', 'Furnace', 'OfficeHeat']

let folder: string
let server: FakeServer
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alerts-'))
  server = await startFakeServer(status(200))
})
afterEach(async () => {
  await server.stop()
  await rm(folder, { recursive: true })
})

it('what is told comes from what is stored: a circuit, a group of two, a device that is late', async () => {
  const memory = memoryStore()
  const watts: Readonly<Record<string, number>> = { Mains_1: 900, Dryer: 0, Furnace: 600, OfficeHeat: 500 }
  for (const name of NAMES) memory.put(seriesOf(name), STORED, watts[name] ?? 0)
  const { history, flush } = houseOf({
    store: memory.store,
    series: NAMES.map((name) => seriesOf(name)),
    expected: STORED,
    nowMs: UNTIL_MS,
  })
  const end = await flush()
  const lines: string[] = []
  const log = (line: string) => void lines.push(line)
  const clock = createSimulatedClock(UNTIL_MS + 20 * MINUTE_MS)
  const stop = new AbortController()
  const alerts = await openDaemonAlerts(
    {
      stateDir: folder,
      lookbackMs: HOUR_MS,
      devices: [{ type: 'iotawatt', name: 'iwatt5', url: 'http://a' }],
      alerts: {
        receivers: [{ type: 'webhook', url: server.url }],
        noDataMs: 15 * MINUTE_MS,
        gapsMs: 0,
        storeFailingMs: 0,
        circuits: [
          { circuit: 'Dryer', side: 'below', watts: 5, forMs: 2 * HOUR_MS },
          { circuit: 'Heating', side: 'above', watts: 1000, forMs: HOUR_MS },
          { circuit: 'Furnace', side: 'above', watts: 1000, forMs: HOUR_MS },
          { circuit: 'Fridge', side: 'above', watts: 1, forMs: HOUR_MS },
        ],
      },
    },
    { view: history, health: () => ({ name: 'store', state: 'ok' }), onChange: () => {} },
    {
      clock: {
        nowMs: clock.nowMs,
        sleep(durationMs, signal) {
          if (clock.nowMs() < UNTIL_MS + HOUR_MS) void clock.advance(durationMs)
          else stop.abort(new Error('over'))
          return clock.sleep(durationMs, signal)
        },
      },
      log: { debug: log, info: log, warn: log, error: log },
    },
  )
  await alerts?.run(stop.signal)
  await end()
  expect(alerts?.open().map(({ text }) => text)).toEqual([
    'Dryer: below 5 W since 03:00',
    'Heating: above 1000 W since 05:00',
    'iwatt5: no data since 08:00',
  ])
  expect(lines.filter((line) => line.includes('no circuit and no group Fridge')).length).toBe(1)
})
