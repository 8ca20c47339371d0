export class DeadlineError extends Error {}

/** Aborts what was asked when the signal is aborted or the time is over; leaves no listener on the signal. */
export async function withDeadline<T>(
  ask: (deadline: AbortSignal) => Promise<T>,
  { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
): Promise<T> {
  signal.throwIfAborted()
  const controller = new AbortController()
  const onAbort = () => controller.abort(signal.reason)
  const timer = setTimeout(() => controller.abort(new DeadlineError('no answer in time')), timeoutMs)
  signal.addEventListener('abort', onAbort, { once: true })
  // What is asked may wait where an abort does not reach it.
  const overdue = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => setImmediate(() => reject(controller.signal.reason)))
  })
  try {
    return await Promise.race([ask(controller.signal), overdue])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}
