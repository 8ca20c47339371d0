import type {
  DeviceDetail as DeviceAnswer,
  DeviceState,
  Failure,
  Job,
  LoggedEvent,
  Status,
  StoreDetail,
} from '../api/daemon.ts'
import type { JobRequest } from '../api/requests.ts'
import type { LiveReading } from './device.ts'
import type { TimeWindow } from './time-window.ts'

export type { Job, JobRequest, LoggedEvent }

/** Of a device: every one says where its cause lies. */
type DeviceFailure = Failure & Required<Pick<Failure, 'of'>>
export type FailingSide = DeviceFailure['of']

/** How copying a device goes; times in Unix ms. */
export interface DeviceHealth extends Pick<DeviceState, 'name' | 'state' | 'history' | 'nextPassMs' | 'live'> {
  readonly lastPass?: NonNullable<DeviceState['lastPass']> & { readonly storedUntilMs: number }
  /** The present failure, in words for people, and when it began. */
  readonly failure?: DeviceFailure
  /** The last failure that is over. */
  readonly lastFailure?: DeviceFailure
}

/** What is known of a device beside how copying goes. */
export interface DeviceDetail
  extends DeviceHealth, Omit<DeviceAnswer, keyof DeviceState | 'lastFailure' | 'url' | 'stored'> {}

export type StoreHealth = Omit<StoreDetail, 'seriesCount'>

/** Of the backfill: all parts that were copied, one after the other. */
export type BackfillEvent = NonNullable<LoggedEvent['history']>

/** The present watts of each device that has answered of late, by the location of the channel. */
export interface LiveReadings {
  readonly intervalMs: number
  readonly devices: ReadonlyMap<string, LiveReading>
}

export type DaemonEvent =
  | ({ readonly kind: 'live' } & LiveReadings)
  | { readonly kind: 'status' }
  | { readonly kind: 'pass'; readonly device: string; readonly storedUntilMs: number }
  | ({ readonly kind: 'coverage'; readonly device: string } & TimeWindow)
  | { readonly kind: 'job'; readonly job: Job }
  | { readonly kind: 'event'; readonly event: LoggedEvent }

export interface DaemonStatus extends Pick<Status, 'shard'> {
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
  /** While somebody listens, the devices are asked for their present watts. Returns how to end it. */
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
