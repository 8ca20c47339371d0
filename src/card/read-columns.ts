import { outOfRange } from '../model/at.ts'
import type { RowRequest } from '../model/device.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../model/time-window.ts'
import type { CardLog } from './card-log.ts'
import { formatNumber } from './format-number.ts'
import { emptyRecord, isComplete, type RecordBuffer } from './log-record.ts'
import type { RecordSpan } from './measure.ts'
import { chooseLog } from './open-card.ts'

export interface CardLogs {
  readonly current: CardLog | undefined
  readonly history: CardLog | undefined
}

/**
 * The first rows of a request, by column; NaN where the device was not logging or the record is damaged, infinite where
 * a sum of the record is no number.
 */
export interface ColumnBatch {
  readonly fromMs: number
  readonly untilMs: number
  readonly stepMs: number
  readonly columns: readonly Float64Array<ArrayBuffer>[]
  /** The starts of the rows that a damaged record spoils. */
  readonly damagedMs: readonly number[]
}

const MAX_ROWS = 28 * 1440
/** Records that follow each other are read together, single ones alone. */
const AHEAD = { minute: 1024, hour: 1, day: 1, window: 1 } as const
/** A device that was kept from writing puts the hours of some minutes into one record. */
const MAX_LATE_HOURS = 0.25

/** A column that is asked for: how the value of a span is computed, and with how many decimals it is printed. */
export interface MeasuredColumn {
  readonly measure: (span: RecordSpan) => number
  readonly decimals: number
  /** The channels that it depends on. */
  readonly channels: readonly number[]
}

export async function readColumns(
  logs: CardLogs,
  { window, step }: Pick<RowRequest, 'window' | 'step'>,
  measured: readonly MeasuredColumn[],
): Promise<ColumnBatch> {
  const { fromMs } = window
  const stepMs = { minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS, window: window.untilMs - fromMs }[step]
  const untilMs = Math.min(window.untilMs, fromMs + MAX_ROWS * stepMs)
  const rowCount = Math.ceil((untilMs - fromMs) / stepMs)
  const columns = measured.map(() => new Float64Array(rowCount).fill(NaN))
  const damagedMs: number[] = []
  let [from, until] = [emptyRecord(0), emptyRecord(0)]
  const ahead = AHEAD[step]
  let isFromSound = await readRecord(logs, { keyS: fromMs / 1000, ahead }, from)
  let isFromComplete = isComplete(from)
  for (let row = 0; row < rowCount; row++) {
    const atMs = fromMs + row * stepMs
    const keyS = Math.min(atMs + stepMs, untilMs) / 1000
    const isUntilSound = readNextRecord(logs, keyS, until) || (await readRecord(logs, { keyS, ahead }, until))
    const isUntilComplete = isComplete(until)
    const span = { from, until }
    if (!isFromSound || !isUntilSound || !isLikely(span)) damagedMs.push(atMs)
    else if (until.logHours !== from.logHours)
      measureInto(columns, row, { measured, span, isSpanComplete: isFromComplete && isUntilComplete })
    ;[from, until, isFromSound, isFromComplete] = [until, from, isUntilSound, isUntilComplete]
  }
  return { fromMs, untilMs, stepMs, columns, damagedMs }
}

function measureInto(
  columns: readonly Float64Array[],
  row: number,
  {
    measured,
    span,
    isSpanComplete,
  }: { measured: readonly MeasuredColumn[]; span: RecordSpan; isSpanComplete: boolean },
): void {
  for (let index = 0; index < columns.length; index++) {
    const column = columns[index] ?? outOfRange(columns, index)
    const source = measured[index] ?? outOfRange(measured, index)
    const isUsable = isSpanComplete || source.channels.every((channel) => isMeasured(span, channel))
    column[row] = isUsable ? roundAsPrinted(source.measure(span), source.decimals) : Infinity
  }
}

function isMeasured({ from, until }: RecordSpan, channel: number): boolean {
  return [from.sum1, from.sum2, until.sum1, until.sum2].every((sums) => Number.isFinite(sums[channel] ?? 0))
}

/** The log that the device reads; while its history log is not complete the other one has what is missing. */
function logFor({ current, history }: CardLogs, keyS: number): CardLog | undefined {
  const chosen = current === undefined ? history : chooseLog({ current, history }, keyS)
  const isBeforeHistory = chosen === history && history !== undefined && keyS < history.firstKeyS
  return isBeforeHistory && current !== undefined && keyS >= current.firstKeyS ? current : chosen
}

function readNextRecord(logs: CardLogs, keyS: number, record: RecordBuffer): boolean {
  return logFor(logs, keyS)?.readNext(keyS, record) ?? false
}

/** Every minute of the last months is in both logs: where it is damaged in one, the other has it. */
async function readRecord(
  logs: CardLogs,
  { keyS, ahead }: { keyS: number; ahead: number },
  record: RecordBuffer,
): Promise<boolean> {
  const log = logFor(logs, keyS)
  if (log === undefined) return false
  if (await log.read(keyS, record, { ahead })) return true
  const other = log === logs.history ? logs.current : undefined
  return other !== undefined && (await other.has(keyS)) && other.read(keyS, record, { ahead: 1 })
}

/** The hours that a device has logged grow, and hardly faster than time itself. */
function isLikely({ from, until }: RecordSpan): boolean {
  const hours = until.logHours - from.logHours
  return hours >= 0 && hours <= (until.keyS - from.keyS) / 3600 + MAX_LATE_HOURS
}

const SCALES = Array.from({ length: 10 }, (_, decimals) => 10 ** decimals)
/** Below it the product is off by less than `NEAR`, and no text is longer than the device's buffer. */
const MAX_SCALED = 1e11
const NEAR = 1e-4

/** The number that the device's text says, without the text; `-0` becomes 0, and infinity stays what it is. */
export function roundAsPrinted(value: number, decimals: number): number {
  const scale = SCALES[decimals] ?? outOfRange(SCALES, decimals)
  const scaled = value * scale
  const nearest = Math.round(scaled)
  // Both are exact integers, so the division rounds as reading the text would.
  if (Math.abs(scaled) < MAX_SCALED && Math.abs(scaled - nearest) < 0.5 - NEAR) return nearest / scale + 0
  if (!Number.isFinite(value)) return value
  return Number(formatNumber(value, decimals)) + 0
}
