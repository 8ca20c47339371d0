import type { Store } from '../src/model/store.ts'
import type { Clock } from '../src/runtime/clock.ts'
import { seededRandom } from './doubles/seeded-random.ts'
import { createSimulatedStore } from './doubles/simulated-store.ts'
import type { SimulatedStore, SimulatedStoreSettings } from './doubles/store-settings.ts'

/** Stores by what they show of a restart. */
export const KINDS_OF_STORES: readonly (readonly [string, Partial<SimulatedStoreSettings>])[] = [
  ['that hides when it started', { hidesStart: true }],
  ['of which nothing but data is seen', { isSilent: true, deduplicates: true, mayFlush: false, maySnapshot: false }],
  ['of two nodes that forget on their own', { buffers: true, deduplicates: true, mayFlush: false, nodeCount: 2 }],
  ['that is seen to restart', {}],
]

/** Time goes by only while somebody sleeps, and a little with each question. */
function hurriedClock(startMs: number): Clock & { tick(ms: number): void } {
  let timeMs = startMs
  return {
    nowMs: () => timeMs,
    tick: (ms) => (timeMs += ms),
    sleep: async (durationMs, sleeping) => {
      sleeping.throwIfAborted()
      timeMs += durationMs
    },
  }
}

export interface MortalSimulatedStore {
  readonly clock: ReturnType<typeof hurriedClock>
  readonly store: SimulatedStore
  /** The store, which dies after some of what it is asked and is back at once: what it confirmed a moment ago is gone. */
  readonly watched: Store
  /** How often it was asked something. */
  calls(): number
  deaths(): number
  /** Each of its nodes dies. */
  dieCompletely(): void
}

export interface MortalOptions {
  readonly startMs: number
  /** Asked after each call: whether it dies, and of several nodes which. */
  readonly diesAfter: (call: number, method: keyof Store, nodeCount: number) => number | undefined
  /** What each call takes. */
  readonly callMs: number
}

const METHODS = ['status', 'flush', 'listSeries', 'listTimes', 'coverage', 'firstSamples', 'readSamples', 'totals', 'write', 'persist', 'deleteSeries'] as const // prettier-ignore

export function mortalStore(
  kind: Partial<SimulatedStoreSettings>,
  { startMs, diesAfter, callMs }: MortalOptions,
): MortalSimulatedStore {
  const clock = hurriedClock(startMs)
  const store = createSimulatedStore({ clock, ...kind })
  const { nodeCount } = store.settings
  let calls = 0
  let deaths = 0

  function die(node: number): void {
    const victim = nodeCount > 1 ? node : undefined
    store.kill(victim)
    clock.tick(1_000)
    store.start(victim)
  }

  const mortal =
    <A extends unknown[], R>(method: keyof Store, ask: (...asked: A) => Promise<R>) =>
    async (...asked: A): Promise<R> => {
      const answer = await ask(...asked)
      clock.tick(callMs)
      const node = diesAfter(++calls, method, nodeCount)
      if (node === undefined) return answer
      deaths++
      die(node)
      return answer
    }

  const watched = { ...store }
  for (const method of METHODS) Object.assign(watched, { [method]: mortal(method, store[method] as never) })
  return {
    clock,
    store,
    watched,
    calls: () => calls,
    deaths: () => deaths,
    dieCompletely() {
      for (let node = 0; node < nodeCount; node++) die(node)
    },
  }
}

/** Dies a few times, after questions about what it has. */
export function diesAtRandom(seed: number, lives = 6): MortalOptions['diesAfter'] {
  const random = seededRandom(seed)
  let livesLeft = lives
  return (_, method, nodeCount) => {
    if ((method !== 'coverage' && method !== 'listTimes') || livesLeft === 0 || random() >= 0.3) return undefined
    livesLeft--
    return Math.floor(random() * nodeCount)
  }
}

/** Runs until it ends well: a command that failed may be run again. */
export async function runUntilWell(begin: () => Promise<unknown>, maxRuns = 8): Promise<boolean> {
  for (let run = 0; run < maxRuns; run++) {
    const isWell = await begin().then(
      () => true,
      () => false,
    )
    if (isWell) return true
  }
  return false
}
