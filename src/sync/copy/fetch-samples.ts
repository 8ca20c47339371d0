import type { MinuteBatch } from '../../model/device.ts'
import { type NewSamples, sampleCount } from '../../model/series.ts'
import { minuteCount, type TimeWindow, MINUTE_MS } from '../../model/time-window.ts'
import type { Session } from '../session/session.ts'
import type { Missing } from './find-missing.ts'
import { targetsIn } from './find-readable-runs.ts'
import { fetchMinutes } from './read-rows.ts'
import { noteUnusable, isAbsurd, type UnusableCells } from './unusable-cells.ts'
import { at, outOfRange } from '../../model/at.ts'
import type { MinuteMap } from '../../model/minute-map.ts'
import type { Target } from '../session/target.ts'

export interface BatchReport {
  readonly fromMs: number
  /** Where to go on. */
  readonly untilMs: number
  readonly rowCount: number
  readonly sampleCount: number
  /** In which at least one of the samples lies. */
  readonly minuteCount: number
  /** Rows in which the device has nothing that can be used. */
  readonly nullCount: number
  /** Whether the device had not been logging for long when it ended. */
  readonly endsInOutage: boolean
}

/** Device → rows → samples: one batch of rows of the window, and of them what is missing in the store. */
export async function fetchSamples(
  session: Session,
  { window, missing }: { window: TimeWindow; missing: Missing },
  signal: AbortSignal,
): Promise<{ samples: readonly NewSamples[]; batch: BatchReport }> {
  const targets = targetsIn(missing, window)
  const minutes = await fetchMinutes(session.device, { targets, window }, signal)
  const rows = { nullCount: countEmptyRows(minutes, targets), endsInOutage: endsInOutage(minutes) }
  const { samples, unusable } = rowsToSamples(minutes, targets, missing)
  for (const cells of unusable) noteUnusable(session, cells)
  const batch = {
    fromMs: minutes.fromMs,
    untilMs: minutes.untilMs,
    rowCount: minuteCount(minutes),
    sampleCount: sampleCount(samples),
    minuteCount: countMinutes(samples),
    ...rows,
  }
  return { samples, batch }
}

/**
 * The samples of the minutes that are missing in the store, a series per target that has some; `targets` are in the order
 * of the columns. NaN is no sample. The columns are used up: what is left out is taken out of them.
 */
export function rowsToSamples(
  batch: MinuteBatch,
  targets: readonly Target[],
  missing: Missing,
): { samples: readonly NewSamples[]; unusable: readonly UnusableCells[] } {
  const samples: NewSamples[] = []
  const unusable: UnusableCells[] = []
  const scratch = new Float64Array(minuteCount(batch))
  let timestampsMs = new Float64Array()
  for (const [index, target] of targets.entries()) {
    const [column, gaps] = [at(batch.columns, index), missing.get(target)]
    if (!gaps) continue
    const taken = takeColumn(column, target, { gaps, fromMs: batch.fromMs, scratch })
    // Channels of a device have the same minutes: one list serves them all.
    if (!isSame(timestampsMs, taken.timestampsMs)) timestampsMs = taken.timestampsMs.slice()
    if (taken.values.length > 0) samples.push({ labels: target.labels, timestampsMs, values: taken.values })
    if (taken.unusableMs.length > 0) unusable.push({ target, timesMs: taken.unusableMs, value: taken.firstUnusable })
  }
  return { samples, unusable }
}

function takeColumn(
  column: Float64Array<ArrayBuffer>,
  { maxValue }: Target,
  { gaps, fromMs, scratch }: { gaps: MinuteMap; fromMs: number; scratch: Float64Array },
) {
  let count = 0
  const unusableMs: number[] = []
  let firstUnusable = NaN
  const first = (fromMs - gaps.window.fromMs) / MINUTE_MS
  for (let index = 0; index < column.length; index++) {
    const value = column[index] ?? outOfRange(column, index)
    const isMissing = (gaps.flags[first + index] ?? outOfRange(gaps.flags, first + index)) === 1
    if (Number.isNaN(value) || !isMissing) continue
    const atMs = fromMs + index * MINUTE_MS
    if (isAbsurd(value, maxValue)) {
      if (unusableMs.length === 0) firstUnusable = value
      unusableMs.push(atMs)
    } else {
      scratch[count] = atMs
      column[count++] = value
    }
  }
  /** The times are overwritten by the next column. */
  return { timestampsMs: scratch.subarray(0, count), values: column.subarray(0, count), unusableMs, firstUnusable }
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}

function countMinutes(samples: readonly NewSamples[]): number {
  // Channels of a device mostly share one list.
  const lists = new Set(samples.map(({ timestampsMs }) => timestampsMs))
  const [only] = lists
  if (lists.size === 1 && only) return only.length
  return new Set([...lists].flatMap((list) => [...list])).size
}

/** Minutes in which the device has nothing that can be used; `targets` are in the order of the columns. */
function countEmptyRows({ columns }: MinuteBatch, targets: readonly Target[]): number {
  const isUsable = (column: Float64Array, row: number, { maxValue }: Target) => {
    const value = column[row] ?? outOfRange(column, row)
    return !Number.isNaN(value) && !isAbsurd(value, maxValue)
  }
  let count = 0
  for (let row = 0; row < (columns[0]?.length ?? 0); row++)
    if (!columns.some((column, index) => isUsable(column, row, targets[index] ?? outOfRange(targets, index)))) count++
  return count
}

const LONG_MINUTES = 120

function endsInOutage({ columns: [column = new Float64Array()] }: MinuteBatch): boolean {
  return column.length >= LONG_MINUTES && column.subarray(-LONG_MINUTES).every(Number.isNaN)
}
