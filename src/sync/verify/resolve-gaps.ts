import { at } from '../../model/at.ts'
import { UNIT_NAMES } from '../../model/channel.ts'
import type { Column, DeviceChannel, RowRequest } from '../../model/device.ts'
import { hasMinute, mergeRuns, type MinuteMap, runsOf, unionOf } from '../../model/minute-map.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, minuteCount, type TimeWindow } from '../../model/time-window.ts'
import type { Missing } from '../copy/find-missing.ts'
import { targetsIn } from '../copy/find-readable-runs.ts'
import { accumulatorOf, isOutage } from '../copy/probe-gap.ts'
import { readRows } from '../copy/read-rows.ts'
import { isAbsurd, noteUnusable } from '../copy/unusable-cells.ts'
import { MAX_POWER } from '../session/resolve-targets.ts'
import type { Target } from '../session/target.ts'
import { splitDays, type Verification, wattHoursOf } from './verification.ts'

/** A part of a gap within one day: for whom it is missing, and what the device has of it. */
export interface GapPart extends GapSegment {
  readonly isLogged: boolean
  /** What each of the targets measured. */
  readonly wattHours: readonly number[]
}

interface GapSegment {
  readonly window: TimeWindow
  readonly targets: readonly Target[]
}

/** Gaps closer than this are asked for at once: a few rows more cost less than another question. */
const BRIDGE_MINUTES = 3
/** Of a gap this short, or one that is so ragged, every minute is read; of a longer one it is asked how long it was logged. */
const DIRECT_MINUTES = 10
const MIN_SEGMENT_MINUTES = 12

/**
 * What the device has of the missing minutes, to the minute: an outage in a gap costs a few reads, however
 * long it was, and a gap without one does not have to be read.
 */
export async function resolveGaps(
  verification: Verification,
  { missing, window }: { missing: Missing; window: TimeWindow },
  signal: AbortSignal,
): Promise<GapPart[]> {
  const parts: GapPart[] = []
  for (const gap of mergeRuns(runsOf(unionOf([...missing.values()], window)), BRIDGE_MINUTES)) {
    const segments = segmentsOf(missing, gap)
    const isShort = minuteCount(gap) <= Math.max(DIRECT_MINUTES, MIN_SEGMENT_MINUTES * (segments.length - 1))
    if (isShort) {
      const short = { window: gap, targets: targetsIn(missing, gap), isMissing: missingIn(missing) }
      parts.push(...(await readMinutes(verification, short, signal)))
    } else for (const segment of segments) parts.push(...(await resolveSegment(verification, segment, signal)))
  }
  return parts
}

function missingIn(missing: Missing): (target: Target, atMs: number) => boolean {
  return (target, atMs) => {
    const map = missing.get(target)
    return map !== undefined && hasMinute(map, atMs)
  }
}

/** The spans of a gap that are missing for the same targets. */
function segmentsOf(missing: Missing, gap: TimeWindow): GapSegment[] {
  const all = [...missing]
  const segments: { window: TimeWindow; targets: readonly Target[] }[] = []
  for (let { fromMs } = gap; fromMs < gap.untilMs; fromMs += MINUTE_MS) {
    const last = segments.at(-1)
    const untilMs = fromMs + MINUTE_MS
    const isSame = last?.window.untilMs === fromMs && areMissing(all, last.targets, fromMs)
    if (isSame) last.window = { ...last.window, untilMs }
    else {
      const targets = all.flatMap(([target, map]) => (hasMinute(map, fromMs) ? [target] : []))
      if (targets.length > 0) segments.push({ window: { fromMs, untilMs }, targets })
    }
  }
  return segments
}

/** Whether a minute is missing for exactly these of all the targets, in their order. */
function areMissing(all: readonly (readonly [Target, MinuteMap])[], targets: readonly Target[], atMs: number): boolean {
  let count = 0
  for (const [target, map] of all) if (hasMinute(map, atMs) && targets[count++] !== target) return false
  return count === targets.length
}

async function resolveSegment(
  verification: Verification,
  { window, targets }: GapSegment,
  signal: AbortSignal,
): Promise<GapPart[]> {
  const [first] = targets
  const isAbsent = first && (await isOutage(verification.session, { target: first, window }, signal))
  if (isAbsent) return splitDays(window).map((day) => absent({ window: day, targets }))
  const parts: GapPart[] = []
  for (const question of dayQuestions(window))
    parts.push(...(await resolveRows(verification, { ...question, targets }, signal)))
  return parts
}

/** Full days in one question; what is left before and after them as it is. */
function dayQuestions(window: TimeWindow): { window: TimeWindow; step: 'day' | 'window' }[] {
  const questions: { window: TimeWindow; step: 'day' | 'window' }[] = []
  for (const day of splitDays(window)) {
    const step = day.untilMs - day.fromMs === DAY_MS ? 'day' : 'window'
    const last = questions.at(-1)
    if (step === 'day' && last?.step === 'day') last.window = { ...last.window, untilMs: day.untilMs }
    else questions.push({ window: day, step })
  }
  return questions
}

