import { outOfRange } from '../model/at.ts'

/** One record of a device's log: running sums since the log began, per channel. */
export interface LogRecord {
  /** Unix seconds. */
  readonly keyS: number
  /** Hours for which the device has ever logged. */
  readonly logHours: number
  /** Volt-hours of a voltage transformer, watt-hours of a current transformer. */
  readonly sum1: Float64Array
  /** Hertz-hours of a voltage transformer, volt-ampere-hours of a current transformer. */
  readonly sum2: Float64Array
}

export const RECORD_BYTES = 256
export const CHANNEL_COUNT = 15

const LOG_HOURS_AT = 8
const SUM1_AT = 16
const SUM2_AT = SUM1_AT + 8 * CHANNEL_COUNT

/** What the device takes for a record that it cannot read. */
export function emptyRecord(keyS: number): RecordBuffer {
  return { keyS, logHours: 0, sum1: new Float64Array(CHANNEL_COUNT), sum2: new Float64Array(CHANNEL_COUNT) }
}

/** Whether all its sums are numbers. */
export function isComplete({ sum1, sum2 }: LogRecord): boolean {
  // Any number that is none makes the sum none.
  let sum = 0
  for (let channel = 0; channel < CHANNEL_COUNT; channel++)
    sum += (sum1[channel] ?? outOfRange(sum1, channel)) + (sum2[channel] ?? outOfRange(sum2, channel))
  return Number.isFinite(sum)
}

export function decodeRecord(bytes: DataView): LogRecord {
  const record = emptyRecord(0)
  decodeInto(record, bytes, 0)
  return record
}

/** One record, filled again for each that is read. */
export type RecordBuffer = { -readonly [Part in keyof LogRecord]: LogRecord[Part] }

export function decodeInto(record: RecordBuffer, bytes: DataView, offset: number): void {
  record.keyS = readKey(bytes, offset)
  record.logHours = bytes.getFloat64(offset + LOG_HOURS_AT, true)
  for (let channel = 0; channel < CHANNEL_COUNT; channel++) {
    record.sum1[channel] = bytes.getFloat64(offset + SUM1_AT + 8 * channel, true)
    record.sum2[channel] = bytes.getFloat64(offset + SUM2_AT + 8 * channel, true)
  }
}

export function readKey(bytes: DataView, offset: number): number {
  return bytes.getUint32(offset, true)
}
