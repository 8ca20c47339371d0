/** How copying a device goes; times in Unix ms. */
export interface DeviceHealth {
  readonly name: string
  readonly state: 'starting' | 'ok' | 'failing'
  readonly lastPass?: {
    readonly endedAtMs: number
    readonly durationMs: number
    readonly rowCount: number
    readonly sampleCount: number
    readonly lagMs: number
    readonly storedUntilMs: number
  }
  /** The present failure, in words for people, and when it began. */
  readonly failure?: { readonly message: string; readonly sinceMs: number }
  /** Loading what is missing before the tail. */
  readonly history: {
    readonly state: 'waiting' | 'loading' | 'done'
    readonly doneMinutes: number
    readonly totalMinutes: number
  }
}

export interface CollectorStatus {
  readonly startedAtMs: number
  readonly storeName: string
  readonly devices: readonly DeviceHealth[]
}

/** The running daemon, as others see it. */
export interface Collector {
  status(): CollectorStatus
}

/** A command that is carried out by the daemon because it holds the devices and the store. */
export interface CommandRequest {
  readonly command: string
  readonly options: Readonly<Record<string, unknown>>
}

/** Where a command writes: its answer, and what happens on the way. */
export interface CommandOutput {
  print(line: string): void
  log(level: 'info' | 'warn' | 'error', message: string): void
}
