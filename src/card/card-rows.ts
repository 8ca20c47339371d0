import type { Row, RowPage, RowRequest } from '../model/device.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../model/time-window.ts'
import type { CardLog } from './card-log.ts'
import { emptyRecord, type RecordBuffer } from './log-record.ts'
import type { RecordSpan } from './measure.ts'
import { chooseLog } from './read-logs.ts'

export interface CardLogs {
  readonly current: CardLog | undefined
  readonly history: CardLog | undefined
}

export interface CardRows extends RowPage {
  /** Rows that are null because a record at one of their ends is damaged. */
  readonly damaged: readonly Row[]
}

const MAX_ROWS = 7 * 1440
/** Records that follow each other are read together, single ones alone. */
const AHEAD = { minute: 1024, hour: 1, day: 1, whole: 1 } as const
/** A device that was kept from writing puts the hours of some minutes into one record. */
const MAX_LATE_HOURS = 0.25

/** The first page of the request: `measures` are the columns, each the value of a span. */
export async function readCardRows(
  logs: CardLogs,
  { window, step }: Omit<RowRequest, 'columns'>,
  measures: readonly ((span: RecordSpan) => number)[],
): Promise<CardRows> {
  const stepMs = { minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS, whole: window.untilMs - window.fromMs }[step]
  const endMs = Math.min(window.untilMs, window.fromMs + MAX_ROWS * stepMs)
  const nothing = measures.map(() => null)
  const rows: Row[] = []
  const damaged: Row[] = []
  let from = emptyRecord(0)
  let until = emptyRecord(0)
  let isFromSound = await readRecord(logs, window.fromMs / 1000, from, AHEAD[step])
  for (let atMs = window.fromMs; atMs < endMs; atMs += stepMs) {
    const untilS = Math.min(atMs + stepMs, window.untilMs) / 1000
    const isUntilSound = readNextRecord(logs, untilS, until) ?? (await readRecord(logs, untilS, until, AHEAD[step]))
    const span = { from, until }
    const isSound = isFromSound && isUntilSound && isLikely(span)
    const isLogged = isSound && until.logHours !== from.logHours
    const row = { atMs, values: isLogged ? measures.map((measure) => measure(span)) : nothing }
    rows.push(row)
    if (!isSound) damaged.push(row)
    ;[from, until, isFromSound] = [until, from, isUntilSound]
  }
  return { rows, untilMs: endMs, damaged }
}

/** The log that the device reads; while its history is not complete the other one has what lacks. */
function logFor({ current, history }: CardLogs, keyS: number): CardLog | undefined {
  const chosen = current === undefined ? history : chooseLog({ current, history }, keyS)
  const isBeforeHistory = chosen === history && history !== undefined && keyS < history.firstKeyS
  return isBeforeHistory && current !== undefined && keyS >= current.firstKeyS ? current : chosen
}

function readNextRecord(logs: CardLogs, keyS: number, record: RecordBuffer): boolean | undefined {
  const isSound = logFor(logs, keyS)?.readNext(keyS, record)
  return isSound === true ? true : undefined
}

/** Every minute of the last months is in both logs: where it is damaged in one, the other has it. */
async function readRecord(logs: CardLogs, keyS: number, record: RecordBuffer, ahead: number): Promise<boolean> {
  const log = logFor(logs, keyS)
  if (log === undefined) return false
  if (await log.read(keyS, record, { ahead })) return true
  const other = log === logs.history ? logs.current : undefined
  return other !== undefined && (await other.has(keyS)) && other.read(keyS, record, { ahead: 1 })
}

/** The hours that a device has logged grow, and hardly faster than time passes. */
function isLikely({ from, until }: RecordSpan): boolean {
  const hours = until.logHours - from.logHours
  return hours >= 0 && hours <= (until.keyS - from.keyS) / 3600 + MAX_LATE_HOURS
}
