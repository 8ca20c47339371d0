import { outOfRange } from '../../src/model/at.ts'
import {
  countSample,
  emptyCoverage,
  seriesKey,
  type Labels,
  type Sample,
  type NewSamples,
} from '../../src/model/series.ts'
import { isAskedFor, StoreError } from '../../src/model/store.ts'
import { HOUR_MS, minuteCount, type TimeWindow } from '../../src/model/time-window.ts'
import type { Clock } from '../../src/runtime/clock.ts'
import { VICTORIAMETRICS_ADVICE } from '../../src/store/victoriametrics/open-victoriametrics.ts'
import { faultError, QUEUE_MS, type ReadFault, type WriteFault } from './store-fault.ts'
import { createStoreSeries, type StoreSeries } from './store-series.ts'
import { MEASURED, type SimulatedStore, type SimulatedStoreSettings, type StoreFaultHooks } from './store-settings.ts'

const FLUSH_MS = 5_000
const MAX_VALUE = 1e9
const MAX_CACHED = 10_000

/** A store in memory with the delays and losses of the real one. */
export function createSimulatedStore({
  clock,
  ...changes
}: { clock: Clock } & Partial<SimulatedStoreSettings>): SimulatedStore {
  const settings = { ...MEASURED, ...changes }
  const known = new Map<string, StoreSeries>()
  const writeFaults: WriteFault[] = []
  const readFaults: ReadFault[] = []
  const cachedNothing = new Map<string, number>()
  const keys = new WeakMap<Labels, string>()
  let hooks: StoreFaultHooks = {}
  const calls = { status: 0, flush: 0, read: 0, write: 0, persist: 0, delete: 0 }
  let startedAtMs = clock.nowMs()
  let isRunning = true
  let queuedUntilMs = 0
  const deadNodes = new Set<number>()
  let seriesOfHour = { hour: 0, keys: new Set<string>() }

  const fail = (kind: Parameters<typeof faultError>[0], asked: string) =>
    faultError(kind, { asked: `simulated store: ${asked}`, deduplicates: settings.deduplicates })

  function keyOf(labels: Labels): string {
    const key = keys.get(labels) ?? seriesKey(withoutEmpty(labels))
    keys.set(labels, key)
    return key
  }

  function requireRunning(asked: string, signal: AbortSignal): void {
    signal.throwIfAborted()
    if (!isRunning) throw fail('refused', asked)
  }

  /** Every question comes through here: late enough that what is waited for has its time, and never half an answer. */
  async function question<T>(asked: string, signal: AbortSignal, answer: () => T): Promise<T> {
    calls.read++
    requireRunning(asked, signal)
    const fault = readFaults.shift() ?? hooks.read?.()
    if (fault?.kind === 'slow') await clock.sleep(fault.delayMs, signal)
    else if (fault) throw fail(fault.kind, asked)
    requireRunning(asked, signal)
    if (deadNodes.size > 0) throw fail('partial', asked)
    return answer()
  }

  function find(labels: Labels, window: TimeWindow): readonly Sample[] {
    const look = (series: StoreSeries) => {
      const found = asRead(series.find(window, clock.nowMs()))
      return found.length > 0 ? found : undefined
    }
    return lookUp('all', { labels, window }, look) ?? []
  }

  function findOne(which: 'oldest' | 'newest', labels: Labels, window: TimeWindow): Sample | undefined {
    return lookUp(which, { labels, window }, (series) => series[which](window, clock.nowMs()))
  }

  /** Nothing is answered from a cache for a while, something never. */
  function lookUp<T>(
    which: string,
    { labels, window }: { labels: Labels; window: TimeWindow },
    look: (series: StoreSeries) => T | undefined,
  ): T | undefined {
    const key = keyOf(labels)
    const asked = () => `${which} ${key} ${window.fromMs} ${window.untilMs}`
    if (cachedNothing.size > 0 && (cachedNothing.get(asked()) ?? 0) > clock.nowMs()) return undefined
    const series = known.get(key)
    const found = series && look(series)
    if (cachedNothing.size > MAX_CACHED) cachedNothing.clear()
    // Who cannot flush asks anew each time, as `selector.ts` does.
    if (found === undefined && !flushWaits()) cachedNothing.set(asked(), clock.nowMs() + settings.cachesNothingMs)
    return found
  }

  function asRead(samples: readonly Sample[]): readonly Sample[] {
    return settings.deduplicates ? withoutDoubles(samples) : samples
  }

  function execute(batch: readonly NewSamples[], { delayMs }: { delayMs: number }): void {
    const arrivesAtMs = clock.nowMs() + delayMs
    const retainsFromMs = clock.nowMs() - settings.retentionMs
    for (const { labels, timestampsMs, values } of batch) {
      const samples = Array.from(timestampsMs, (atMs, index) => ({
        atMs,
        value: values[index] ?? outOfRange(values, index),
      })).filter(({ atMs }) => atMs >= retainsFromMs)
      if (samples.length === 0 || !hasSpaceFor(labels)) continue
      const node = nodeOf(labels)
      for (const [month, part] of byMonth(samples))
        seriesOf(labels).arrive({
          samples: part,
          node,
          arrivesAtMs,
          visibleAtMs: arrivesAtMs + visibleAfterMs(node + month),
          durableAtMs: arrivesAtMs + settings.durableAfterMs,
        })
    }
  }

  /** Each month of each node is shown at a time of its own, so the newest of a write may be seen before the rest. */
  function visibleAfterMs(partition: number): number {
    return flushWaits() && partition % 2 === 1 ? settings.visibleAfterMs / 2 : settings.visibleAfterMs
  }

  /** As VictoriaMetrics counts them (`-storage.maxHourlySeries`): in memory, by its own clock. */
  function hasSpaceFor(labels: Labels): boolean {
    if (settings.hourlySeries === Infinity) return true
    const hour = Math.floor(clock.nowMs() / HOUR_MS)
    if (seriesOfHour.hour !== hour) seriesOfHour = { hour, keys: new Set() }
    const { keys } = seriesOfHour
    const key = keyOf(labels)
    if (keys.size < settings.hourlySeries) keys.add(key)
    return keys.has(key)
  }

  /** The next one that lives takes what a dead one would have kept. */
  function nodeOf(labels: Labels): number {
    const first = Buffer.from(keyOf(labels)).reduce((hash, byte) => (hash * 31 + byte) % 65_536, 7)
    const nodes = Array.from({ length: settings.nodeCount }, (_, index) => (first + index) % settings.nodeCount)
    return nodes.find((node) => !deadNodes.has(node)) ?? first % settings.nodeCount
  }

  function seriesOf(labels: Labels): StoreSeries {
    const key = keyOf(labels)
    const series = known.get(key) ?? createStoreSeries(withoutEmpty(labels))
    known.set(key, series)
    return series
  }

  async function write(batch: readonly NewSamples[], signal: AbortSignal): Promise<void> {
    calls.write++
    requireRunning('write', signal)
    requireWritable(batch)
    if (settings.readOnly) throw fail('read-only', 'write')
    const fault = writeFaults.shift() ?? hooks.write?.()
    if (fault?.kind === 'slow') await clock.sleep(fault.delayMs, signal)
    requireRunning('write', signal)
    if (fault === undefined || fault.kind === 'slow' || fault.kind === 'lost-answer') execute(batch, { delayMs: 0 })
    if (fault === undefined || fault.kind === 'slow' || fault.kind === 'dropped') return
    if (fault.kind === 'late') {
      execute(batch, { delayMs: fault.delayMs })
      queuedUntilMs = Math.max(queuedUntilMs, clock.nowMs() + fault.delayMs)
    }
    if (fault.kind === 'half') execute(batch.slice(0, Math.ceil(batch.length / 2)), { delayMs: 0 })
    throw fail(fault.kind, 'write')
  }

  function flushWaits(): boolean {
    return settings.buffers || !settings.mayFlush
  }

  async function flush(signal: AbortSignal): Promise<void> {
    calls.flush++
    requireRunning('flush', signal)
    cachedNothing.clear()
    if (flushWaits()) return clock.sleep(FLUSH_MS, signal)
    for (const series of known.values()) series.flush(clock.nowMs())
  }

  return {
    name: 'simulated store',
    advice: VICTORIAMETRICS_ADVICE,
    settings,
    calls,
    write,
    flush,
    flushWaits,
    status: async (signal) => {
      calls.status++
      requireRunning('status', signal)
      const clockMs = Math.floor(clock.nowMs())
      if (settings.isSilent) return { clockMs, buffers: true }
      if (settings.buffers) return { clockMs, buffers: true, deduplicates: settings.deduplicates }
      return {
        clockMs,
        ...(!settings.hidesStart && { startedAtMs }),
        retainsFromMs: Math.max(0, clockMs - settings.retentionMs),
        deduplicates: settings.deduplicates,
        buffers: false,
        readOnly: settings.readOnly,
        ...(queuedUntilMs > clockMs && !settings.deduplicates && { queueMs: QUEUE_MS }),
      }
    },
    listSeries: ({ metrics, window, ...query }, signal) =>
      question('list series', signal, () =>
        [...known.values()]
          .map(({ labels }) => labels)
          .filter((labels) => isAskedFor(query, labels))
          .filter((labels) => metrics.includes(labels['__name__'] ?? ''))
          .map((labels) => ({ labels, positionMs: findOne('newest', labels, window)?.atMs }))
          .flatMap(({ labels, positionMs }) => (positionMs === undefined ? [] : [{ labels, positionMs }])),
      ),
    listTimes: ({ metrics, window, ...query }, signal) =>
      question('list times', signal, () =>
        [...known.values()]
          .map(({ labels }) => labels)
          .filter((labels) => isAskedFor(query, labels) && metrics.includes(labels['__name__'] ?? ''))
          .map((labels) => ({ labels, timestampsMs: find(labels, window).map(({ atMs }) => atMs) }))
          .filter(({ timestampsMs }) => timestampsMs.length > 0)
          .map(({ labels, timestampsMs }) => ({ labels, timestampsMs: timestampsMs.toSorted((a, b) => a - b) })),
      ),
    coverage: (series, window, signal) =>
      question('coverage', signal, () =>
        series.map((labels) => {
          const coverage = emptyCoverage(labels, window)
          if (minuteCount(window) > 0) for (const { atMs } of find(labels, window)) countSample(coverage, atMs)
          return coverage
        }),
      ),
    firstSamples: (series, window, signal) =>
      question('first samples', signal, () => series.map((labels) => findOne('oldest', labels, window))),
    readSamples: (series, window, signal) =>
      question('read samples', signal, () =>
        series.map((labels) => {
          const samples = [...find(labels, window)].sort((a, b) => a.atMs - b.atMs)
          return { labels, timestampsMs: samples.map(({ atMs }) => atMs), values: samples.map(({ value }) => value) }
        }),
      ),
    totals: (series, window, signal) =>
      question('totals', signal, () =>
        series.map((labels) => {
          const samples = find(labels, window)
          return { count: samples.length, sum: samples.reduce((sum, { value }) => sum + value, 0) }
        }),
      ),
    deleteSeries: async (labels, signal) => {
      calls.delete++
      requireRunning('delete series', signal)
      known.delete(keyOf(labels))
    },
    persist: async (signal) => {
      calls.persist++
      requireRunning('persist', signal)
      if (settings.buffers || !settings.maySnapshot) return 'later'
      for (const series of known.values()) series.persist(clock.nowMs())
      return 'durable'
    },
    close: async () => {},
    allSeries: () => [...known.values()].map(({ labels }) => labels),
    samplesOf: (labels) =>
      [...asRead([...(known.get(keyOf(labels))?.kept(clock.nowMs()) ?? [])])].sort((a, b) => a.atMs - b.atMs),
    insert: (batch) => {
      for (const { labels, timestampsMs, values } of batch)
        seriesOf(labels).arrive({
          samples: timestampsMs.map((atMs, index) => ({ atMs, value: values[index] ?? outOfRange(values, index) })),
          node: 0,
          arrivesAtMs: 0,
          visibleAtMs: 0,
          durableAtMs: 0,
        })
    },
    cut: (window) => {
      for (const series of known.values()) series.cut(window)
    },
    failWrites: (...faults) => writeFaults.push(...faults),
    failReads: (...faults) => readFaults.push(...faults),
    setFaults: (next) => {
      hooks = next
    },
    isRunning: () => isRunning,
    kill: (node) => {
      if (node === undefined) isRunning = false
      else deadNodes.add(node)
      queuedUntilMs = 0
      for (const series of known.values()) series.crash(clock.nowMs(), node)
    },
    stop: () => {
      isRunning = false
      queuedUntilMs = 0
      for (const series of known.values()) {
        series.flush(clock.nowMs())
        series.persist(clock.nowMs())
        series.crash(clock.nowMs())
      }
    },
    start: (node) => {
      if (node === undefined) deadNodes.clear()
      else deadNodes.delete(node)
      if (node === undefined) isRunning = true
      startedAtMs = clock.nowMs()
    },
  }
}

