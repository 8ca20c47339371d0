/** A signal that follows another one `graceMs` later: what has begun may end, but not for ever. */
export function withGrace(signal: AbortSignal, graceMs: number): { readonly signal: AbortSignal; release(): void } {
  const late = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const onAbort = () => {
    timer = setTimeout(() => late.abort(signal.reason), graceMs)
  }
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  return {
    signal: late.signal,
    release() {
      signal.removeEventListener('abort', onAbort)
      clearTimeout(timer)
    },
  }
}
