import { minuteCount, splitWindow, type TimeWindow } from '../model/time-window.ts'
import { findLacking, type Lacking } from './find-lacking.ts'
import { findStarts } from './find-starts.ts'
import { hasMinute, runsOf, unionOf } from './minute-map.ts'
import { isOutage } from './probe-hole.ts'
import type { Session } from './session.ts'
import type { Target } from './target.ts'

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
      const [first] = lacking.keys()
      const isAbsent =
        first && probes++ < MAX_PROBES && (await isOutage(session, { target: first, window: run }, signal))
      if (!isAbsent) missing += minuteCount(run)
    }
  }
  return missing
}

/** Some channels lack the first minute of the window and others do not: are they younger? */
function lacksItsStart(lacking: Lacking, targets: readonly Target[], { fromMs }: TimeWindow): boolean {
  const lackingCount = [...lacking.values()].filter((map) => hasMinute(map, fromMs)).length
  return lackingCount > 0 && lackingCount < targets.length
}
