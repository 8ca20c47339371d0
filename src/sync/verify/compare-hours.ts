import { at, outOfRange } from '../../model/at.ts'
import { MinuteState } from '../../model/series.ts'
import { HOUR_MS, MINUTE_MS, minuteCount, type TimeWindow } from '../../model/time-window.ts'
import { readRows } from '../copy/read-rows.ts'
import { isAbsurd } from '../copy/unusable-cells.ts'
import type { Target } from '../session/target.ts'
import { createFindings, type Findings } from './findings.ts'
import { decimalsOf, halfUnit, isSameValue, readStoredMinutes, type StoredMinutes } from './stored-minutes.ts'
import { isLinear, type Verification, wattHoursOf } from './verification.ts'

/** Asked for so that the rounding of a mean itself does not matter. */
const MEAN_DECIMALS = 6
const MEAN_NOISE = 1e-5

export interface ComparedHours {
  readonly findings: Findings
  /** Hours in which a value differs, or may. */
  readonly suspects: readonly Comparison[]
}

type Verdict = 'same' | 'suspect' | 'uncompared' | 'onlyStored'

/** One row per hour instead of sixty: the mean, or sum, of the minutes that the store has against the device's own. */
export async function compareHours(
  verification: Verification,
  window: TimeWindow,
  signal: AbortSignal,
): Promise<ComparedHours> {
  const { session } = verification
  const findings = createFindings()
  const suspects: Comparison[] = []
  const targets = verification.targets.filter((target) => isLinear(verification, target))
  if (targets.length === 0) return { findings, suspects }
  const stored = await readStoredMinutes(session, { targets, window }, signal)
  const columns = targets.map(({ column }) => ({ ...column, decimals: MEAN_DECIMALS }))
  for (const { atMs, values } of await readRows(session.device, { columns, window, step: 'hour' }, signal)) {
    const hour = { fromMs: atMs, untilMs: Math.min(window.untilMs, atMs + HOUR_MS) }
    const first = (atMs - window.fromMs) / MINUTE_MS
    const differing = targets.filter((target, index) => {
      const minutes = partOf(stored[index], first, first + minuteCount(hour))
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

function partOf(minutes: StoredMinutes | undefined, first: number, last: number): StoredMinutes {
  if (!minutes) throw new RangeError('a store answered for fewer series than it was asked for')
  return { states: minutes.states.subarray(first, last), values: minutes.values.subarray(first, last) }
}

function there({ states, values }: StoredMinutes): number[] {
  return [...values].filter((_, minute) => (states[minute] ?? outOfRange(states, minute)) === MinuteState.there)
}

/** A span and those whose values are to be compared in it. */
export interface Comparison {
  readonly window: TimeWindow
  readonly targets: readonly Target[]
}

/** Every value that the store has against the device's. */
export async function compareMinutes(
  { session }: Verification,
  { window, targets }: Comparison,
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
