const ENDS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** A signal that is aborted by SIGINT, SIGTERM, or the end of the terminal. */
export function untilSignal(): { readonly signal: AbortSignal; release(): void } {
  const stop = new AbortController()
  const onStop = () => stop.abort(new Error('stopped by a signal'))
  for (const name of ENDS) process.once(name, onStop)
  return {
    signal: stop.signal,
    release() {
      for (const name of ENDS) process.off(name, onStop)
    },
  }
}
