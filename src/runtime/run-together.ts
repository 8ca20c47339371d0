import { setMaxListeners } from 'node:events'

/**
 * Runs loops that belong together until the signal is aborted. When one fails the others are ended too, and its error is
 * thrown once none of them works any more.
 */
export async function runTogether(
  loops: readonly ((signal: AbortSignal) => Promise<unknown>)[],
  signal: AbortSignal,
): Promise<void> {
  const failed = new AbortController()
  const ending = AbortSignal.any([signal, failed.signal])
  setMaxListeners(0, ending)
  await Promise.allSettled(
    loops.map(async (loop) => {
      try {
        await loop(ending)
      } catch (error) {
        if (!signal.aborted) failed.abort(error)
      }
    }),
  )
  failed.signal.throwIfAborted()
}
