import { at, outOfRange } from '../../model/at.ts'
import { MinuteState, countSample, emptyCoverage, type SeriesSamples } from '../../model/series.ts'
import { HOUR_MS, MINUTE_MS, minuteCount, type TimeWindow, floorToMinute } from '../../model/time-window.ts'
import { readRows } from '../copy/read-rows.ts'
import { isAbsurd } from '../copy/unusable-cells.ts'
import { labelsOf, type Target, type TargetSpan } from '../session/target.ts'
import { createFindings, type Findings } from './findings.ts'
import { isLinear, type Verification, wattHoursOf } from './verification.ts'
import type { Session } from '../session/session.ts'

/** Asked for so that the rounding of a mean itself does not matter. */
const MEAN_DECIMALS = 6
const MEAN_NOISE = 1e-5

type Verdict = 'same' | 'suspect' | 'uncompared' | 'onlyStored'

/**
 * One row per hour instead of sixty: the mean, or sum, of the minutes that the store has against the device's own.
 * `suspects`: hours in which a value differs, or may.
 */
export async function compareHours(
  verification: Verification,
  window: TimeWindow,
  signal: AbortSignal,
): Promise<{ findings: Findings; suspects: readonly TargetSpan[] }> {
  const { session } = verification
  const findings = createFindings()
  const suspects: TargetSpan[] = []
  const targets = verification.targets.filter((target) => isLinear(verification, target))
  if (targets.length === 0) return { findings, suspects }
  const stored = await readStoredMinutes(session, { targets, window }, signal)
  const columns = targets.map(({ column }) => ({ ...column, decimals: MEAN_DECIMALS }))
  for (const { atMs, values } of await readRows(session.device, { columns, window, step: 'hour' }, signal)) {
    const hour = { fromMs: atMs, untilMs: Math.min(window.untilMs, atMs + HOUR_MS) }
    const first = (atMs - window.fromMs) / MINUTE_MS
    const differing = targets.filter((target, index) => {
      const minutes = partOf(at(stored, index), first, first + minuteCount(hour))
      const verdict = judge(minutes, at(values, index), { target, hour })
      if (verdict === 'uncompared' || verdict === 'onlyStored')
        findings.add({ key: target.key, atMs, finding: verdict, minutes: there(minutes).length })
      return verdict === 'suspect'
    })
    if (differing.length > 0) suspects.push({ window: hour, targets: differing })
  }
  return { findings, suspects }
}

function judge(
  minutes: StoredMinutes,
  onDevice: number | null,
  { target: { column, expected }, hour }: { target: Target; hour: TimeWindow },
): Verdict {
  const values = there(minutes)
  if (values.length === 0) return 'same'
  if (hour.fromMs < expected.fromMs || hour.untilMs > expected.untilMs) return 'suspect'
  if (onDevice === null) return 'onlyStored'
  if (minutes.states.some((state) => state > MinuteState.there)) return 'uncompared'
  const sum = values.reduce((total, value) => total + value, 0)
  // Rounding explains what it can do to a value with as many decimals as there are; more is looked at closely.
  const mayDiffer = halfUnit(Math.max(1, ...values.map(decimalsOf))) + MEAN_NOISE
  const difference =
    column.unit === 'wh' ? Math.abs(sum - onDevice) / values.length : Math.abs(sum / values.length - onDevice)
  return difference <= mayDiffer ? 'same' : 'suspect'
}

function partOf({ states, values }: StoredMinutes, first: number, last: number): StoredMinutes {
  return { states: states.subarray(first, last), values: values.subarray(first, last) }
}

function there({ states, values }: StoredMinutes): number[] {
  return [...values].filter((_, minute) => (states[minute] ?? outOfRange(states, minute)) === MinuteState.there)
}

/** Every value that the store has against the device's. */
export async function compareMinutes(
  { session }: Verification,
  { window, targets }: TargetSpan,
  signal: AbortSignal,
): Promise<Findings> {
  const findings = createFindings()
  const stored = await readStoredMinutes(session, { targets, window }, signal)
  const columns = targets.map(({ column }) => column)
  const rows = await readRows(session.device, { columns, window, step: 'minute' }, signal)
  for (const [minute, { atMs, values }] of rows.entries())
    for (const [index, target] of targets.entries()) {
      const own = stored[index] ?? outOfRange(stored, index)
      const state = own.states[minute] ?? outOfRange(own.states, minute)
      if (state === MinuteState.missing || !isExpected(target, atMs)) continue
      const onDevice = at(values, index)
      const there = own.values[minute] ?? outOfRange(own.values, minute)
      const found = { key: target.key, atMs, minutes: 1 }
      if (onDevice === null) findings.add({ ...found, finding: 'onlyStored' })
      else if (isAbsurd(onDevice, target.maxValue)) findings.add({ ...found, finding: 'uncompared' })
      else if (state === MinuteState.there && !isSameValue(there, onDevice, target.column.decimals))
        findings.add({ ...found, finding: 'wrong', wattHours: wattHoursOf(target, Math.abs(there - onDevice)) })
    }
  return findings
}

function isExpected({ expected }: Target, atMs: number): boolean {
  return atMs >= expected.fromMs && atMs < expected.untilMs
}

/** What the store has of each minute of a window: its state, and the value of one that is there. */
interface StoredMinutes {
  readonly states: Uint8Array
  readonly values: Float64Array
}

/** In the order of the targets. */
async function readStoredMinutes(
  { store }: Session,
  { targets, window }: TargetSpan,
  signal: AbortSignal,
): Promise<StoredMinutes[]> {
  const series = await store.readSamples(labelsOf(targets), window, signal)
  return series.map((samples) => toMinutes(samples, window))
}

function toMinutes({ labels, timestampsMs, values: stored }: SeriesSamples, window: TimeWindow): StoredMinutes {
  const coverage = emptyCoverage(labels, window)
  const values = new Float64Array(coverage.minutes.length)
  timestampsMs.forEach((atMs, index) => {
    countSample(coverage, atMs)
    values[(floorToMinute(atMs) - window.fromMs) / MINUTE_MS] = stored[index] ?? outOfRange(stored, index)
  })
  return { states: coverage.minutes, values }
}

const MAX_DECIMALS = 9

/** With how many decimals a value was stored, as far as it shows; a 0 counts as 0.0. */
function decimalsOf(value: number): number {
  if (value === 0) return 1
  for (let decimals = 0; decimals < MAX_DECIMALS; decimals++)
    if (Math.abs(value - roundTo(value, decimals)) <= 1e-9 * Math.max(1, Math.abs(value))) return decimals
  return MAX_DECIMALS
}

/** How far a value that was rounded to so many decimals may be from the true one. */
function halfUnit(decimals: number): number {
  return 0.5 / 10 ** decimals
}

/**
 * Whether a stored value is what the device has, told with `decimals`: equal within half a unit of the last decimal
 * that both have.
 */
function isSameValue(stored: number, onDevice: number, decimals: number): boolean {
  const noise = 1e-9 * Math.max(1, Math.abs(onDevice))
  return Math.abs(stored - onDevice) <= halfUnit(Math.min(decimalsOf(stored), decimals)) + noise
}

function roundTo(value: number, decimals: number): number {
  return Math.round(value * 10 ** decimals) / 10 ** decimals
}
