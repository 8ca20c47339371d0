import { at, outOfRange } from '../../model/at.ts'
import { MinuteState, type SeriesCoverage } from '../../model/series.ts'
import { MINUTE_MS, intersection, minuteCount, type TimeWindow } from '../../model/time-window.ts'
import type { Missing } from '../copy/find-missing.ts'
import { emptyMinuteMap, hasMinute, runsOf, type MinuteMap } from '../../model/minute-map.ts'
import type { Target } from '../session/target.ts'
import { createFindings, type Finding, type Findings } from './findings.ts'
import { resolveGaps } from './resolve-gaps.ts'
import { splitDays, wattHoursOf, type Verification } from './verification.ts'

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
  const found = await session.store.coverage(
    targets.map(({ labels }) => labels),
    window,
    signal,
  )
  const coverages = new Map<Target, SeriesCoverage>()
  const missing = new Map<Target, MinuteMap>()
  targets.forEach((target, index) => {
    const coverage = found[index]
    if (!coverage) throw new RangeError('a store answered for fewer series than it was asked for')
    coverages.set(target, coverage)
    const ofTarget = minutesIn(target, coverage, MinuteState.missing)
    if (ofTarget.flags.includes(1)) missing.set(target, ofTarget)
  })
  return { window, coverages, missing }
}

/** The expected minutes of a target that are in a state. */
function minutesIn({ expected }: Target, { window, minutes }: SeriesCoverage, state: number): MinuteMap {
  const map = emptyMinuteMap(window)
  const { fromMs, untilMs } = intersection(window, expected)
  const last = (untilMs - window.fromMs) / MINUTE_MS
  for (let minute = (fromMs - window.fromMs) / MINUTE_MS; minute < last; minute++)
    if ((minutes[minute] ?? outOfRange(minutes, minute)) === state) map.flags[minute] = 1
  return map
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
export function addOnlyStored(findings: Findings, { coverages }: Presence, span: TimeWindow): void {
  for (const [target, coverage] of coverages) {
    const { fromMs, untilMs } = intersection(span, target.expected)
    const [first, last] = [fromMs, untilMs].map((atMs) => (atMs - coverage.window.fromMs) / MINUTE_MS)
    const minutes = coverage.minutes.subarray(first, last).filter((state) => state !== MinuteState.missing).length
    if (minutes > 0) findings.add({ key: target.key, atMs: fromMs, finding: 'onlyStored', minutes })
  }
}

/** Each minute of the map is such a finding. */
export function addMinutes(
  findings: Findings,
  map: MinuteMap,
  { target, finding }: { target: Target; finding: Finding },
): void {
  for (const run of runsOf(map))
    for (const day of splitDays(run))
      findings.add({ key: target.key, atMs: day.fromMs, finding, minutes: minuteCount(day) })
}
