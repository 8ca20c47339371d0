/** Work that goes on while its caller prepares the next. */
export interface BehindRunner {
  /** Waits for what was started before, throws what came of it, and starts `act`. */
  start(act: () => Promise<void>): Promise<void>
  /** Waits for what was started last, and throws what came of it. */
  end(): Promise<void>
  /** Waits for what was started last, whatever comes of it. */
  settle(): Promise<void>
}

/** One thing at a time; after a failure nothing is started any more. */
export function runBehind(): BehindRunner {
  let running = Promise.resolve()
  const settle = () => running.catch(() => {})
  return {
    async start(act) {
      await running
      running = act()
      // Whoever waits for it next learns of it.
      void settle()
    },
    end: () => running,
    settle,
  }
}
