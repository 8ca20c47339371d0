/** Why work was ended that could have gone on. */
export class StoppedError extends Error {
  readonly hint = 'run the command again: it goes on from there'
}

/** The message of whatever was thrown, and what to do next where it is known. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (hasCode(error, 'ERR_MODULE_NOT_FOUND') && error.message.includes('/dist/'))
    return 'files of this program were replaced or removed while it ran, as by an upgrade\n  restart it; where it is the daemon, restart the daemon'
  if (hasCode(error, 'EMFILE') || hasCode(error, 'ENFILE'))
    return `${error.message}\n  this process may have no more files and connections open: raise the limit (ulimit -n, or LimitNOFILE= of the service)`
  const hint = 'hint' in error && typeof error.hint === 'string' ? `\n  ${error.hint}` : ''
  return `${error.message}${hint}`
}

/** Whether the system gave this code for it, such as `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
