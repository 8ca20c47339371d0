import type { Unit } from './channel.ts'
import type { TimeWindow } from './time-window.ts'

/** The kinds of devices, as the configuration names them; the `source` label of their series. */
export const DEVICE_TYPES = ['iotawatt'] as const
export type DeviceType = (typeof DEVICE_TYPES)[number]

/** One measured input or output of a device, as the device lists it. */
export interface DeviceChannel {
  readonly name: string
  /** One of `UNIT_NAMES`, or what the device calls a unit that is not among them. */
  readonly unit: string
  /** `unknown`: the device does not tell inputs from outputs to this user. */
  readonly kind: 'input' | 'output' | 'unknown'
  /** Why it cannot be asked for. */
  readonly problem?: string
}

/** What a device says of itself and of its log; times in Unix ms. */
export interface DeviceStatus {
  /** The device's own name: for people, never for identity. */
  readonly name: string
  readonly version: string
  readonly startedAtMs: number
  readonly clockMs: number
  /** The oldest record of its logs. */
  readonly firstMs: number
  /** The newest record: a minute is closed once its end is at or before this. */
  readonly newestMs: number
  /** The network address of its own radio, such as `aa:bb:cc:dd:ee:ff`; left out where it does not tell. */
  readonly mac?: string
  /** What its standard time is ahead of UTC, as it is set up; left out where it does not tell. */
  readonly standardOffsetMs?: number
  /** A card: its log has ended as it should, and its clock is the one here. */
  readonly isCard?: boolean
}

/** A column of a question: a channel's name on the device, in a unit, with so many decimals. */
export interface Column {
  readonly name: string
  readonly unit: Unit
  readonly decimals: number
}

export interface RowRequest {
  readonly columns: readonly Column[]
  readonly window: TimeWindow
  /** What one row covers: a minute, an hour or 24 counted from the start of the window, or the complete window. */
  readonly step: 'minute' | 'hour' | 'day' | 'window'
}

/** In a row: null beside numbers, which cannot be used. */
export const NO_VALUE = -Infinity

/**
 * One line of an answer: one value per column, or null in all of them where the device was not logging. NaN is a value that
 * cannot be used, as what the device printed is no number; so is `NO_VALUE`.
 */
export interface Row {
  readonly atMs: number
  readonly values: readonly (number | null)[]
}

/** Rows of the window from its start to `untilMs`, without a gap between them; ask on from there. */
export interface RowBatch {
  readonly rows: readonly Row[]
  readonly untilMs: number
}

/** What asking costs a device that does not measure while it answers. */
export interface DeviceCost {
  /** For how long our questions have kept it busy since it was opened. */
  busyMs(): number
  /** The share of the time, above 0, at most 1, that questions may take; the rest is waited for. */
  maxLoad(): number
  /** Sets that share; undefined: as it was configured. */
  limitLoad(share?: number): void
  /** How many rows it will be asked for at once, when each of them takes so long. */
  batchRows(rowMs: number): number
}

/**
 * The minutes of a window from its start to `untilMs`: by column, a value each, NaN where the device was not logging,
 * or infinite where the value cannot be used.
 */
export interface MinuteBatch {
  readonly fromMs: number
  readonly untilMs: number
  readonly columns: readonly Float64Array<ArrayBuffer>[]
}

/** What a device measures at this moment. */
export interface LiveReading {
  /** When it answered, by our clock. */
  readonly atMs: number
  /** For how long that kept it busy. */
  readonly tookMs: number
  /** By the name of the channel; undefined where it is not in watts, or has no number. */
  readonly watts: ReadonlyMap<string, number | undefined>
}

/** An energy monitor, or the card of one. Every method throws `DeviceError`, or the reason of an aborted signal. */
export interface Device {
  readonly name: string
  /** Left out: asking costs nothing. */
  readonly cost?: DeviceCost
  /** Waits until both logs are open; does not answer with half of them. */
  status(signal: AbortSignal): Promise<DeviceStatus>
  listChannels(signal: AbortSignal): Promise<readonly DeviceChannel[]>
  /** The first batch of the window; how long a batch is, and the pause before it, is the device's own affair. */
  fetchRows(request: RowRequest, signal: AbortSignal): Promise<RowBatch>
  /** The same as `fetchRows` by the minute, of a device that is so quick that an object for each row would hold it up. */
  fetchMinutes?(request: Omit<RowRequest, 'step'>, signal: AbortSignal): Promise<MinuteBatch>
  /**
   * Asks once what it measures at this moment. Undefined: not now, as it answers another question, or has been asked for
   * as much as it should. Left out: it measures nothing.
   */
  readLive?(signal: AbortSignal): Promise<LiveReading | undefined>
  /** A text that changes when the device's configuration (names, formulas) changes; undefined where it may not be read. */
  configFingerprint(signal: AbortSignal): Promise<string | undefined>
  close(): Promise<void>
}

export type DeviceErrorReason =
  /** No connection: off, wrong address, refused, reset. */
  | 'unreachable'
  | 'timeout'
  /** Wrong or missing user or password, or a user without permission. */
  | 'unauthorized'
  /** The device refused the question (4xx); asking again will not help. */
  | 'rejected'
  | 'unknown-channel'
  /** An answer that is cut, malformed, off its grid, too long or outside its window. */
  | 'bad-answer'
  /** It restarted while it answered, or its logs were not open: nothing of the batch may be used. */
  | 'restarted'
  /** Its log claims to be ahead of every clock. */
  | 'clock'

/** A question to a device that has no usable answer. `hint` is what to do next, in one sentence. */
export class DeviceError extends Error {
  readonly reason: DeviceErrorReason
  readonly hint: string | undefined
  /** With `unknown-channel`: which. */
  readonly channel: string | undefined

  constructor(
    reason: DeviceErrorReason,
    message: string,
    options: { hint?: string; channel?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = 'DeviceError'
    this.reason = reason
    this.hint = options.hint
    this.channel = options.channel
  }
}
