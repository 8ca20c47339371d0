import type { StoreHealth } from '../model/daemon.ts'
import type { NewSamples } from '../model/series.ts'
import { StoreError, type Store } from '../model/store.ts'
import { MINUTE_MS, floorToMinute, type TimeWindow } from '../model/time-window.ts'
import type { Clock } from '../runtime/clock.ts'
import { explain } from '../runtime/errors.ts'

export interface StoreWatch {
  /** The store, and everything that is asked of it is seen. */
  readonly store: Store
  health(): StoreHealth
  /**
   * Asks whether the store is there, unless that was seen a moment ago: between two cycles nobody would know that it is
   * gone, or back.
   */
  probe(signal: AbortSignal): Promise<void>
}

export interface StoreWatchOptions {
  readonly clock: Clock
  readonly onWritten: (window: TimeWindow, batch: readonly NewSamples[]) => void
  readonly onError: (error: StoreError) => void
  readonly onChange: () => void
}

const MAX_TIMES = 31
/** What was seen so lately is still so. */
const FRESH_MS = 5_000
/** An answer that takes longer is none, for whoever looks at the page. */
const PROBE_MS = 10_000

export function watchStore(inner: Store, { clock, onWritten, onError, onChange }: StoreWatchOptions): StoreWatch {
  const times = { read: createTimes(), write: createTimes() }
  let health: StoreHealth = { name: inner.name, state: 'starting' }
  let seenMs = -Infinity
  let isProbing = false

  async function seen<T>(of: 'read' | 'write' | undefined, act: () => Promise<T>): Promise<T> {
    const startedMs = clock.nowMs()
    try {
      const answer = await act()
      if (of) times[of].add(clock.nowMs() - startedMs)
      noteSuccess()
      return answer
    } catch (error) {
      if (error instanceof StoreError) noteFailure(error)
      throw error
    }
  }

  function noteSuccess() {
    seenMs = clock.nowMs()
    if (health.state === 'ok') return
    const { failure, ...rest } = health
    health = { ...rest, state: 'ok', ...(failure && { lastFailure: failure }) }
    onChange()
  }

  function noteFailure(error: StoreError) {
    onError(error)
    const isNew = health.failure === undefined
    const sinceMs = health.failure?.sinceMs ?? clock.nowMs()
    health = { ...health, state: 'failing', failure: { message: explain(error), sinceMs } }
    if (isNew) onChange()
  }

  async function probe(signal: AbortSignal): Promise<void> {
    if (isProbing || clock.nowMs() - seenMs < FRESH_MS) return
    isProbing = true
    const ended = new AbortController()
    const asked = AbortSignal.any([signal, ended.signal])
    const late = clock.sleep(PROBE_MS, asked).then(() => {
      throw new StoreError('timeout', `${inner.name}: no complete answer within ${PROBE_MS / 1000} s`)
    })
    // Whichever comes second has nobody who listens to it.
    const answer = inner.status(asked)
    answer.catch(() => undefined)
    late.catch(() => undefined)
    try {
      await seen(undefined, () => Promise.race([answer, late]))
    } catch {
      // What it was is seen; who has asked wants no more of it.
    } finally {
      ended.abort()
      isProbing = false
    }
  }

  const { listTimes } = inner
  const store: Store = {
    ...inner,
    status: (signal) =>
      seen(undefined, async () => {
        const status = await inner.status(signal)
        const { startedAtMs, clockMs, retainsFromMs } = status
        health = {
          ...health,
          ...(startedAtMs !== undefined && { startedAtMs }),
          ...(clockMs !== undefined && { clockAheadMs: clockMs - clock.nowMs() }),
          ...(retainsFromMs !== undefined && { retainsFromMs }),
        }
        return status
      }),
    flush: (signal) => seen(undefined, () => inner.flush(signal)),
    listSeries: (query, signal) => seen('read', () => inner.listSeries(query, signal)),
    ...(listTimes && { listTimes: (query, signal) => seen('read', () => listTimes(query, signal)) }),
    coverage: (series, window, signal) => seen('read', () => inner.coverage(series, window, signal)),
    firstSamples: (series, window, signal) => seen('read', () => inner.firstSamples(series, window, signal)),
    readSamples: (series, window, signal) => seen('read', () => inner.readSamples(series, window, signal)),
    totals: (series, window, signal) => seen('read', () => inner.totals(series, window, signal)),
    write: (batch, signal) =>
      seen('write', async () => {
        try {
          await inner.write(batch, signal)
        } finally {
          // Also where it failed: nobody knows what of it is there.
          const window = windowOf(batch)
          if (window) onWritten(window, batch)
        }
      }),
    deleteSeries: (labels, signal) => seen('write', () => inner.deleteSeries(labels, signal)),
  }
  return { store, probe, health: () => ({ ...health, ...medians(times) }) }
}

function medians({
  read,
  write,
}: Record<'read' | 'write', ReturnType<typeof createTimes>>): Pick<StoreHealth, 'readMs' | 'writeMs'> {
  const [readMs, writeMs] = [read.median(), write.median()]
  return { ...(readMs !== undefined && { readMs }), ...(writeMs !== undefined && { writeMs }) }
}

function windowOf(batch: readonly NewSamples[]): TimeWindow | undefined {
  const firsts = batch.flatMap(({ timestampsMs }) => timestampsMs[0] ?? [])
  const lasts = batch.flatMap(({ timestampsMs }) => timestampsMs.at(-1) ?? [])
  if (firsts.length === 0) return undefined
  return { fromMs: floorToMinute(Math.min(...firsts)), untilMs: floorToMinute(Math.max(...lasts)) + MINUTE_MS }
}

function createTimes() {
  const times: number[] = []
  return {
    add(durationMs: number): void {
      times.push(durationMs)
      if (times.length > MAX_TIMES) times.shift()
    },
    median: (): number | undefined => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)],
  }
}
