import { untilAborted } from '../runtime/until-aborted.ts'

/** Runs a task when all that were given before it have ended. */
export type TakeTurn = <T>(task: () => Promise<T>, signal: AbortSignal) => Promise<T>

/** A queue of one. Who waits, or runs, and is aborted rejects at once; the next task starts when the running one ended. */
export function createMutex(): TakeTurn {
  let last: Promise<unknown> = Promise.resolve()
  return (task, signal) => {
    const turn = last.then(() => {
      signal.throwIfAborted()
      return task()
    })
    last = turn.catch(() => undefined)
    return untilAborted(turn, signal)
  }
}
