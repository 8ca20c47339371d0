import type { Store } from '../../src/model/store.ts'
import type { Clock } from '../../src/runtime/clock.ts'
import type { Transport } from '../../src/iotawatt/transport.ts'

/** A process that can die between any two steps: what it began goes on outside, and nothing comes back to it. */
export interface Mortal {
  clock(clock: Clock): Clock
  transport(transport: Transport): Transport
  store(store: Store): Store
  /** Dies at once. */
  kill(): void
  /** Dies at the step that is so many steps away, just before it is taken or just after it has begun. */
  killAt(steps: number, when: 'before' | 'begun'): void
  isDead(): boolean
}

export function createMortal(onDeath: () => void): Mortal {
  const sleeps = new Set<AbortController>()
  let end: { left: number; readonly when: 'before' | 'begun' } | undefined
  let isDead = false

  function kill(): void {
    if (isDead) return
    isDead = true
    for (const sleep of sleeps) sleep.abort()
    onDeath()
  }

  async function step<T>(act: () => Promise<T>): Promise<T> {
    const isLast = end !== undefined && --end.left <= 0
    if (isLast && end?.when === 'before') kill()
    if (isDead) return never()
    const result = act()
    if (isLast) kill()
    try {
      const value = await result
      return isDead ? await never() : value
    } catch (error) {
      if (isDead) return never()
      throw error
    }
  }

  return {
    kill,
    isDead: () => isDead,
    killAt(steps, when) {
      end = { left: steps, when }
    },
    clock: (clock) => ({
      nowMs: () => clock.nowMs(),
      sleep: (durationMs, signal) =>
        step(async () => {
          const over = new AbortController()
          const onAbort = () => over.abort(signal.reason)
          signal.throwIfAborted()
          signal.addEventListener('abort', onAbort, { once: true })
          sleeps.add(over)
          try {
            await clock.sleep(durationMs, over.signal)
          } finally {
            sleeps.delete(over)
            signal.removeEventListener('abort', onAbort)
          }
        }),
    }),
    transport: (transport) => ({ get: (path, request) => step(() => transport.get(path, request)) }),
    store: ({ listTimes, ...store }) => ({
      ...store,
      status: (signal) => step(() => store.status(signal)),
      flush: (signal) => step(() => store.flush(signal)),
      listSeries: (query, signal) => step(() => store.listSeries(query, signal)),
      ...(listTimes && { listTimes: (query, signal) => step(() => listTimes(query, signal)) }),
      coverage: (series, window, signal) => step(() => store.coverage(series, window, signal)),
      firstSamples: (series, window, signal) => step(() => store.firstSamples(series, window, signal)),
      readSamples: (series, window, signal) => step(() => store.readSamples(series, window, signal)),
      totals: (series, window, signal) => step(() => store.totals(series, window, signal)),
      write: (batch, signal) => step(() => store.write(batch, signal)),
      persist: (signal) => step(() => store.persist(signal)),
    }),
  }
}

function never(): Promise<never> {
  return new Promise(() => {})
}
