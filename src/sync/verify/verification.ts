import type { Column } from '../../model/device.ts'
import { DAY_MS, type TimeWindow } from '../../model/time-window.ts'
import type { OpenCopy } from '../copy/open-copy.ts'
import type { Target } from '../session/target.ts'

/** Both sides looked at, and what is to be compared of them. */
export type Verification = OpenCopy

/** Whether a mean over an hour is the mean of its minutes: so with inputs, and not with ratios, roots and formulas. */
export function isLinear({ session }: Verification, { column }: Target): boolean {
  const isInput = session.listed.some(({ name, kind }) => name === column.name && kind === 'input')
  return isInput && ['watts', 'volts', 'hz', 'wh'].includes(column.unit)
}

/** The energy of so many minutes at a value; 0 where the value says nothing of energy. */
export function wattHoursOf({ column }: { readonly column: Column }, value: number, minutes = 1): number {
  if (column.unit === 'wh') return value
  return column.unit === 'watts' ? (value * minutes) / 60 : 0
}

/** The parts of a window that lie in one day (UTC) each. */
export function splitDays({ fromMs, untilMs }: TimeWindow): TimeWindow[] {
  const parts: TimeWindow[] = []
  for (let partMs = fromMs; partMs < untilMs;) {
    const endMs = Math.min(untilMs, (Math.floor(partMs / DAY_MS) + 1) * DAY_MS)
    parts.push({ fromMs: partMs, untilMs: endMs })
    partMs = endMs
  }
  return parts
}
