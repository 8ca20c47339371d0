import { at } from '../../model/at.ts'
import { MINUTE_MS, intersection, type TimeWindow } from '../../model/time-window.ts'
import { anchorSeries } from '../copy/anchor-series.ts'
import { fillWindow } from '../copy/fill-window.ts'
import { emptyMinuteMap, hasMinute, runsOf, unionOf, type MinuteMap } from '../../model/minute-map.ts'
import type { Target } from '../session/target.ts'
import { createFindings, type Findings } from './findings.ts'
import { addMinutes, addOnlyStored, readPresence, type Presence } from './survey-presence.ts'
import { wattHoursOf, type Verification } from './verification.ts'

export interface FillOptions {
  /** What the window had before. */
  readonly before: Presence
  readonly interrupted: () => boolean
  readonly signal: AbortSignal
}

export interface FilledGaps {
  readonly sampleCount: number
  /** Undefined when it has to be called again, as something else is due. */
  readonly findings: Findings | undefined
}

/** Copies what is missing of a window, and counts it by what the store then has. */
export async function fillGaps(
  verification: Verification,
  { before, interrupted, signal }: FillOptions,
): Promise<FilledGaps> {
  const { session, targets } = verification
  const { window } = before
  await anchorStarts(verification, before, signal)
  const { complete, sampleCount } = await fillWindow(session, { targets, window }, { signal, interrupted })
  if (!complete) return { sampleCount, findings: undefined }
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
    for (const { key, window } of session.memory.drops.spans)
      if (key === target.key) clearMinutes(kept, intersection(after.window, window))
    const unfilled = without(minutes, kept)
    addMinutes(findings, unfilled, { target, finding: 'missing' })
    absent.push(without(minutes, unfilled))
  }
  for (const run of runsOf(unionOf(absent, after.window))) addOnlyStored(findings, after, run)
}

function clearMinutes({ window, flags }: MinuteMap, { fromMs, untilMs }: TimeWindow): void {
  flags.fill(0, (fromMs - window.fromMs) / MINUTE_MS, (untilMs - window.fromMs) / MINUTE_MS)
}

function without(map: MinuteMap, less: MinuteMap | undefined): MinuteMap {
  return { ...map, flags: map.flags.map((flag, index) => (less && at(less.flags, index) === 1 ? 0 : flag)) }
}
