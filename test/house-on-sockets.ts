import { type IotawattOptions, openIotawatt } from '../src/iotawatt/open-iotawatt.ts'
import { floorToMinute, type TimeWindow } from '../src/model/time-window.ts'
import { type Clock, systemClock } from '../src/runtime/clock.ts'
import { silentLog } from '../src/runtime/log.ts'
import { serveSimulatedDevice } from './doubles/serve-simulated-device.ts'
import { createSimulatedDevice, type SimulatedDevice, type SimulatedDeviceOptions } from './doubles/simulated-device.ts'
import type { HouseUnit } from '../src/simulator/two-unit-house.ts'
import { openVictoriaMetrics } from '../src/store/victoriametrics/open-victoriametrics.ts'
import type { VictoriaMetricsOptions } from '../src/store/victoriametrics/connection.ts'
import type { SyncContext, SyncSettings } from '../src/sync/session/session.ts'
import { createSyncMemory } from '../src/sync/session/sync-memory.ts'
import { exportAll } from './real-store.ts'
import { minutesOf, settingsFor, sourceOf } from './small-house.ts'
import { startStoreProxy, type StoreProxy } from './store-proxy.ts'

export interface HouseClock extends Clock {
  move(durationMs: number): void
}

/** The longest wait that a real store needs to show everything. */
const REAL_WAIT_MS = 2_500

/** The time of a made-up house: a short wait is real, as the store is; a long one only moves the time. */
export function houseClock(startMs: number): HouseClock {
  let timeMs = startMs
  const move = (durationMs: number) => {
    timeMs += durationMs
  }
  return {
    nowMs: () => timeMs,
    move,
    async sleep(durationMs, signal) {
      signal.throwIfAborted()
      if (durationMs <= REAL_WAIT_MS) await systemClock.sleep(durationMs, signal)
      else move(durationMs)
    },
  }
}

export interface HouseOnSockets {
  readonly clock: HouseClock
  readonly device: SimulatedDevice
  readonly deviceUrl: string
  readonly proxy: StoreProxy
  /** A process that has just started. */
  start(changes?: StartOptions): SyncContext
  /** `location → samples`, oldest first, duplicates included, as the store exports them. */
  stored(): Promise<Map<string, readonly (readonly [number, number])[]>>
  /** What the device itself says of all its closed minutes: the same shape, up to now or `untilMs`. */
  measured(names: readonly string[], window?: Partial<TimeWindow>): Map<string, readonly (readonly [number, number])[]>
  close(): Promise<void>
}

export interface StartOptions {
  readonly store?: VictoriaMetricsOptions
  readonly device?: Partial<IotawattOptions>
  readonly settings?: Partial<SyncSettings>
  readonly context?: Partial<SyncContext>
}

export interface HouseOnSocketsOptions extends Partial<Omit<SimulatedDeviceOptions, 'source' | 'clock'>> {
  readonly unit: HouseUnit
  readonly fromMs: number
  readonly nowMs: number
  readonly outages?: readonly TimeWindow[]
  readonly storeUrl: string
}

/** A device of a made-up house and a way to a real store, each on a socket. */
export async function serveHouse(options: HouseOnSocketsOptions): Promise<HouseOnSockets> {
  const { unit, fromMs, outages = [], storeUrl } = options
  const { name } = unit
  const clock = houseClock(options.nowMs)
  const source = sourceOf(unit, { fromMs, outages: { [name]: outages } })
  const device = createSimulatedDevice({ ...options, source, clock })
  const served = await serveSimulatedDevice(device)
  const proxy = await startStoreProxy(storeUrl)
  const opened: SyncContext['store'][] = []
  /** The pauses between two tries are nothing to wait for. */
  const hurry: Clock['sleep'] = async (durationMs, signal) => {
    signal.throwIfAborted()
    clock.move(durationMs)
  }
  return {
    clock,
    device,
    deviceUrl: served.url,
    proxy,
    start(changes = {}) {
      const deps = { clock, log: silentLog, random: () => 0 }
      const hurried = { ...deps, clock: { ...clock, sleep: hurry } }
      const store = openVictoriaMetrics({ url: proxy.url, ...changes.store }, hurried)
      opened.push(store)
      return {
        ...deps,
        store,
        memory: createSyncMemory(),
        device: openIotawatt({ name, url: served.url, maxDeviceLoad: 1, ...changes.device }, hurried),
        settings: settingsFor(name, changes.settings),
        ...changes.context,
      }
    },
    async stored() {
      const all = [...(await exportAll(storeUrl, name)).values()].filter(
        ({ labels }) => !labels['__name__']?.startsWith('iotawatt_sync_'),
      )
      return new Map(all.map(({ labels, samples }) => [labels['location'] ?? '', samples]))
    },
    measured(names, window = {}) {
      const complete = { fromMs, untilMs: floorToMinute(clock.nowMs()), ...window }
      return new Map([...minutesOf(device, names, complete)].map(([channel, minutes]) => [channel, [...minutes]]))
    },
    async close() {
      for (const store of opened) await store.close()
      await proxy.close()
      await served.close()
    },
  }
}
