/** How a command ends; documented in docs/configuration.md. */
export const ExitCode = { done: 0, failed: 1, usage: 2, partly: 3, different: 4 } as const

/** A command line that cannot be meant; the message says what was expected. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UsageError'
  }
}
