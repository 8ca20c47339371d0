export interface RunningServer {
  readonly url: string
  readonly pid: number
  /** Ends it cleanly; nothing acknowledged is lost. */
  stop(): Promise<void>
  /** kill -9. */
  kill(): Promise<void>
}

/** The path of a victoria-metrics binary; undefined, with the reason given to `log`, where there is none. */
export function findVictoriaMetrics(options?: { log?: (line: string) => void }): Promise<string | undefined>

/** Starts a server on 127.0.0.1; without `folder` its data go with it, so kill() then loses them all. */
export function startVictoriaMetrics(options: {
  binary: string
  folder?: string
  port?: number
  args?: readonly string[]
}): Promise<RunningServer>

/** A port of 127.0.0.1 that no connection takes by chance. */
export function freePort(): Promise<number>