/** Rows that are all or nothing are known; what lies between is asked for in finer ones. */
async function resolveRows(
  verification: Verification,
  { window, targets, step }: GapSegment & { step: Exclude<RowRequest['step'], 'minute'> },
  signal: AbortSignal,
): Promise<GapPart[]> {
  const { session } = verification
  const columns = [...targets.map(accumulatorOf), ...gaugeColumns(session.listed)]
  const rows = await readRows(session.device, { columns, window, step }, signal)
  const lengthMs = { window: window.untilMs - window.fromMs, day: DAY_MS, hour: HOUR_MS }[step]
  const parts: GapPart[] = []
  for (const { atMs, values } of rows) {
    const span = { fromMs: atMs, untilMs: Math.min(window.untilMs, atMs + lengthMs) }
    const segment = { window: span, targets }
    if (values.every((value) => value === null)) parts.push(absent(segment))
    else if (isLoggedThroughout(values.slice(targets.length), span)) {
      const found = targets.map((target, index) => ({ target, wattHours: energyIn(target, at(values, index)) }))
      const usable = found.filter(({ target, wattHours }) => !isBeyond(target, { wattHours, span }))
      parts.push({
        window: span,
        targets: usable.map(({ target }) => target),
        isLogged: true,
        wattHours: usable.map(({ wattHours }) => wattHours),
      })
    } else if (span.untilMs - span.fromMs > HOUR_MS)
      parts.push(...(await resolveRows(verification, { ...segment, step: 'hour' }, signal)))
    else parts.push(...(await readMinutes(verification, { ...segment, isMissing: () => true }, signal)))
  }
  return parts
}

/** On average it measured what it cannot: its minutes are left out when they are copied. */
function isBeyond({ maxValue }: Target, { wattHours, span }: { wattHours: number; span: TimeWindow }): boolean {
  return maxValue !== undefined && isAbsurd((wattHours * HOUR_MS) / (span.untilMs - span.fromMs), MAX_POWER)
}

/** An accumulator tells of energy only where power is measured. */
function energyIn({ column }: Target, accumulated: number | null): number {
  return column.unit === 'watts' || column.unit === 'wh' ? (accumulated ?? 0) : 0
}

async function readMinutes(
  { session }: Verification,
  { window, targets, isMissing }: GapSegment & { isMissing: (target: Target, atMs: number) => boolean },
  signal: AbortSignal,
): Promise<GapPart[]> {
  const columns = targets.map(({ column }) => column)
  const rows = await readRows(session.device, { columns, window, step: 'minute' }, signal)
  return rows.map(({ atMs, values }) => {
    const missing = targets.filter((target, index) => {
      const value = at(values, index)
      if (!isMissing(target, atMs) || value === null || !isAbsurd(value, target.maxValue))
        return isMissing(target, atMs)
      noteUnusable(session, { target, timesMs: [atMs], value })
      return false
    })
    const wattHours = missing.map((target) => wattHoursOf(target, at(values, targets.indexOf(target)) ?? 0))
    const minute = { fromMs: atMs, untilMs: atMs + MINUTE_MS }
    return { window: minute, targets: missing, isLogged: values.some((value) => value !== null), wattHours }
  })
}

function absent(segment: GapSegment): GapPart {
  return { ...segment, isLogged: false, wattHours: segment.targets.map(() => 0) }
}

/** Less than this is not told apart from nothing. */
const MIN_LEVEL = 0.001
/** A minute that was not logged takes at least this from the time logged. */
const NEARLY_A_MINUTE_MS = MINUTE_MS - 500
const MAX_GAUGES = 3

/**
 * Columns from which follows for how much of a row the device was logging: what an input accumulated, and its mean,
 * which is over logged time only. A voltage comes first, as it is never 0.
 */
function gaugeColumns(listed: readonly DeviceChannel[]): Column[] {
  const inputs = listed.filter(({ name, kind }) => kind === 'input' && /^\w+$/.test(name))
  const isVoltage = ({ unit }: DeviceChannel) => unit === UNIT_NAMES.volts
  const gauges = [...inputs.filter(isVoltage), ...inputs.filter((channel) => !isVoltage(channel))]
  return gauges.slice(0, MAX_GAUGES).flatMap(({ name }) => [
    { name, unit: 'wh', decimals: 9 },
    { name, unit: 'watts', decimals: 9 },
  ])
}

/** Whether the device was logging in every minute of the span, by the values of the gauge columns; false in doubt. */
function isLoggedThroughout(gauges: readonly (number | null)[], span: TimeWindow): boolean {
  const level = (index: number) => Math.abs(gauges[index + 1] ?? 0)
  let best = 0
  for (let index = 0; index < gauges.length; index += 2) if (level(index) > level(best)) best = index
  if (!(level(best) >= MIN_LEVEL)) return false
  const loggedMs = ((gauges[best] ?? 0) / (gauges[best + 1] ?? NaN)) * 3_600_000
  return minuteCount(span) * MINUTE_MS - loggedMs < NEARLY_A_MINUTE_MS
}
