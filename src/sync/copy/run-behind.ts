/** Work that goes on while its caller prepares the next; one thing at a time, and nothing after a failure. */
export function runBehind() {
  let running = Promise.resolve()
  /** Waits for what was started last, whatever comes of it. */
  const flush = () => running.catch(() => {})
  return {
    /** Waits for what was started before, throws what came of it, and starts `act`. */
    async start(act: () => Promise<void>): Promise<void> {
      await running
      running = act()
      // Whoever waits for it next learns of it.
      void flush()
    },
    /** Waits for what was started last, and throws what came of it. */
    end: () => running,
    flush,
  }
}
