import { at } from '../../model/at.ts'
import type { Row, RowRequest } from '../../model/device.ts'
import { DAY_MS, HOUR_MS, floorToMinute, intersection, type TimeWindow } from '../../model/time-window.ts'
import { accumulatorOf } from './probe-gap.ts'
import { readRows } from './read-rows.ts'
import type { Session } from '../session/session.ts'
import { labelsOf, windowOf, withExpectedFrom, type Target } from '../session/target.ts'
import { isAbsurd } from './unusable-cells.ts'

/** A channel that begins with so many days of energy too small to show in a minute is taken to have read 0 before. */
const MAX_FAINT_DAYS = 3

/**
 * The targets, each from where its channel exists. An input that was not configured yet answers 0: so a channel whose
 * series starts later than its neighbours' starts at its first minute that is not 0. That it existed before and read 0
 * shows in a stored 0 at its start, or in a `since` of its own.
 */
export async function findStarts(
  session: Session,
  targets: readonly Target[],
  signal: AbortSignal,
): Promise<readonly Target[]> {
  const window = windowOf(targets)
  const firsts = await session.store.firstSamples(labelsOf(targets), window, signal)
  // What the store has from before the log begins, as after a change of the card, shows in the positions.
  const knownMs = targets.map(({ key }) => session.positions.get(key) ?? Infinity)
  const oldestMs = Math.min(...knownMs, ...firsts.map((first) => first?.atMs ?? Infinity))
  const started: Target[] = []
  for (const [index, target] of targets.entries()) {
    const first = at(firsts, index)
    const untilMs = first ? floorToMinute(first.atMs) : target.expected.untilMs
    const isOlder = at(knownMs, index) < window.fromMs
    const isBegun = session.memory.process.begun.has(target.key)
    const existed =
      isOlder || isBegun || oldestMs >= untilMs || first?.value === 0 || target.channel.sinceMs !== undefined
    const lead = intersection(target.expected, { fromMs: target.expected.fromMs, untilMs })
    started.push(existed ? target : withExpectedFrom(target, await findFirstUse(session, { target, lead }, signal)))
  }
  remember(session, targets, started)
  return started
}

/** A channel that has measured nothing yet may do so in the next minute, so that is not kept. */
function remember({ memory }: Session, targets: readonly Target[], started: readonly Target[]): void {
  started.forEach(({ key, expected }, index) => {
    if (expected.fromMs >= expected.untilMs) return
    memory.process.startsKnown.add(key)
    if (expected.fromMs > at(targets, index).expected.fromMs) memory.process.starts.set(key, expected.fromMs)
  })
}

/**
 * The first minute that is not 0, or the end of the lead when there is none; from all of it down to the minute. Never a
 * minute that is 0: stored as the first, it would say that the channel existed before.
 */
async function findFirstUse(
  session: Session,
  { target, lead }: { target: Target; lead: TimeWindow },
  signal: AbortSignal,
): Promise<number> {
  if (lead.fromMs >= lead.untilMs) return lead.untilMs
  const columns = [accumulatorOf(target)]
  const findUsed = async (window: TimeWindow, step: RowRequest['step']) =>
    (await readRows(session.device, { columns, window, step }, signal)).filter(isUsed)
  if ((await findUsed(lead, 'window')).length === 0) return lead.untilMs
  const days = await findUsed(lead, 'day')
  for (const { atMs: dayMs } of days.slice(0, MAX_FAINT_DAYS))
    for (const { atMs: hourMs } of await findUsed(spanFrom(dayMs, DAY_MS, lead), 'hour')) {
      const window = spanFrom(hourMs, HOUR_MS, lead)
      const minutes = await readRows(session.device, { columns: [target.column], window, step: 'minute' }, signal)
      const firstUse = minutes.find(isUsed)
      if (firstUse) return firstUse.atMs
    }
  return days.length < MAX_FAINT_DAYS ? lead.untilMs : lead.fromMs
}

function spanFrom(fromMs: number, lengthMs: number, lead: TimeWindow): TimeWindow {
  return intersection(lead, { fromMs, untilMs: fromMs + lengthMs })
}

function isUsed({ values }: Row): boolean {
  return values.some((value) => value !== null && value !== 0 && !isAbsurd(value))
}
