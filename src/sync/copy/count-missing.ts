import { hasMinute, runsOf, unionOf } from '../../model/minute-map.ts'
import { minuteCount, splitWindow, type TimeWindow } from '../../model/time-window.ts'
import type { Session } from '../session/session.ts'
import type { Target } from '../session/target.ts'
import { findLacking, type Lacking } from './find-missing.ts'
import { targetsIn } from './find-readable-runs.ts'
import { findStarts } from './find-starts.ts'
import { isOutage } from './probe-gap.ts'
import { countEmptyRows, fetchMinutes, rowsToSamples } from './rows-to-samples.ts'
import { noteUnusable } from './unusable-cells.ts'

/** Past this many holes the rest count as missing unasked, for the device's sake. */
const MAX_PROBES = 24

/** Minutes of a window that the store lacks in some channel and the device has. */
export async function countHoles(session: Session, window: TimeWindow, signal: AbortSignal): Promise<number> {
  let targets = session.targets
  let missing = 0
  let probes = 0
  let isFirst = true
  for (const chunk of splitWindow(window, session.settings.chunkMs)) {
    let lacking = await findLacking(session, { targets, window: chunk }, signal)
    if (isFirst && lacksItsStart(lacking, targets, chunk)) {
      targets = await findStarts(session, targets, signal)
      lacking = await findLacking(session, { targets, window: chunk }, signal)
    }
    isFirst = false
    for (const run of runsOf(unionOf([...lacking.values()], chunk))) {
      missing += probes++ < MAX_PROBES ? await countOnDevice(session, { lacking, run }, signal) : minuteCount(run)
    }
  }
  return missing
}

/** A longer hole has something in it where the device was logging at all. */
const DIRECT_MINUTES = 10

/** How many minutes of a hole the device has, in one question. */
async function countOnDevice(
  session: Session,
  { lacking, run }: { lacking: Lacking; run: TimeWindow },
  signal: AbortSignal,
): Promise<number> {
  const targets = targetsIn(lacking, run)
  const [first] = targets
  if (!first) return 0
  if (minuteCount(run) > DIRECT_MINUTES)
    return (await isOutage(session, { target: first, window: run }, signal)) ? 0 : minuteCount(run)
  const columns = targets.map(({ column }) => column)
  const page = await fetchMinutes(session.device, { columns, window: run }, signal)
  for (const cells of rowsToSamples(page, targets, lacking).unusable) noteUnusable(session, cells)
  return minuteCount(run) - countEmptyRows(page, targets)
}

/** Some channels lack the first minute of the window and others do not: are they younger? */
function lacksItsStart(lacking: Lacking, targets: readonly Target[], { fromMs }: TimeWindow): boolean {
  const lackingCount = [...lacking.values()].filter((map) => hasMinute(map, fromMs)).length
  return lackingCount > 0 && lackingCount < targets.length
}
