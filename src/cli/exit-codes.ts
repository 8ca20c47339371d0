/** How a command ends; documented in docs/troubleshooting.md. */
export const ExitCode = { done: 0, failed: 1, usage: 2, partly: 3, different: 4 } as const

/** A command line that cannot be meant; the message says what was expected. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UsageError'
  }
}

/** Of what a signal stops, as shells have it: 128 and the number of the signal. */
const SIGNAL_EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const
type EndSignal = keyof typeof SIGNAL_EXIT_CODES

export function exitCodeOfSignal(name: EndSignal): number {
  return SIGNAL_EXIT_CODES[name]
}

/** Why a command was stopped. */
class SignalError extends Error {
  readonly exitCode: number

  constructor(name: EndSignal) {
    super('stopped by a signal')
    this.name = 'SignalError'
    this.exitCode = SIGNAL_EXIT_CODES[name]
  }
}

/** With which code a command ends that this signal has stopped. */
export function exitCodeAfter({ reason }: AbortSignal): number {
  return reason instanceof SignalError ? reason.exitCode : SIGNAL_EXIT_CODES.SIGINT
}

/** A signal that is aborted by SIGINT, SIGTERM, or the end of the terminal; the next one ends the process at once. */
export function untilSignal(): { readonly signal: AbortSignal; release(): void } {
  const stop = new AbortController()
  const names: EndSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP']
  const onSignal = (name: EndSignal) => {
    if (stop.signal.aborted) {
      // Behind a bar that shows progress, and the ^C of the terminal.
      process.stderr.write('\nended at once by a second signal; what is stored stays\n')
      process.exit(SIGNAL_EXIT_CODES[name])
    }
    stop.abort(new SignalError(name))
  }
  for (const name of names) process.on(name, onSignal)
  return {
    signal: stop.signal,
    release() {
      for (const name of names) process.off(name, onSignal)
    },
  }
}
