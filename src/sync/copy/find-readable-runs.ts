import { minuteCount, type TimeWindow } from '../../model/time-window.ts'
import type { Missing } from './find-missing.ts'
import { hasMinuteWithin, mergeRuns, runsOf, unionOf } from '../../model/minute-map.ts'
import { isOutage } from './probe-gap.ts'
import type { Session } from '../session/session.ts'
import type { Target } from '../session/target.ts'

/** Runs closer than this are read as one: reading a few minutes again costs less than another query. */
export const BRIDGE_MINUTES = 3
/** A gap of more minutes is first asked for in one piece, so that an outage costs two reads however long it was. */
const DIRECT_MINUTES = 6

export interface ReadableRuns {
  readonly runs: readonly TimeWindow[]
  /** Minutes that are missing in the store because the device was not logging. */
  readonly outageMinutes: number
}

/** What to read of a window: all that is missing, less the outages of the device. */
export async function findReadableRuns(
  session: Session,
  { missing, window }: { missing: Missing; window: TimeWindow },
  signal: AbortSignal,
): Promise<ReadableRuns> {
  const readable: TimeWindow[] = []
  let outageMinutes = 0
  for (const run of runsOf(unionOf([...missing.values()], window))) {
    const targets = targetsIn(missing, run)
    const [first] = targets
    const isGap = minuteCount(run) > DIRECT_MINUTES && targets.some((target) => isBeforePosition(session, target, run))
    if (first && isGap && (await isOutage(session, { target: first, window: run }, signal)))
      outageMinutes += minuteCount(run)
    else readable.push(run)
  }
  return { runs: mergeRuns(readable, BRIDGE_MINUTES), outageMinutes }
}

/** The targets of which a minute of the run is missing. */
export function targetsIn(missing: Missing, run: TimeWindow): Target[] {
  return [...missing].filter(([, map]) => hasMinuteWithin(map, run)).map(([target]) => target)
}

/** Nothing was stored yet after a run at the tail, so it is no gap and is simply read. */
function isBeforePosition({ positions }: Session, { key }: Target, run: TimeWindow): boolean {
  return (positions.get(key) ?? 0) >= run.untilMs
}
