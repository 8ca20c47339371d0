import { at } from '../../model/at.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, intersection, minuteCount, type TimeWindow } from '../../model/time-window.ts'
import { NOTHING_FILLED, addReports, fillWindow, type FillOptions, type FillReport } from './fill-window.ts'
import { accumulatorOf, type Gap, isOutage } from './probe-gap.ts'
import type { Session } from '../session/session.ts'
import { labelsOf, windowOf, type Target } from '../session/target.ts'

export const LOAD_ORDERS = ['oldest-first', 'newest-first'] as const
export type LoadOrder = (typeof LOAD_ORDERS)[number]

export interface AnchorOptions {
  readonly targets: readonly Target[]
  readonly order: LoadOrder
  /** Called before anything of a window is copied, and told by what it gives what is copied. */
  readonly begin?: (window: TimeWindow) => Promise<Pick<FillOptions, 'onConfirmed'>>
}

/**
 * Writes the oldest expected minute first, of all channels at once and to stay. Where a series begins tells a
 * later run since when its channel exists, so no series may grow into the past before its neighbours do.
 */
export async function anchorSeries(
  session: Session,
  { targets, order, begin }: AnchorOptions,
  signal: AbortSignal,
): Promise<FillReport> {
  const firsts = await session.store.firstSamples(labelsOf(targets), windowOf(targets), signal)
  // Oldest first, the batch that seeds them does it.
  if (order === 'oldest-first' && firsts.every((first) => first === undefined)) return NOTHING_FILLED
  const late = targets.filter(({ expected }, index) => (at(firsts, index)?.atMs ?? expected.untilMs) > expected.fromMs)
  let report = NOTHING_FILLED
  for (const fromMs of new Set(late.map(({ expected }) => expected.fromMs))) {
    const together = late.filter(({ expected }) => expected.fromMs === fromMs && minuteCount(expected) > 0)
    const [first] = together
    if (!first) continue
    const oldest = Math.max(
      ...together.map((target) => at(firsts, targets.indexOf(target))?.atMs ?? target.expected.untilMs),
    )
    const lead = intersection(first.expected, { fromMs, untilMs: oldest - (oldest % MINUTE_MS) })
    const window = await findFirstLogged(session, { target: first, window: lead }, signal)
    if (!window) continue
    const notes = await begin?.(window)
    for (const { key } of together) session.memory.process.begun.add(key)
    report = addReports(report, await fillWindow(session, { targets: together, window }, { signal, ...notes }))
  }
  if (report.sampleCount > 0) await session.store.persist(signal)
  return report
}

/** The first minute of the window in which the device was logging. */
async function findFirstLogged(
  session: Session,
  { target, window }: Gap,
  signal: AbortSignal,
): Promise<TimeWindow | undefined> {
  if (minuteCount(window) === 0 || (await isOutage(session, { target, window }, signal))) return undefined
  const minute = intersection(window, { fromMs: window.fromMs, untilMs: window.fromMs + MINUTE_MS })
  if (!(await isOutage(session, { target, window: minute }, signal))) return minute
  let found = window
  for (const [step, stepMs] of STEPS) {
    const atMs = await findFirstRow(session, { columns: [accumulatorOf(target)], window: found, step }, signal)
    if (atMs === undefined) return undefined
    found = intersection(found, { fromMs: atMs, untilMs: atMs + stepMs })
  }
  return found
}

const STEPS = [
  ['day', DAY_MS],
  ['hour', HOUR_MS],
  ['minute', MINUTE_MS],
] as const

async function findFirstRow(
  { device }: Session,
  request: Parameters<Session['device']['fetchRows']>[0],
  signal: AbortSignal,
): Promise<number | undefined> {
  for (let { fromMs } = request.window; fromMs < request.window.untilMs;) {
    const { rows, untilMs } = await device.fetchRows({ ...request, window: { ...request.window, fromMs } }, signal)
    const logged = rows.find(({ values }) => values.some((value) => value !== null))
    if (logged) return logged.atMs
    fromMs = untilMs
  }
  return undefined
}
