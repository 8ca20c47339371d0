import { at, outOfRange } from '../../model/at.ts'
import { MinuteState } from '../../model/series.ts'
import type { TimeWindow } from '../../model/time-window.ts'
import { readRows } from '../copy/read-rows.ts'
import type { Target } from '../session/target.ts'
import { isAbsurd } from '../copy/unusable-cells.ts'
import { createFindings, type Findings } from './findings.ts'
import { isSameValue } from './stored-decimals.ts'
import { readStoredMinutes } from './stored-minutes.ts'
import { wattHoursOf, type Verification } from './verification.ts'

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
      if (state === MinuteState.missing || !isWanted(target, atMs)) continue
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

function isWanted({ wanted }: Target, atMs: number): boolean {
  return atMs >= wanted.fromMs && atMs < wanted.untilMs
}
