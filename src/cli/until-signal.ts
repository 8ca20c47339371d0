/** A signal that is aborted by SIGINT or SIGTERM. */
export function untilSignal(): { readonly signal: AbortSignal; release(): void } {
  const stop = new AbortController()
  const onStop = () => stop.abort(new Error('stopped by a signal'))
  process.once('SIGINT', onStop).once('SIGTERM', onStop)
  return { signal: stop.signal, release: () => process.off('SIGINT', onStop).off('SIGTERM', onStop) }
}
