import { seriesKey, type Labels, type SeriesSamples } from '../../src/model/series.ts'
import { StoreError, type Store } from '../../src/model/store.ts'
import { DAY_MS } from '../../src/model/time-window.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import type { SimulatedClock } from '../doubles/simulated-clock.ts'
import { faultError, QUEUE_MS } from '../doubles/store-fault.ts'
import { MEASURED, type SimulatedStore, type StoreFaultHooks } from '../doubles/store-settings.ts'
import type { MortalStore } from '../mortal-store.ts'
import { exportAll, openReal } from '../real-store.ts'
import type { RealStoreOfWorld } from './world.ts'

/** What is shorter is waited for the store, and takes its time. */
const PATIENCE_MS = 5_000
const WORLD_DAYS = 17
const never = new AbortController().signal

/** A real VictoriaMetrics in a simulated world: it answers in its own time, which stands still in the world meanwhile. */
export function realStoreOfWorld(server: MortalStore): RealStoreOfWorld {
  let underWay = 0
  let queue: Promise<unknown> = Promise.resolve()
  let stored = new Map<string, { labels: Labels; samples: readonly (readonly [number, number])[] }>()

  async function inRealTime<T>(act: () => Promise<T>): Promise<T> {
    underWay++
    try {
      return await act()
    } finally {
      underWay--
    }
  }

  /** One after the other, before whatever is asked next. */
  function enqueue(act: () => Promise<unknown>): void {
    queue = inRealTime(async () => {
      await queue
      await act()
    })
  }

  function open(clock: SimulatedClock): SimulatedStore {
    const real = openReal(server.url)
    const { listTimes } = real
    const settings = { ...MEASURED }
    const calls = { status: 0, flush: 0, read: 0, write: 0, persist: 0, delete: 0 }
    let hooks: StoreFaultHooks = {}
    let isRunning = true
    let queuedUntilMs = 0
    /** How often its process has ended: what waited in it is gone. */
    let ends = 0
    /** What another program could not write, as the store was off: it does so at once when it is back. */
    const awaited: (readonly SeriesSamples[])[] = []
    const fail = (kind: Parameters<typeof faultError>[0], asked: string) =>
      faultError(kind, { asked: `real store: ${asked}`, deduplicates: false })
    const ask = <T>(act: () => Promise<T>) =>
      inRealTime(async () => {
        await queue
        if (!isRunning) throw fail('refused', 'asked')
        return act()
      })

    async function question<T>(asked: string, act: () => Promise<T>): Promise<T> {
      calls.read++
      const fault = hooks.read?.()
      if (fault?.kind === 'slow') await clock.sleep(fault.delayMs, never)
      else if (fault) throw fail(fault.kind, asked)
      return ask(act)
    }

    async function write(batch: readonly SeriesSamples[], signal: AbortSignal): Promise<void> {
      calls.write++
      if (settings.readOnly) throw fail('read-only', 'write')
      const fault = hooks.write?.()
      if (fault?.kind === 'slow') await clock.sleep(fault.delayMs, signal)
      const send = (part: readonly SeriesSamples[]) => ask(() => real.write(part, never))
      if (fault === undefined || fault.kind === 'slow' || fault.kind === 'lost-answer') await send(batch)
      if (fault === undefined || fault.kind === 'slow' || fault.kind === 'dropped') return
      if (fault.kind === 'late') {
        queuedUntilMs = Math.max(queuedUntilMs, clock.nowMs() + fault.delayMs)
        const era = ends
        const execute = () => (era === ends ? send(batch).catch((error: unknown) => void error) : undefined)
        void clock.sleep(fault.delayMs, never).then(execute)
      }
      if (fault.kind === 'half') await send(batch.slice(0, Math.ceil(batch.length / 2)))
      throw fail(fault.kind, 'write')
    }

    function end(act: () => Promise<unknown>): void {
      if (isRunning) enqueue(act)
      isRunning = false
      queuedUntilMs = 0
      ends++
    }

    return {
      ...real,
      settings,
      calls,
      write,
      status: async (signal) => ({
        ...(await ask(() => real.status(signal))),
        readOnly: settings.readOnly,
        ...(queuedUntilMs > clock.nowMs() && { queueMs: QUEUE_MS }),
      }),
      flush: (signal) => ask(() => real.flush(signal)),
      persist: (signal) => ask(() => real.persist(signal)),
      listSeries: (query, signal) => question('list series', () => real.listSeries(query, signal)),
      ...(listTimes && { listTimes: (query, signal) => question('list times', () => listTimes(query, signal)) }),
      coverage: (series, window, signal) => question('coverage', () => real.coverage(series, window, signal)),
      firstSamples: (series, window, signal) => question('first', () => real.firstSamples(series, window, signal)),
      readSamples: (series, window, signal) => question('samples', () => real.readSamples(series, window, signal)),
      totals: (series, window, signal) => question('totals', () => real.totals(series, window, signal)),
      allSeries: () => [...stored.values()].map(({ labels }) => labels),
      samplesOf: (labels) => (stored.get(seriesKey(labels))?.samples ?? []).map(([atMs, value]) => ({ atMs, value })),
      insert: (batch) => {
        if (isRunning) enqueue(() => insert(real, batch))
        else awaited.push(batch)
      },
      cut() {
        throw new StoreError('rejected', 'a real store is not cut')
      },
      failWrites() {},
      failReads() {},
      isRunning: () => isRunning,
      setFaults: (next) => {
        hooks = next
      },
      kill: () => end(() => server.kill()),
      stop: () => end(() => server.stop()),
      start() {
        if (!isRunning) enqueue(() => server.revive())
        isRunning = true
        for (const batch of awaited.splice(0)) enqueue(() => insert(real, batch))
      },
    }
  }

  return {
    startMs: Math.floor((Date.now() - WORLD_DAYS * DAY_MS) / 60_000) * 60_000 + 37_000,
    async idle() {
      while (underWay > 0) await new Promise((resolve) => setTimeout(resolve, 1))
    },
    open,
    patient: (clock) => ({
      nowMs: () => clock.nowMs(),
      sleep: async (durationMs, signal) => {
        if (durationMs <= PATIENCE_MS) await inRealTime(() => systemClock.sleep(durationMs, signal))
        await clock.sleep(durationMs, signal)
      },
    }),
    async refresh() {
      await queue
      stored = await exportAll(server.url)
    },
  }
}

/** Samples of another program, made to stay. */
async function insert(store: Store, batch: readonly SeriesSamples[]): Promise<void> {
  await store.write(batch, never)
  await store.persist(never)
}
