import type { Clock } from '../../src/runtime/clock.ts'

/** A clock that stands still until a test moves it. */
export interface SimulatedClock extends Clock {
  /** Moves on, waking each sleeper at its time and letting it act before going further. */
  advance(durationMs: number): Promise<void>
  /** Moves on from sleeper to sleeper until the work is done; throws when nobody sleeps and it is not. */
  runUntilDone<T>(work: Promise<T>): Promise<T>
}

interface Sleeper {
  readonly wakesAtMs: number
  wake(): void
}

/** So many turns of the event loop are quick; then what the work waits for is a disk or a socket, which take real time. */
const QUICK_TURNS = 2000
/** No disk takes so long, on a busy machine either. */
const HANG_MS = 300_000

/** `idle`: waits until nothing that takes real time is under way, before time goes on. */
export function createSimulatedClock(startMs: number, idle?: () => Promise<void>, hangMs = HANG_MS): SimulatedClock {
  const sleepers = new Set<Sleeper>()
  let timeMs = startMs

  function next(untilMs: number): Sleeper | undefined {
    let first: Sleeper | undefined
    for (const sleeper of sleepers)
      if (sleeper.wakesAtMs <= untilMs && (first === undefined || sleeper.wakesAtMs < first.wakesAtMs)) first = sleeper
    return first
  }

  function wake(sleeper: Sleeper): void {
    timeMs = Math.max(timeMs, sleeper.wakesAtMs)
    sleepers.delete(sleeper)
    sleeper.wake()
  }

  function sleep(durationMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted()
      const onAbort = () => {
        sleepers.delete(sleeper)
        reject(signal.reason)
      }
      const sleeper: Sleeper = {
        wakesAtMs: timeMs + durationMs,
        wake() {
          signal.removeEventListener('abort', onAbort)
          resolve()
        },
      }
      signal.addEventListener('abort', onAbort, { once: true })
      sleepers.add(sleeper)
    })
  }

  async function advance(durationMs: number): Promise<void> {
    const untilMs = timeMs + durationMs
    await turn()
    for (let sleeper = next(untilMs); sleeper !== undefined; sleeper = next(untilMs)) {
      wake(sleeper)
      await turn()
    }
    timeMs = untilMs
  }

  async function runUntilDone<T>(work: Promise<T>): Promise<T> {
    let done = false
    const finish = () => {
      done = true
    }
    work.then(finish, finish)
    let quickTurns = 0
    let idleSinceMs = performance.now()
    while (!done) {
      if (quickTurns++ < QUICK_TURNS) await turn()
      else await new Promise((resolve) => setTimeout(resolve, 1))
      const sleeper = done ? undefined : next(Infinity)
      if (sleeper !== undefined) {
        wake(sleeper)
        quickTurns = 0
        idleSinceMs = performance.now()
      } else if (!done && quickTurns >= QUICK_TURNS && performance.now() - idleSinceMs > hangMs)
        throw new Error('nobody sleeps, and the work is not done')
    }
    return work
  }

  async function turn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    await idle?.()
  }

  return { nowMs: () => timeMs, sleep, advance, runUntilDone }
}
