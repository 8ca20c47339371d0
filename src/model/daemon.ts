import type { TimeWindow } from './time-window.ts'

/** Where the cause of a failure lies: `writer`: another iotawatt-sync; `identity`: the device is not the one that is meant. */
export type FailingSide = 'device' | 'store' | 'writer' | 'identity'

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
  readonly failure?: { readonly message: string; readonly sinceMs: number; readonly of: FailingSide }
  /** Loading what is missing before the tail. */
  readonly history: {
    readonly state: 'waiting' | 'loading' | 'done'
    readonly doneMinutes: number
    readonly totalMinutes: number
    readonly isPaused: boolean
    /** Loaded up to here. */
    readonly untilMs?: number
    /** How long it takes yet, at the pace so far. */
    readonly leftMs?: number
  }
  readonly nextPassMs?: number
  /** The last failure that is over. */
  readonly lastFailure?: { readonly message: string; readonly sinceMs: number; readonly of: FailingSide }
}

/** What is known of a device beside how copying goes. */
export interface DeviceDetail extends DeviceHealth {
  /** Of its firmware. */
  readonly version?: string
  readonly startedAtMs?: number
  /** How far its clock is ahead of ours. */
  readonly clockAheadMs?: number
  readonly log?: TimeWindow
  readonly load: {
    readonly allowedShare: number
    /** Of the last hour. */
    readonly share?: number
    /** Thousandths of each of its minutes, oldest first. */
    readonly minutes: readonly number[]
  }
  readonly channels: { readonly configured: number; readonly listed?: number; readonly missing: readonly string[] }
}

export interface StoreHealth {
  readonly name: string
  readonly state: 'starting' | 'ok' | 'failing'
  readonly failure?: { readonly message: string; readonly sinceMs: number }
  readonly lastFailure?: { readonly message: string; readonly sinceMs: number }
  readonly startedAtMs?: number
  readonly clockAheadMs?: number
  readonly retainsFromMs?: number
  /** Medians of the last. */
  readonly writeMs?: number
  readonly readMs?: number
}

/** Something to do with a device that somebody asked for. */
export type JobRequest =
  | { readonly kind: 'repair'; readonly device: string; readonly fromMs: number; readonly untilMs: number }
  | { readonly kind: 'check'; readonly device: string }

export interface Job {
  readonly id: string
  readonly kind: JobRequest['kind']
  readonly device: string
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'stopped'
  readonly startedAtMs: number
  readonly endedAtMs?: number
  readonly fromMs?: number
  readonly untilMs?: number
  /** Stored and confirmed, or looked at. */
  readonly doneMinutes: number
  readonly totalMinutes: number
  readonly confirmedUntilMs?: number
  /** How it ended; empty while it runs. */
  readonly text: string
}

/** A line for people of what has happened. */
export interface LoggedEvent {
  readonly id: number
  readonly atMs: number
  /** A device, `store` or `daemon`. */
  readonly of: string
  readonly level: 'info' | 'warn' | 'error'
  readonly text: string
  /** Of the backfill: all parts that were copied, one after the other. */
  readonly history?: BackfillEvent
}

export interface BackfillEvent extends TimeWindow {
  readonly rowCount: number
  readonly sampleCount: number
}

export type DaemonEvent =
  | { readonly kind: 'status' }
  | { readonly kind: 'pass'; readonly device: string; readonly storedUntilMs: number }
  | ({ readonly kind: 'coverage'; readonly device: string } & TimeWindow)
  | { readonly kind: 'job'; readonly job: Job }
  | { readonly kind: 'event'; readonly event: LoggedEvent }

export interface DaemonStatus {
  readonly startedAtMs: number
  readonly storeName: string
  readonly devices: readonly DeviceHealth[]
}

/** The running daemon, as others see it. */
export interface Daemon {
  status(): DaemonStatus
  store(): StoreHealth
  details(): readonly DeviceDetail[]
  /** Until the daemon ends. @throws DaemonError */
  pauseBackfill(device: string, isPaused: boolean): void
  /** Newest first. */
  jobs(): readonly Job[]
  /** @throws DaemonError */
  startJob(request: JobRequest): Job
  /** @throws DaemonError */
  stopJob(id: string): Job
  /** Newest first. */
  recentEvents(limit: number): readonly LoggedEvent[]
  /** Returns how to end it. */
  listen(listener: (event: DaemonEvent) => void): () => void
}

/** What was asked of the daemon that it cannot do. */
export class DaemonError extends Error {
  readonly reason: 'unknown' | 'busy'

  constructor(reason: DaemonError['reason'], message: string) {
    super(message)
    this.name = 'DaemonError'
    this.reason = reason
  }
}

/** A command that the daemon executes because it holds the devices and the store. */
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
  /** How long it takes yet, where that is known. */
  readonly leftMs?: number
}

/** Where a command writes: its answer, and what happens on the way. */
export interface CommandOutput {
  print(line: string): void
  /** A part of an answer too long to hold, line ends included; resolves when there is space for more. */
  write(text: string): Promise<void>
  log(level: 'info' | 'warn' | 'error', message: string): void
  /** Whether a person watches on a terminal: then progress is drawn, else a command logs a line now and then. */
  readonly isWatched: boolean
  progress(progress: Progress): void
  /** `nobody`: there is no terminal to ask at. A bare Enter means `byDefault`; left out: no. */
  ask(question: string, byDefault?: 'yes' | 'no'): Promise<'yes' | 'no' | 'nobody'>
}
