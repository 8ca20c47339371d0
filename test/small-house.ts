import { simulatedTransport } from '../src/iotawatt/fixtures/simulated-transport.ts'
import { openIotawatt } from '../src/iotawatt/open-iotawatt.ts'
import { DEFAULT_LABEL_RULES } from '../src/labels/default-rules.ts'
import type { Channel } from '../src/model/channel.ts'
import type { Store } from '../src/model/store.ts'
import { DAY_MS, MINUTE_MS, splitWindow, type TimeWindow } from '../src/model/time-window.ts'
import type { Clock } from '../src/runtime/clock.ts'
import { silentLog } from '../src/runtime/log.ts'
import type { DeviceSource } from '../src/simulator/plain-device.ts'
import { generateHouse, type HouseOptions } from '../src/simulator/generate-house.ts'
import type { SimulatedDevice } from './doubles/simulated-device.ts'
import type { HouseUnit } from '../src/simulator/two-unit-house.ts'
import type { SyncContext, SyncSettings } from '../src/sync/session/session.ts'
import { createSyncMemory } from '../src/sync/session/sync-memory.ts'

export const SMALL_CHANNELS = ['Furnace', 'Fridge', 'Dryer'] as const

/** Three circuits of the house, and one that stays at 0 until it is used. */
export function smallUnit(name: string, { spareSinceMs }: { spareSinceMs?: number } = {}): HouseUnit {
  const circuits = SMALL_CHANNELS.map((load) => ({ name: load, type: 'CT' as const, parts: [{ load, share: 1 }] }))
  const spare = { name: 'Spare', type: 'CT' as const, parts: [{ load: 'Datacenter', share: 1 }] }
  const voltage = { name: 'Voltage', type: 'VT' as const, parts: [{ load: 'Line', share: 1 }] }
  return {
    name,
    channels: [voltage, ...circuits, ...(spareSinceMs === undefined ? [] : [{ ...spare, sinceMs: spareSinceMs }])],
  }
}

/** The logs of one device of a house of its own. */
export function sourceOf(unit: HouseUnit, options: HouseOptions): DeviceSource {
  const source = generateHouse({ ...options, units: [unit] }).get(unit.name)
  if (!source) throw new Error(`the house has no unit ${unit.name}`)
  return source
}

export function channelsNamed(...names: readonly string[]): Channel[] {
  return names.map((name) => ({ name, unit: 'watts', metric: 'power', location: name }))
}

export function settingsFor(deviceName: string, changes: Partial<SyncSettings> = {}): SyncSettings {
  return {
    deviceName,
    source: 'iotawatt',
    metric: 'power',
    rules: DEFAULT_LABEL_RULES,
    lookbackMs: 30 * DAY_MS,
    chunkMs: 7 * DAY_MS,
    allowDuplicates: false,
    ...changes,
  }
}

/** All that copying a device needs, without a network, as a process that has just started. */
export function inProcess(
  device: SimulatedDevice,
  { clock, store, ...changes }: { clock: Clock; store: Store } & Partial<SyncContext>,
): SyncContext {
  const deps = { clock, log: silentLog, random: () => 0.5 }
  const { name } = device
  const transport = simulatedTransport(device, clock)
  return {
    ...deps,
    store,
    memory: createSyncMemory(),
    device: openIotawatt({ name, url: 'http://192.0.2.7' }, { ...deps, transport }),
    settings: settingsFor(name),
    ...changes,
  }
}

/** What a device says of closed minutes, asked without the code under test: `name → minute → watts`, nulls left out. */
export function minutesOf(
  device: SimulatedDevice,
  names: readonly string[],
  window: TimeWindow,
): Map<string, Map<number, number>> {
  const minutes = new Map(names.map((name) => [name, new Map<number, number>()]))
  const select = `[time.utc.unix,${names.map((name) => `${encodeURIComponent(name)}.watts.d2`).join(',')}]`
  for (const { fromMs, untilMs } of splitWindow(window, 1000 * MINUTE_MS)) {
    const range = `begin=${fromMs / 1000}&end=${untilMs / 1000}&group=1m`
    const url = `/query?select=${select}&${range}&header=yes&missing=skip&limit=none`
    const { data }: { data: number[][] } = JSON.parse(device.answer({ method: 'GET', url }).body)
    for (const [atS = NaN, ...watts] of data)
      names.forEach((name, index) => minutes.get(name)?.set(atS * 1000, (watts[index] ?? NaN) + 0))
  }
  return minutes
}
