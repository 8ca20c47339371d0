import { at } from '../model/at.ts'
import { seriesKey, type Labels, type StoredSeries } from '../model/series.ts'
import type { Store } from '../model/store.ts'
import { DAY_MS, MINUTE_MS, OLDEST_MS, ceilToMinute, floorToMinute } from '../model/time-window.ts'
import type { Clock } from '../runtime/clock.ts'

/** A device of the house, with what is known of its channels in watts. */
export interface ChannelSource {
  readonly name: string
  /** Those that it was found to have, the same list until there are others; undefined until it has answered. */
  found(): readonly Labels[] | undefined
  /** Those of the configuration, where it names them. */
  readonly configured?: readonly Labels[]
}

export interface KnownChannels {
  /** The series of all devices, in the order in which they are shown; the same list until there are others. */
  series(): readonly Labels[]
  /** The end of the newest minute that the store was found to have of a device that has not answered yet. */
  storedUntilMs(device: string): number | undefined
  /** Asks the store about each device that has not answered, once. */
  learn(signal: AbortSignal): Promise<void>
}

export interface KnownChannelsOptions {
  readonly store: Store
  readonly clock: Pick<Clock, 'nowMs'>
  readonly metric: string
  /** What a device has stored within so long is what it has. */
  readonly lookbackMs: number
}

const WINDOW_MS = 183 * DAY_MS
const NONE: readonly Labels[] = []

/** What figures are made of may not depend on which devices happen to be on: what is stored of the others counts too. */
export function createKnownChannels(sources: readonly ChannelSource[], options: KnownChannelsOptions): KnownChannels {
  const stored = new Map<string, { readonly series: readonly StoredSeries[]; readonly labels: readonly Labels[] }>()
  let asking: Promise<void> | undefined
  let shown: readonly Labels[] = []
  let lists: readonly (readonly Labels[])[] = []

  const seriesOf = ({ name, found, configured }: ChannelSource): readonly Labels[] =>
    configured ?? found() ?? stored.get(name)?.labels ?? NONE

  async function askStore(signal: AbortSignal): Promise<void> {
    const isOpen = ({ name, found }: ChannelSource) => found() === undefined && !stored.has(name)
    if (!sources.some(isOpen)) return
    await options.store.flush(signal)
    // Meanwhile devices answer.
    for (const source of sources)
      if (isOpen(source)) {
        const series = await findStored(source.name, options, signal)
        stored.set(source.name, { series, labels: series.map(({ labels }) => labels) })
      }
  }

  return {
    series() {
      const next = sources.map(seriesOf)
      if (next.every((list, index) => list === lists[index])) return shown
      lists = next
      const now = next.flat()
      if (now.length !== shown.length || now.some((labels, index) => !isSame(labels, at(shown, index)))) shown = now
      return shown
    },
    storedUntilMs(device) {
      const positions = (stored.get(device)?.series ?? []).map(({ positionMs }) => positionMs)
      return positions.length > 0 ? floorToMinute(Math.max(...positions)) + MINUTE_MS : undefined
    },
    async learn(signal) {
      asking ??= askStore(signal).finally(() => (asking = undefined))
      await asking
    },
  }
}

function isSame(a: Labels, b: Labels): boolean {
  return a === b || seriesKey(a) === seriesKey(b)
}

/** The series that a device has filled of late; of two of one location the one that is newer. */
async function findStored(
  device: string,
  { store, clock, metric, lookbackMs }: KnownChannelsOptions,
  signal: AbortSignal,
): Promise<readonly StoredSeries[]> {
  const search = (fromMs: number, untilMs: number) =>
    store.listSeries({ metrics: [metric], device, window: { fromMs: floorToMinute(fromMs), untilMs } }, signal)
  const nowMs = ceilToMinute(clock.nowMs()) + MINUTE_MS
  let found: readonly StoredSeries[] = []
  for (let untilMs = nowMs, lengthMs = lookbackMs + DAY_MS; found.length === 0 && untilMs > OLDEST_MS;) {
    found = await search(untilMs - lengthMs, untilMs)
    untilMs = floorToMinute(untilMs - lengthMs)
    lengthMs = WINDOW_MS
  }
  if (found.length === 0) return []
  const lastMs = Math.max(...found.map(({ positionMs }) => positionMs))
  const isCurrent = lastMs > nowMs - DAY_MS
  const recent = isCurrent ? found : await search(lastMs - lookbackMs, floorToMinute(lastMs) + MINUTE_MS)
  const byLocation = new Map<string, StoredSeries>()
  for (const series of recent.toSorted((a, b) => a.positionMs - b.positionMs))
    byLocation.set(series.labels['location'] ?? '', series)
  return [...byLocation.values()].toSorted((a, b) => (seriesKey(a.labels) < seriesKey(b.labels) ? -1 : 1))
}
