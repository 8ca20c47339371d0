/** 128 and the number of the signal, as shells have it. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const
type EndSignal = keyof typeof EXIT_CODES

/** The exit code of what a signal has stopped. */
export function exitCodeOfSignal(name: EndSignal): number {
  return EXIT_CODES[name]
}

/** Why a command was stopped. */
export class SignalError extends Error {
  readonly exitCode: number

  constructor(name: EndSignal) {
    super('stopped by a signal')
    this.name = 'SignalError'
    this.exitCode = exitCodeOfSignal(name)
  }
}

/** With which code a command ends that this signal has stopped. */
export function exitCodeAfter({ reason }: AbortSignal): number {
  return reason instanceof SignalError ? reason.exitCode : EXIT_CODES.SIGINT
}

/** A signal that is aborted by SIGINT, SIGTERM, or the end of the terminal; the next one ends the process at once. */
export function untilSignal(): { readonly signal: AbortSignal; release(): void } {
  const stop = new AbortController()
  const names: EndSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP']
  const onSignal = (name: EndSignal) => {
    if (stop.signal.aborted) {
      // Behind a bar that shows progress, and the ^C of the terminal.
      process.stderr.write('\nended at once by a second signal; what is stored stays\n')
      process.exit(exitCodeOfSignal(name))
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
