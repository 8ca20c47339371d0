import type { Clock } from '../runtime/clock.ts'

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

/** Real turns of the event loop that a woken task gets, so that it may read files or sockets. */
const IDLE_TURNS = 2000

/** `idle`: waits until nothing that takes real time is under way, before time goes on. */
export function createSimulatedClock(startMs: number, idle?: () => Promise<void>): SimulatedClock {
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
    for (let idleTurns = 0; !done && idleTurns < IDLE_TURNS; idleTurns++) {
      await turn()
      const sleeper = done ? undefined : next(Infinity)
      if (sleeper === undefined) continue
      wake(sleeper)
      idleTurns = 0
    }
    if (!done) throw new Error('nobody sleeps, and the work is not done')
    return work
  }

  async function turn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    await idle?.()
  }

  return { nowMs: () => timeMs, sleep, advance, runUntilDone }
}
