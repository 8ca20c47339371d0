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

/** How far a part of a command is, for a person who watches. */
export interface Progress {
  /** Which part: its lines replace each other. */
  readonly name: string
  readonly done: number
  readonly total: number
  /** What else there is to say, e.g. `812 rows/s, 2 min left`. */
  readonly text: string
}

/** Where a command writes: its answer, and what happens on the way. */
export interface CommandOutput {
  print(line: string): void
  /** A part of an answer too long to hold, line ends included; resolves when there is room for more. */
  write(text: string): Promise<void>
  log(level: 'info' | 'warn' | 'error', message: string): void
  /** Whether a person watches on a terminal: then progress is drawn, else a command logs a line now and then. */
  readonly isWatched: boolean
  progress(progress: Progress): void
  /** `nobody`: there is no terminal to ask at. A bare Enter means `byDefault`; left out: no. */
  ask(question: string, byDefault?: 'yes' | 'no'): Promise<'yes' | 'no' | 'nobody'>
}
