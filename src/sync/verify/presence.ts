import { at } from '../../model/at.ts'
import { MinuteState, type SeriesCoverage } from '../../model/series.ts'
import { MINUTE_MS, intersection, minuteCount, type TimeWindow } from '../../model/time-window.ts'
import { type Missing, minutesIn, removeDropped } from '../copy/find-missing.ts'
import { emptyMinuteMap, hasMinute, runsOf, type MinuteMap, unionOf } from '../../model/minute-map.ts'
import { labelsOf, type Target } from '../session/target.ts'
import { createFindings, type Finding, type Findings } from './findings.ts'
import { resolveGaps } from './resolve-gaps.ts'
import { splitDays, wattHoursOf, type Verification } from './verification.ts'
import { anchorSeries } from '../copy/anchor-series.ts'
import { fillWindow } from '../copy/fill-window.ts'

/** What the store has of a window: each target's minutes, and those that are expected and not there. */
export interface Presence {
  readonly window: TimeWindow
  readonly coverages: ReadonlyMap<Target, SeriesCoverage>
  readonly missing: Missing
}

export async function readPresence(
  { session, targets }: Verification,
  window: TimeWindow,
  signal: AbortSignal,
): Promise<Presence> {
  const found = await session.store.coverage(labelsOf(targets), window, signal)
  const coverages = new Map<Target, SeriesCoverage>()
  const missing = new Map<Target, MinuteMap>()
  targets.forEach((target, index) => {
    const coverage = at(found, index)
    coverages.set(target, coverage)
    const ofTarget = minutesIn(target, coverage, MinuteState.missing)
    if (ofTarget.flags.includes(1)) missing.set(target, ofTarget)
  })
  return { window, coverages, missing }
}

/** What the store has twice or off the minute; of a duplicate minute, what lies in it beside one sample is at stake. */
export async function countStored(
  { session }: Verification,
  { window, coverages }: Presence,
  signal: AbortSignal,
): Promise<Findings> {
  const findings = createFindings()
  for (const [target, coverage] of coverages) {
    addMinutes(findings, minutesIn(target, coverage, MinuteState.offGrid), { target, finding: 'legacy' })
    const doubled = minutesIn(target, coverage, MinuteState.duplicate)
    if (!doubled.flags.includes(1)) continue
    addMinutes(findings, doubled, { target, finding: 'doubled' })
    const stored = at(await session.store.readSamples([target.labels], window, signal), 0)
    stored.timestampsMs.forEach((atMs, index) => {
      if (atMs !== stored.timestampsMs[index - 1] || !hasMinute(doubled, atMs)) return
      const wattHours = wattHoursOf(target, at(stored.values, index))
      findings.add({ key: target.key, atMs, finding: 'doubled', minutes: 0, wattHours })
    })
  }
  return findings
}

/** What is missing in the store and the device has; and, where the device has nothing, what the store has all the same. */
export async function countMissing(
  verification: Verification,
  presence: Presence,
  signal: AbortSignal,
): Promise<Findings> {
  const findings = createFindings()
  for (const { window, targets, isLogged, wattHours } of await resolveGaps(verification, presence, signal)) {
    if (!isLogged) addOnlyStored(findings, presence, window)
    else
      targets.forEach(({ key }, index) => {
        const found = { key, atMs: window.fromMs, finding: 'missing', minutes: minuteCount(window) } as const
        findings.add({ ...found, wattHours: at(wattHours, index) })
      })
  }
  return findings
}

/** Of minutes in which the device has nothing, those that the store has. */
function addOnlyStored(findings: Findings, { coverages }: Presence, span: TimeWindow): void {
  for (const [target, coverage] of coverages) {
    const { fromMs, untilMs } = intersection(span, target.expected)
    const [first, last] = [fromMs, untilMs].map((atMs) => (atMs - coverage.window.fromMs) / MINUTE_MS)
    const minutes = coverage.minutes.subarray(first, last).filter((state) => state !== MinuteState.missing).length
    if (minutes > 0) findings.add({ key: target.key, atMs: fromMs, finding: 'onlyStored', minutes })
  }
}

/** Each minute of the map is such a finding. */
function addMinutes(
  findings: Findings,
  map: MinuteMap,
  { target, finding }: { target: Target; finding: Finding },
): void {
  for (const run of runsOf(map))
    for (const day of splitDays(run))
      findings.add({ key: target.key, atMs: day.fromMs, finding, minutes: minuteCount(day) })
}

/**
 * Copies what is missing of a window, of which `before` was there, and counts it by what the store then has. Without
 * findings it has to be called again, as something else is due.
 */
export async function fillGaps(
  verification: Verification,
  before: Presence,
  { interrupted, signal }: { interrupted: () => boolean; signal: AbortSignal },
): Promise<{ sampleCount: number; findings?: Findings }> {
  const { session, targets } = verification
  const { window } = before
  await anchorStarts(verification, before, signal)
  const { complete, sampleCount } = await fillWindow(session, { targets, window }, { signal, interrupted })
  if (!complete) return { sampleCount }
  const findings = createFindings()
  const after = await readPresence(verification, window, signal)
  const still = new Map([...after.missing].map(([{ key }, minutes]) => [key, minutes]))
  for (const [target, wasMissing] of before.missing)
    await addFilled(verification, { findings, target, filled: without(wasMissing, still.get(target.key)) }, signal)
  addUnfilled(verification, { findings, after })
  return { sampleCount, findings }
}

/** Series whose start is missing get it together, before any of them grows into the past. */
async function anchorStarts({ session, targets }: Verification, before: Presence, signal: AbortSignal): Promise<void> {
  const { fromMs, untilMs } = before.window
  const starting = targets.filter(({ expected }) => expected.fromMs >= fromMs && expected.fromMs < untilMs)
  const isStartMissing = [...before.missing].some(([{ expected }, minutes]) => hasMinute(minutes, expected.fromMs))
  if (isStartMissing) await anchorSeries(session, { targets: starting, order: 'oldest-first' }, signal)
}

async function addFilled(
  { session }: Verification,
  { findings, target, filled }: { findings: Findings; target: Target; filled: MinuteMap },
  signal: AbortSignal,
): Promise<void> {
  if (!filled.flags.includes(1)) return
  const stored = at(await session.store.readSamples([target.labels], filled.window, signal), 0)
  stored.timestampsMs.forEach((atMs, index) => {
    if (!hasMinute(filled, atMs)) return
    const wattHours = wattHoursOf(target, at(stored.values, index))
    findings.add({ key: target.key, atMs, finding: 'filled', minutes: 1, wattHours })
  })
}

/** What is still missing is not on the device either, unless the store is known to drop it. */
function addUnfilled({ session }: Verification, { findings, after }: { findings: Findings; after: Presence }): void {
  const absent: MinuteMap[] = []
  for (const [target, minutes] of after.missing) {
    const kept = emptyMinuteMap(after.window)
    if (!session.memory.drops.refused.has(target.key)) kept.flags.fill(1)
    removeDropped(session, target, kept)
    const unfilled = without(minutes, kept)
    addMinutes(findings, unfilled, { target, finding: 'missing' })
    absent.push(without(minutes, unfilled))
  }
  for (const run of runsOf(unionOf(absent, after.window))) addOnlyStored(findings, after, run)
}

function without(map: MinuteMap, less: MinuteMap | undefined): MinuteMap {
  return { ...map, flags: map.flags.map((flag, index) => (less && at(less.flags, index) === 1 ? 0 : flag)) }
}
