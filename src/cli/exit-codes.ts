/** How a command ends; documented in docs/configuration.md. */
export const ExitCode = { done: 0, failed: 1, usage: 2, partly: 3, different: 4 } as const