function requireWritable(batch: readonly NewSamples[]): void {
  for (const { labels, timestampsMs, values } of batch) {
    const isFine =
      (labels['__name__'] ?? '') !== '' &&
      !Object.keys(labels).includes('') &&
      timestampsMs.length === values.length &&
      timestampsMs.every((atMs) => Number.isSafeInteger(atMs) && atMs >= 0) &&
      values.every((value) => Number.isFinite(value) && Math.abs(value) <= MAX_VALUE)
    if (!isFine) throw new StoreError('rejected', `simulated store: not written: ${JSON.stringify(labels)}`)
  }
}

/** Of samples that are sorted. */
function byMonth(samples: readonly Sample[]): (readonly [month: number, samples: readonly Sample[]])[] {
  const monthOf = ({ atMs }: Sample) => new Date(atMs).getUTCMonth()
  const [first, last] = [samples[0], samples.at(-1)]
  if (!first || !last) return []
  if (monthOf(first) === monthOf(last)) return [[monthOf(first), samples]]
  const months = new Set(samples.map(monthOf))
  return [...months].map((month) => [month, samples.filter((sample) => monthOf(sample) === month)])
}

function withoutEmpty(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''))
}

/** Of samples at one time the biggest, as VictoriaMetrics keeps it. */
function withoutDoubles(samples: readonly Sample[]): readonly Sample[] {
  if (
    samples.every(
      ({ atMs }, index) => index === 0 || atMs > (samples[index - 1] ?? outOfRange(samples, index - 1)).atMs,
    )
  )
    return samples
  const kept = new Map<number, Sample>()
  for (const sample of samples)
    if (sample.value >= (kept.get(sample.atMs)?.value ?? -Infinity)) kept.set(sample.atMs, sample)
  return [...kept.values()]
}
