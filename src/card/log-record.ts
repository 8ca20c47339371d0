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
export function emptyRecord(keyS: number): LogRecord {
  return { keyS, logHours: 0, sum1: new Float64Array(CHANNEL_COUNT), sum2: new Float64Array(CHANNEL_COUNT) }
}

export function decodeRecord(bytes: DataView): LogRecord {
  const sum1 = new Float64Array(CHANNEL_COUNT)
  const sum2 = new Float64Array(CHANNEL_COUNT)
  for (let channel = 0; channel < CHANNEL_COUNT; channel++) {
    sum1[channel] = bytes.getFloat64(SUM1_AT + 8 * channel, true)
    sum2[channel] = bytes.getFloat64(SUM2_AT + 8 * channel, true)
  }
  return { keyS: bytes.getUint32(0, true), logHours: bytes.getFloat64(LOG_HOURS_AT, true), sum1, sum2 }
}

export function encodeRecord(record: LogRecord, serial: number): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(RECORD_BYTES))
  bytes.setUint32(0, record.keyS, true)
  bytes.setInt32(4, serial, true)
  bytes.setFloat64(LOG_HOURS_AT, record.logHours, true)
  for (let channel = 0; channel < CHANNEL_COUNT; channel++) {
    bytes.setFloat64(SUM1_AT + 8 * channel, record.sum1[channel] ?? 0, true)
    bytes.setFloat64(SUM2_AT + 8 * channel, record.sum2[channel] ?? 0, true)
  }
  return new Uint8Array(bytes.buffer)
}
