import { MINUTE_MS, type TimeWindow } from '../../model/time-window.ts'
import { findMissing, withoutRefused } from '../copy/find-missing.ts'
import { mergeRuns, runsOf, unionOf } from '../../model/minute-map.ts'
import type { Session } from '../session/session.ts'
import type { Target } from '../session/target.ts'
import { unusableWithin } from '../copy/unusable-cells.ts'

/** Older ones are then shown as missing. */
const MAX_RUNS = 10_000

/** What is still missing of a window that was just filled, the device does not have, or not as a number. */
export async function noteUnmeasured(
  session: Session,
  { targets, window }: { targets: readonly Target[]; window: TimeWindow },
  signal: AbortSignal,
): Promise<void> {
  const missing = withoutRefused(await findMissing(session, { targets, window }, signal), session)
  const { memory } = session
  const unusable = unusableWithin(memory, { targets, window })
  const runs = [
    ...without(memory.shown.unmeasured, window),
    ...runsOf(unionOf([...missing.values()], window)),
    ...unusable,
  ]
  memory.shown.unmeasured = mergeRuns(
    runs.sort((a, b) => a.fromMs - b.fromMs),
    0,
  ).slice(-MAX_RUNS)
}

function without(runs: readonly TimeWindow[], { fromMs, untilMs }: TimeWindow): TimeWindow[] {
  return runs
    .flatMap((run) => [
      { fromMs: run.fromMs, untilMs: Math.min(run.untilMs, fromMs) },
      { fromMs: Math.max(run.fromMs, untilMs), untilMs: run.untilMs },
    ])
    .filter((run) => run.untilMs - run.fromMs >= MINUTE_MS)
}
