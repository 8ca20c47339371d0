import { at } from '../../model/at.ts'
import { MINUTE_MS, floorToMinute, formatWindow, splitWindow, type TimeWindow } from '../../model/time-window.ts'
import { DURABLE_AFTER_MS } from '../copy/ensure-durable.ts'
import { NOTHING_FILLED, addReports, fillWindow, type FillOptions, type FillReport } from '../copy/fill-window.ts'
import { findStarts } from '../copy/find-starts.ts'
import type { BatchReport } from '../copy/fetch-samples.ts'
import type { Session } from '../session/session.ts'
import type { UnprovenTail } from '../session/sync-memory.ts'
import { windowOf, withExpectedFrom, type Target } from '../session/target.ts'
import { plural } from '../../runtime/plural.ts'

/** The last minutes of each cycle are counted again by the next, whoever wrote them. */
const RECOUNT_MS = 15 * MINUTE_MS

export interface TailReport extends FillReport {
  readonly targets: readonly Target[]
  readonly windows: readonly TimeWindow[]
}

/**
 * Copies what is newer than each series' position; a series that is new begins with the look-back. What was confirmed
 * is lost when the store dies within seconds, so all that a cycle wrote is counted again by one that comes later.
 */
export async function syncTail(session: Session, options: FillOptions): Promise<TailReport> {
  const { memory, clock } = session
  const earlier = memory.tail.unproven
  const isProven = earlier !== undefined && clock.nowMs() - earlier.writtenMs >= DURABLE_AFTER_MS
  let written: UnprovenTail | undefined
  const onBatch = (batch: BatchReport) => {
    if (batch.sampleCount > 0) {
      written = joinTails(written, { fromMs: batch.fromMs, writtenMs: clock.nowMs() })
      memory.tail.unproven = joinTails(earlier, written)
    }
    options.onBatch?.(batch)
  }
  await session.claim?.hold(options.signal)
  const targets = await findTails(session, options.signal)
  memory.tail.fromMs = windowOf(targets).fromMs
  const windows = splitWindow(windowOf(targets), session.settings.chunkMs)
  let report = NOTHING_FILLED
  for (const window of windows) {
    const filled = await fillWindow(session, { targets, window }, { ...options, onBatch })
    report = addReports(report, filled)
    if (windows.length > 1 && filled.sampleCount > 0)
      session.log.info(
        `${session.settings.deviceName}: ${formatWindow(window)}: ${plural(filled.rowCount, 'row')}, ${plural(filled.sampleCount, 'sample')}`,
      )
  }
  memory.tail.fromMs = windowOf(targets).untilMs
  if (isProven) memory.tail.unproven = written
  return { ...report, targets, windows }
}

/** The targets, each expected from where its tail begins, and not from before its channel exists. */
async function findTails(session: Session, signal: AbortSignal): Promise<readonly Target[]> {
  const { targets, positions, memory } = session
  await noteOlder(session, signal)
  const isKnown = ({ key }: Target) => positions.has(key) && memory.process.startsKnown.has(key)
  const started = targets.every(isKnown) ? targets : await findStarts(session, targets, signal)
  return started.map((target) => withExpectedFrom(target, tailStart(session, target)))
}

function tailStart({ positions, settings, memory }: Session, { key, expected }: Target): number {
  const positionMs = positions.get(key)
  const tailMs =
    positionMs === undefined
      ? expected.untilMs - settings.lookbackMs
      : floorToMinute(positionMs) + MINUTE_MS - RECOUNT_MS
  return Math.min(tailMs, expected.untilMs, memory.tail.fromMs, memory.tail.unproven?.fromMs ?? Infinity)
}

function joinTails(a: UnprovenTail | undefined, b: UnprovenTail): UnprovenTail {
  return { fromMs: Math.min(a?.fromMs ?? b.fromMs, b.fromMs), writtenMs: b.writtenMs }
}

/** Notes the series that are older than their tails; one that is not may have begun within, after zeros that are none. */
async function noteOlder(session: Session, signal: AbortSignal): Promise<void> {
  const { targets, positions, settings, memory, store } = session
  const unknown = targets.filter(({ key }) => positions.has(key) && !memory.process.startsKnown.has(key))
  if (unknown.length === 0) return
  const tails = unknown.map((target) => tailStart(session, target))
  const untilMs = Math.max(...tails)
  const firsts = await store.firstSamples(
    unknown.map(({ labels }) => labels),
    { fromMs: untilMs - settings.lookbackMs, untilMs },
    signal,
  )
  for (const [index, { key }] of unknown.entries())
    if ((at(firsts, index)?.atMs ?? Infinity) < at(tails, index)) memory.process.startsKnown.add(key)
}
