import { MINUTE_MS, floorToMinute, formatWindow, splitWindow, type TimeWindow } from '../model/time-window.ts'
import { NOTHING_FILLED, addReports, fillWindow, type FillOptions, type FillReport } from './fill-window.ts'
import { findStarts } from './find-starts.ts'
import type { Session } from './session.ts'
import { windowOf, withWantedFrom, type Target } from './target.ts'
import { count } from './words.ts'

/** What was confirmed may still be lost when the store dies within seconds, so each pass counts it once more. */
const RECOUNT_MS = 15 * MINUTE_MS

export interface TailReport extends FillReport {
  readonly targets: readonly Target[]
  readonly windows: readonly TimeWindow[]
}

/** Copies what is newer than each series' position; a series that is new begins with the look-back. */
export async function syncTail(session: Session, options: FillOptions): Promise<TailReport> {
  const { memory } = session
  const targets = await findTails(session, options.signal)
  memory.tailFromMs = windowOf(targets).fromMs
  const windows = splitWindow(windowOf(targets), session.settings.chunkMs)
  let report = NOTHING_FILLED
  for (const window of windows) {
    const filled = await fillWindow(session, { targets, window }, options)
    report = addReports(report, filled)
    if (windows.length > 1 && filled.sampleCount > 0)
      session.log.info(
        `${session.settings.deviceName}: ${formatWindow(window)}: ${count(filled.rowCount, 'row')}, ${count(filled.sampleCount, 'sample')}`,
      )
  }
  memory.tailFromMs = windowOf(targets).untilMs
  return { ...report, targets, windows }
}

/** The targets, each wanted from where its tail begins, and not from before its channel exists. */
async function findTails(session: Session, signal: AbortSignal): Promise<readonly Target[]> {
  const { targets } = session
  const isRooted = await findRooted(session, signal)
  const started = targets.every(isRooted) ? targets : await findStarts(session, targets, signal)
  return started.map((target) => withWantedFrom(target, tailStart(session, target)))
}

function tailStart({ positions, settings, memory }: Session, { key, wanted }: Target): number {
  const positionMs = positions.get(key)
  const tailMs =
    positionMs === undefined ? wanted.untilMs - settings.lookbackMs : floorToMinute(positionMs) + MINUTE_MS - RECOUNT_MS
  return Math.min(tailMs, wanted.untilMs, memory.tailFromMs)
}

/** Whether a series reaches back beyond its tail; one that does not may have begun inside, after zeros that are none. */
async function findRooted(session: Session, signal: AbortSignal): Promise<(target: Target) => boolean> {
  const { positions, settings, memory, store } = session
  const isKnown = ({ key }: Target) => positions.has(key) && memory.startsKnown.has(key)
  const unknown = session.targets.filter((target) => positions.has(target.key) && !isKnown(target))
  if (unknown.length > 0) {
    const untilMs = Math.max(...unknown.map((target) => tailStart(session, target)))
    const window = { fromMs: untilMs - settings.lookbackMs, untilMs }
    const firsts = await store.firstSamples(
      unknown.map(({ labels }) => labels),
      window,
      signal,
    )
    for (const [index, target] of unknown.entries())
      if ((firsts[index]?.atMs ?? Infinity) < tailStart(session, target)) memory.startsKnown.add(target.key)
  }
  return isKnown
}
