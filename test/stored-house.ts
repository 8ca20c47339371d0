import type { DeviceFacts } from '../src/house/house-base.ts'
import { createKnownChannels } from '../src/house/known-channels.ts'
import { openHouse } from '../src/house/open-house.ts'
import type { MoneySettings } from '../src/house/show-bills.ts'
import { DEFAULT_LABEL_RULES } from '../src/labels/default-rules.ts'
import { labelsFor } from '../src/labels/labels-for.ts'
import type { HouseSettings } from '../src/model/house-views.ts'
import { type Labels, seriesKey } from '../src/model/series.ts'
import type { SeriesQuery, Store } from '../src/model/store.ts'
import { DAY_MS, MINUTE_MS, type TimeWindow } from '../src/model/time-window.ts'
import { silentLog } from '../src/runtime/log.ts'

/** Where the first sample is that is not before a time; they are in its order. */
function indexAt(samples: readonly (readonly [atMs: number, value: number])[], timeMs: number): number {
  let [from, until] = [0, samples.length]
  while (from < until) {
    const middle = (from + until) >>> 1
    if ((samples[middle]?.[0] ?? Infinity) < timeMs) from = middle + 1
    else until = middle
  }
  return from
}

/** A store of samples in memory, to read from; `write` is the test's own. */
export function memoryStore() {
  const samples = new Map<string, [number, number][]>()
  let reads = 0
  const within = (labels: Labels, { fromMs, untilMs }: TimeWindow) => {
    const all = samples.get(seriesKey(labels)) ?? []
    return all.slice(indexAt(all, fromMs), indexAt(all, untilMs))
  }
  const store = {
    name: 'memory',
    flush: () => Promise.resolve(),
    listSeries: ({ metrics, device, window }: SeriesQuery) =>
      Promise.resolve(
        [...samples.keys()]
          .map((key): Labels => Object.fromEntries(JSON.parse(key) as [string, string][]))
          .filter((labels) => metrics.includes(labels['__name__'] ?? '') && labels['device'] === device)
          .flatMap((labels) => {
            const positionMs = within(labels, window).at(-1)?.[0]
            return positionMs === undefined ? [] : [{ labels, positionMs }]
          }),
      ),
    readSamples: (series: readonly Labels[], window: TimeWindow) => {
      reads++
      return Promise.resolve(
        series.map((labels) => {
          const found = within(labels, window)
          return { labels, timestampsMs: found.map(([atMs]) => atMs), values: found.map(([, value]) => value) }
        }),
      )
    },
    firstSamples: (series: readonly Labels[], window: TimeWindow) =>
      Promise.resolve(
        series.map((labels) => {
          const [first] = within(labels, window)
          return first && { atMs: first[0], value: first[1] }
        }),
      ),
    totals: (series: readonly Labels[], window: TimeWindow) =>
      Promise.resolve(
        series.map((labels) => {
          const found = within(labels, window)
          return { count: found.length, sum: found.reduce((sum, [, value]) => sum + value, 0) }
        }),
      ),
  } as unknown as Store
  return {
    store,
    readCount: () => reads,
    /** A value, or one by its minute, on every minute of a window; undefined: none. */
    put(labels: Labels, { fromMs, untilMs }: TimeWindow, value: number | ((atMs: number) => number | undefined)) {
      const all = new Map(samples.get(seriesKey(labels)) ?? [])
      for (let atMs = fromMs; atMs < untilMs; atMs += MINUTE_MS) {
        const one = typeof value === 'number' ? value : value(atMs)
        if (one !== undefined) all.set(atMs, one)
      }
      samples.set(
        seriesKey(labels),
        [...all].sort(([a], [b]) => a - b),
      )
    },
    add(labels: Labels, ...more: readonly [number, number][]) {
      samples.set(
        seriesKey(labels),
        [...(samples.get(seriesKey(labels)) ?? []), ...more].sort(([a], [b]) => a - b),
      )
    },
  }
}

export const HOUSE: HouseSettings = {
  timezone: 'America/New_York',
  wiring: 'ahead',
  mains: { pair: 'Mains' },
  solar: { solar: 'Both' },
  groups: [{ name: 'Heating', select: { hvac: 'True' } }],
  names: {},
  colours: {},
  isConfigured: true,
}

export const seriesOf = (location: string, device = 'iwatt5') =>
  labelsFor({ metric: 'power', location }, { device, rules: DEFAULT_LABEL_RULES })

export function factsFor(name: string, expected: TimeWindow, more: Partial<DeviceFacts> = {}): DeviceFacts {
  return {
    name,
    expectedFromMs: () => expected.fromMs,
    storedUntilMs: () => expected.untilMs,
    unmeasured: () => [],
    isLoaded: () => true,
    ...more,
  }
}

export interface HistoryHome {
  readonly store: Store
  readonly series: readonly Labels[]
  readonly expected: TimeWindow
  readonly nowMs: number
  readonly house?: Partial<HouseSettings>
  readonly facts?: Partial<DeviceFacts>
  /** What is known of one of several devices. */
  readonly factsOf?: (device: string) => Partial<DeviceFacts>
  /** Devices that have not answered since the start: what is known of them is what the store has. */
  readonly silent?: readonly string[]
  readonly folder?: string
  readonly money?: MoneySettings
}

/** A house whose background work is done by `flush`. */
export function houseOf({
  store,
  series,
  expected,
  nowMs,
  house,
  facts,
  factsOf: own,
  silent = [],
  folder,
  money,
}: HistoryHome) {
  let atMs = nowMs
  let isIdle = () => {}
  const clock = {
    nowMs: () => atMs,
    sleep: (durationMs: number, signal: AbortSignal) => {
      if (durationMs < 10_000 || durationMs === 60_000) return new Promise<void>((resolve) => setImmediate(resolve))
      isIdle()
      return new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(new Error('woken'))))
    },
  }
  const devices = [...new Set(series.map((labels) => labels['device'] ?? ''))]
  const answered = new Set(devices.filter((name) => !silent.includes(name)))
  const channels = createKnownChannels(
    devices.map((name) => {
      const own = series.filter((labels) => labels['device'] === name)
      return { name, found: () => (answered.has(name) ? own : undefined) }
    }),
    { store, clock, metric: 'power', lookbackMs: 30 * DAY_MS },
  )
  const factsOf = (name: string): DeviceFacts => {
    const known = factsFor(name, expected, { ...facts, ...own?.(name) })
    return {
      ...known,
      expectedFromMs: (key) => (answered.has(name) ? known.expectedFromMs(key) : undefined),
      storedUntilMs: () => (answered.has(name) ? known.storedUntilMs() : channels.storedUntilMs(name)),
    }
  }
  const history = openHouse({
    store,
    house: { ...HOUSE, ...house },
    devices: devices.map(factsOf),
    channels,
    clock,
    log: silentLog,
    ...(folder !== undefined && { folder }),
    ...(money && { money }),
  })
  return {
    history,
    /** A device that was silent answers. */
    answers: (device: string) => void answered.add(device),
    elapse: (durationMs: number) => void (atMs += durationMs),
    /** Works in the background until there is nothing left to do. */
    async flush() {
      const stop = new AbortController()
      const idle = new Promise<void>((resolve) => (isIdle = resolve))
      const running = history.run(stop.signal)
      await idle
      return async () => {
        stop.abort(new Error('over'))
        await running
      }
    },
  }
}
