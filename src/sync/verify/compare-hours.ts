import { at, outOfRange } from '../../model/at.ts'
import { MinuteState } from '../../model/series.ts'
import { HOUR_MS, MINUTE_MS, minuteCount, type TimeWindow } from '../../model/time-window.ts'
import { readRows } from '../copy/read-rows.ts'
import type { Target } from '../session/target.ts'
import type { Comparison } from './compare-minutes.ts'
import { createFindings, type Findings } from './findings.ts'
import { decimalsOf, halfUnit } from './stored-decimals.ts'
import { readStoredMinutes, type StoredMinutes } from './stored-minutes.ts'
import { isLinear, type Verification } from './verification.ts'

/** Asked for so that the rounding of a mean itself does not matter. */
const MEAN_DECIMALS = 6
const MEAN_NOISE = 1e-5

export interface ComparedHours {
  readonly findings: Findings
  /** Hours in which a value differs, or may. */
  readonly suspects: readonly Comparison[]
}

type Verdict = 'same' | 'suspect' | 'uncompared' | 'onlyStored'

/** A row an hour instead of sixty: the mean, or sum, of the minutes that the store has against the device's own. */
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
  { target: { column, wanted }, hour }: { target: Target; hour: TimeWindow },
): Verdict {
  const values = there(minutes)
  if (values.length === 0) return 'same'
  if (hour.fromMs < wanted.fromMs || hour.untilMs > wanted.untilMs) return 'suspect'
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
