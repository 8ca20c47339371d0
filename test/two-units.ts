import { openIotawatt } from '../src/iotawatt/open-iotawatt.ts'
import type { Store } from '../src/model/store.ts'
import { systemClock } from '../src/runtime/clock.ts'
import { silentLog } from '../src/runtime/log.ts'
import { loadCardFixture, loadRecordings, RECORDED_AT_MS } from '../src/simulator/fixtures/load-fixtures.ts'
import { type ServedDevice, serveSimulatedDevice } from './doubles/serve-simulated-device.ts'
import { createSimulatedDevice } from './doubles/simulated-device.ts'
import { cardSource } from '../src/simulator/start-simulator.ts'
import { type LoadOptions, type LoadReport, loadWork } from '../src/sync/load/load-device.ts'
import { createDirectQueue } from '../src/sync/session/device-work.ts'
import type { SyncContext } from '../src/sync/session/session.ts'
import { createSyncMemory } from '../src/sync/session/sync-memory.ts'
import { openReal } from './real-store.ts'
import { settingsFor } from './small-house.ts'

export const UNITS = ['iwatt5', 'iwatt6'] as const
export type Unit = (typeof UNITS)[number]

/** The recorded card of a unit, behind the simulator on a socket. */
export async function serveCard(unit: Unit, readCostMs = 0): Promise<ServedDevice> {
  const device = createSimulatedDevice({
    source: cardSource(loadCardFixture(unit)),
    clock: { nowMs: () => RECORDED_AT_MS },
    readCostMs,
  })
  return serveSimulatedDevice(device)
}

export function contextFor(unit: string, url: string, store: Store, changes: Partial<SyncContext> = {}): SyncContext {
  const deps = { clock: systemClock, log: silentLog, random: Math.random }
  return {
    ...deps,
    store,
    memory: createSyncMemory(),
    device: openIotawatt({ name: unit, url, maxDeviceLoad: 1 }, deps),
    settings: settingsFor(unit),
    ...changes,
  }
}

export function loadAll(context: SyncContext, options: Partial<LoadOptions> = {}): Promise<LoadReport> {
  const { signal } = new AbortController()
  return createDirectQueue(context).run((c) => loadWork(c, { signal, refuseBeyondRetention: true, ...options }), signal)
}

/** Both cards, as the program copies them into a VictoriaMetrics. */
export async function loadCards(storeUrl: string): Promise<void> {
  for (const unit of UNITS) {
    const served = await serveCard(unit)
    const store = openReal(storeUrl)
    await loadAll(contextFor(unit, served.url, store))
    await store.close()
    await served.close()
  }
}

/** What the real firmware answered: `location → minute → watts`, nulls left out. */
export function recordedMinutes(unit: Unit): Map<string, Map<number, number>> {
  const series = new Map<string, Map<number, number>>()
  const isPage = (path: string) => path.includes('group=1m&format=json&header=yes&missing=null&limit=1000')
  for (const { body } of loadRecordings(unit).filter((recording) => isPage(recording.path))) {
    const { labels, data }: { labels: string[]; data: (number | null)[][] } = JSON.parse(body)
    labels.slice(1).forEach((name, index) => {
      const minutes = series.get(name) ?? new Map<number, number>()
      for (const row of data) {
        const value = row[index + 1]
        if (value !== null && value !== undefined) minutes.set((row[0] ?? 0) * 1000, value)
      }
      series.set(name, minutes)
    })
  }
  return series
}
