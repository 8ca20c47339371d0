import { hasMinute, runsOf, unionOf } from '../../model/minute-map.ts'
import { minuteCount, splitWindow, type TimeWindow } from '../../model/time-window.ts'
import type { Session } from '../session/session.ts'
import type { Target } from '../session/target.ts'
import { findMissing, type Missing } from './find-missing.ts'
import { targetsIn } from './find-readable-runs.ts'
import { findStarts } from './find-starts.ts'
import { isOutage } from './probe-gap.ts'
import { fetchSamples } from './fetch-samples.ts'

/** Past this many gaps the rest count as missing unasked, for the device's sake. */
const MAX_PROBES = 24

/** Minutes of a window that are missing in the store for some channel and that the device has. */
export async function countMissing(session: Session, window: TimeWindow, signal: AbortSignal): Promise<number> {
  let targets = session.targets
  let missingCount = 0
  let probes = 0
  let isFirst = true
  for (const chunk of splitWindow(window, session.settings.chunkMs)) {
    let missing = await findMissing(session, { targets, window: chunk }, signal)
    if (isFirst && isStartMissing(missing, targets, chunk)) {
      targets = await findStarts(session, targets, signal)
      missing = await findMissing(session, { targets, window: chunk }, signal)
    }
    isFirst = false
    for (const run of runsOf(unionOf([...missing.values()], chunk))) {
      missingCount += probes++ < MAX_PROBES ? await countOnDevice(session, { missing, run }, signal) : minuteCount(run)
    }
  }
  return missingCount
}

/** A longer gap has something in it where the device was logging at all. */
const DIRECT_MINUTES = 10

/** How many minutes of a gap the device has, in one question. */
async function countOnDevice(
  session: Session,
  { missing, run }: { missing: Missing; run: TimeWindow },
  signal: AbortSignal,
): Promise<number> {
  const [first] = targetsIn(missing, run)
  if (!first) return 0
  if (minuteCount(run) > DIRECT_MINUTES)
    return (await isOutage(session, { target: first, window: run }, signal)) ? 0 : minuteCount(run)
  const { batch } = await fetchSamples(session, { window: run, missing }, signal)
  return minuteCount(run) - batch.nullCount
}

/** The first minute of the window is missing for some channels and not for others: are they younger? */
function isStartMissing(missing: Missing, targets: readonly Target[], { fromMs }: TimeWindow): boolean {
  const missingCount = [...missing.values()].filter((map) => hasMinute(map, fromMs)).length
  return missingCount > 0 && missingCount < targets.length
}
