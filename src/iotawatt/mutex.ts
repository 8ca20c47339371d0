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

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
