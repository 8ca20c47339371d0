/** The message of whatever was thrown, and what to do next where it is known. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const hint = 'hint' in error && typeof error.hint === 'string' ? `\n  ${error.hint}` : ''
  return `${error.message}${hint}`
}
