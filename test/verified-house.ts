import { DEFAULT_LABEL_RULES } from '../src/labels/default-rules.ts'
import { labelsFor } from '../src/labels/labels-for.ts'
import type { SeriesSamples } from '../src/model/series.ts'
import { DAY_MS, floorToMinute, type TimeWindow } from '../src/model/time-window.ts'
import { createSimulatedClock } from './doubles/simulated-clock.ts'
import { createSimulatedDevice } from './doubles/simulated-device.ts'
import { createSimulatedStore } from './doubles/simulated-store.ts'
import type { SimulatedStoreSettings } from './doubles/store-settings.ts'
import { createDirectQueue } from '../src/sync/session/device-work.ts'
import type { SyncContext } from '../src/sync/session/session.ts'
import { createSyncMemory } from '../src/sync/session/sync-memory.ts'
import { type VerifyOptions, verifyWork } from '../src/sync/verify/verify-device.ts'
import { channelsNamed, inProcess, minutesOf, settingsFor, SMALL_CHANNELS, smallUnit, sourceOf } from './small-house.ts'

export const NOW_MS = Date.UTC(2024, 5, 1, 12, 0, 35)
export const UNTIL_MS = floorToMinute(NOW_MS)

/** What a device has, or a store is given: location → minute → watts. */
export type Minutes = ReadonlyMap<string, ReadonlyMap<number, number>>

const { signal } = new AbortController()

/** A device that has been logging for some days, and stores that have some of it. */
export function verifiedHouse({ days, outages = [] }: { days: number; outages?: readonly TimeWindow[] }) {
  const fromMs = Date.UTC(2024, 5, 1) - days * DAY_MS
  const source = () => sourceOf(smallUnit('garage'), { fromMs, outages: { garage: outages } })
  const complete = { fromMs, untilMs: UNTIL_MS }
  const clock = { nowMs: () => NOW_MS }
  const measured: Minutes = minutesOf(createSimulatedDevice({ source: source(), clock }), SMALL_CHANNELS, complete)
  return { fromMs, measured, setUp: (options: SetUpOptions) => setUp(createSimulatedDevice, source, options) }
}

interface SetUpOptions {
  readonly stored: Minutes
  readonly more?: readonly SeriesSamples[]
  readonly settings?: Partial<SimulatedStoreSettings>
  readonly context?: Partial<SyncContext>
}

function setUp(
  create: typeof createSimulatedDevice,
  source: () => Parameters<typeof createSimulatedDevice>[0]['source'],
  { stored, more = [], settings: storeSettings, context: changes }: SetUpOptions,
) {
  const clock = createSimulatedClock(NOW_MS)
  const device = create({ source: source(), clock })
  const store = createSimulatedStore({ clock, ...storeSettings })
  store.insert([...[...stored].map(([name, minutes]) => seriesOf(name, [...minutes])), ...more])
  const settings = settingsFor('garage', { channels: channelsNamed(...SMALL_CHANNELS) })
  const context = inProcess(device, { clock, store, settings, ...changes })
  return {
    clock,
    device,
    store,
    context,
    /** As a process that has just started. */
    verify: (options: Partial<VerifyOptions> = {}) =>
      clock.runUntilDone(
        createDirectQueue({ ...context, memory: createSyncMemory() }).run(
          (c) => verifyWork(c, { signal, repair: false, ...options }),
          signal,
        ),
      ),
    samplesOf: (name: string) => store.samplesOf(labelsOf(name)).map(({ atMs, value }) => [atMs, value] as const),
  }
}

export function labelsOf(location: string) {
  return labelsFor({ metric: 'power', location }, { device: 'garage', rules: DEFAULT_LABEL_RULES })
}

export function seriesOf(name: string, samples: readonly (readonly [number, number])[]): SeriesSamples {
  return { labels: labelsOf(name), timestampsMs: samples.map(([atMs]) => atMs), values: samples.map(([, w]) => w) }
}

/** The same minutes with other values. */
export function changed(minutes: Minutes, change: (watts: number, atMs: number, name: string) => number): Minutes {
  return new Map(
    [...minutes].map(([name, values]) => [
      name,
      new Map([...values].map(([atMs, watts]) => [atMs, change(watts, atMs, name)])),
    ]),
  )
}

export const isWithin = (atMs: number, { fromMs, untilMs }: TimeWindow) => atMs >= fromMs && atMs < untilMs
