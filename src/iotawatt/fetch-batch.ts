import { at } from '../model/at.ts'
import { DeviceError, type DeviceErrorReason, type Row, type RowBatch, type RowRequest } from '../model/device.ts'
import { floorToMinute, formatMinute, formatWindow, MINUTE_MS, type TimeWindow } from '../model/time-window.ts'
import { ask, type TriesOptions, withTries } from './ask.ts'
import type { Connection } from './connection.ts'
import type { DeviceLoad } from './device-load.ts'
import { interruption, type LogWatch } from './log-watch.ts'
import { checkColumns, firstBatch, type BatchQuestion, batchPath, splitColumns } from './batch-question.ts'
import type { BatchSize } from './batch-size.ts'
import { readBatch, rememberRows, type SeenBefore } from './read-batch.ts'
import type { LogState } from './read-status.ts'

export interface BatchSource extends TriesOptions {
  readonly connection: Connection
  readonly watch: LogWatch
  readonly size: BatchSize
  readonly load: DeviceLoad
  readonly timeoutMs: number
}

/** The first batch of the request, between two looks at the device's logs; smaller when it has to be asked again. */
export async function fetchBatch(source: BatchSource, request: RowRequest, signal: AbortSignal): Promise<RowBatch> {
  const { connection, watch, size, load } = source
  checkColumns(request.columns, connection.name)
  checkAligned(request.window, connection)
  const before = await withTries(() => watch.recent(signal), source, signal)
  const wereSeen = rememberRows()
  const askOnce = async (): Promise<RowBatch> => {
    await load.rest(signal)
    checkLogs(connection, before, await closedState(source, request.window, signal))
    const batch = firstBatch(request, Math.min(size.rows(), mostRows(before, request)))
    try {
      const parts: RowBatch[] = []
      for (const part of splitColumns(batch))
        parts.push(await askPart(source, part, { read: (body) => readBatch(body, part, wereSeen), signal }))
      checkLogs(connection, before, await watch.read(signal))
      return joinParts(parts, connection, wereSeen)
    } catch (error) {
      // Before this is asked again, it has to be known that the device did not go down over it.
      watch.forget()
      if (error instanceof DeviceError && SHRINKS.has(error.reason)) size.shrink()
      throw error
    }
  }
  return withTries(askOnce, source, signal)
}

const SHRINKS: ReadonlySet<DeviceErrorReason> = new Set(['unreachable', 'timeout', 'bad-answer'])

/** Before it, an answer ends within a row after 100,000 bytes, with all signs of being complete. */
const UNBOUNDED_FIRMWARE = '02_05_12'
const MOST_BYTES = 100_000
const HEADER_BYTES = 4_000
/** Of such firmware, with the comma: a number is cut after 11 characters. */
const NUMBER_BYTES = 12

function mostRows({ status }: LogState, { columns }: RowRequest): number {
  if (!/^\d\d_\d\d_\d\d/.test(status.version) || status.version >= UNBOUNDED_FIRMWARE) return Infinity
  return Math.max(1, Math.floor((MOST_BYTES - HEADER_BYTES) / (14 + NUMBER_BYTES * columns.length)))
}

/** A recent look at the logs, at which all of the window was closed. */
async function closedState(
  { watch, connection }: BatchSource,
  window: TimeWindow,
  signal: AbortSignal,
): Promise<LogState> {
  const recent = await watch.recent(signal)
  const state = isClosed(window, recent) ? recent : await watch.read(signal)
  if (isClosed(window, state)) return state
  const newest = formatMinute(state.status.newestMs)
  throw new DeviceError(
    'rejected',
    `${connection.name}: asked for ${formatWindow(window)}, but its log ends at ${newest}`,
  )
}

function isClosed(window: TimeWindow, { status, logsOpen }: LogState): boolean {
  return !logsOpen || window.untilMs <= floorToMinute(status.newestMs)
}

async function askPart(
  { connection, size, timeoutMs }: BatchSource,
  batch: BatchQuestion,
  options: { read: (body: string) => RowBatch; signal: AbortSignal },
): Promise<RowBatch> {
  const question = {
    path: batchPath(batch),
    text: `/query for ${formatWindow(batch)}, ${batch.columns.length} columns`,
    timeoutMs,
    maxBytes: maxBatchBytes(batch),
    expectedMs: size.latestMs(),
  }
  const { value, tookMs } = await ask(connection, question, options)
  size.learn(batch.rowCount, tookMs)
  return value
}

const MAX_BATCH_BYTES = 4 * 1024 * 1024

/** The firmware prints a value in at most 19 characters, and a time in 10. */
function maxBatchBytes({ columns, rowCount }: BatchQuestion): number {
  const header = columns.reduce((sum, { name }) => sum + Buffer.byteLength(name) + 3, 1_000)
  return Math.min(MAX_BATCH_BYTES, header + rowCount * (20 + 20 * columns.length))
}

function checkLogs({ name, address }: Connection, before: LogState, after: LogState): void {
  const problem = interruption(before, after)
  if (problem === undefined) return
  throw new DeviceError('restarted', `${name}: GET ${address}/query: ${problem}, so the answer is not used`)
}

function checkAligned(window: TimeWindow, { name }: Connection): void {
  const { fromMs, untilMs } = window
  if (fromMs % MINUTE_MS === 0 && untilMs % MINUTE_MS === 0 && fromMs >= 1e12 && fromMs < untilMs && untilMs < 1e13)
    return
  throw new DeviceError('rejected', `${name}: asked for ${fromMs} to ${untilMs} ms, which is not a minute-aligned span`)
}

/** Rows of the same times side by side; a part that the device ended early ends the batch. */
function joinParts(parts: readonly RowBatch[], { name }: Connection, wereSeen: SeenBefore): RowBatch {
  const [first, ...others] = parts
  if (first === undefined || others.length === 0) return first ?? { rows: [], untilMs: 0 }
  const shortest = parts.reduce((a, b) => (b.untilMs < a.untilMs ? b : a))
  const rows = shortest.rows.map(({ atMs }, index) => {
    return { atMs, values: parts.flatMap((part) => at(part.rows, index).values) }
  })
  const torn = rows.filter(isTorn)
  const [firstTorn] = torn
  if (firstTorn && !wereSeen(torn.map(({ atMs }) => atMs)))
    throw new DeviceError(
      'bad-answer',
      `${name}: null in some parts of ${formatMinute(firstTorn.atMs)} and numbers in others`,
    )
  const withoutNulls = ({ atMs, values }: Row): Row => ({ atMs, values: values.map((value) => value ?? NaN) })
  return { rows: rows.map((row) => (isTorn(row) ? withoutNulls(row) : row)), untilMs: shortest.untilMs }
}

/** The parts do not agree whether the device was logging. */
function isTorn({ values }: Row): boolean {
  return values.includes(null) && values.some((value) => value !== null)
}
