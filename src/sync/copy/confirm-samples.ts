import { at, outOfRange } from '../../model/at.ts'
import { MinuteState } from '../../model/series.ts'
import { MINUTE_MS, formatMinute, formatWindow, type TimeWindow } from '../../model/time-window.ts'
import { addMinute, emptyMinuteMap, runsOf, unionOf, type MinuteMap } from '../../model/minute-map.ts'
import { warnOnce, type StoreSession } from '../session/session.ts'
import { SyncError } from '../session/sync-error.ts'
import { type DroppedSpan, forgetDropped } from '../session/sync-memory.ts'
import type { Target } from '../session/target.ts'

/** Minutes that were written and not yet read back, by target; all maps are of one window. */
export type WrittenMinutes = ReadonlyMap<Target, MinuteMap>

/** Samples that the store is just moving from one place to another are for a moment in neither. */
const LOOK_AGAIN_MS = [100, 400, 1_500, 4_000]

/**
 * Reads back what was written.
 * @throws SyncError `unconfirmed` when some of it is still missing in the flushed store.
 */
export async function confirmSamples(
  session: StoreSession,
  written: WrittenMinutes,
  signal: AbortSignal,
): Promise<void> {
  let lost = await findLost(session, written, signal)
  for (const pauseMs of LOOK_AGAIN_MS) {
    if (lost.length === 0) break
    await session.clock.sleep(pauseMs, signal)
    lost = await findLost(session, written, signal)
  }
  noteAccepted(session, written, lost)
  if (lost.length === 0) return
  const spans = lost.map(({ window }) => window)
  const complete = {
    fromMs: Math.min(...spans.map((w) => w.fromMs)),
    untilMs: Math.max(...spans.map((w) => w.untilMs)),
  }
  throw new SyncError(
    'unconfirmed',
    `${session.store.name} accepted samples of ${session.settings.deviceName} from ${formatWindow(complete)} and does not have all of them`,
    { lost },
  )
}

/** A series of which the store dropped samples and now keeps some is no longer refused: what is missing of it is due again. */
function noteAccepted(
  { memory, clock, settings }: StoreSession,
  written: WrittenMinutes,
  lost: readonly DroppedSpan[],
): void {
  for (const { key } of written.keys()) {
    if (lost.some((span) => span.key === key)) continue
    memory.attempt.isWriteFailing = false
    memory.attempt.isStoreProven = true
    memory.storeRun.losses.delete(key)
    if (!memory.drops.onTrial.delete(key)) continue
    const keptMs = clock.nowMs() - settings.lookbackMs
    forgetDropped(memory, { fromMs: keptMs, key })
    memory.drops.isRecountDue = true
  }
}

async function findLost(session: StoreSession, written: WrittenMinutes, signal: AbortSignal): Promise<DroppedSpan[]> {
  await session.store.flush(signal)
  const targets = [...written.keys()]
  const window = spanOf([...written.values()])
  if (!window) return []
  const coverages = await session.store.coverage(
    targets.map(({ labels }) => labels),
    window,
    signal,
  )
  return [...written].flatMap(([target, map], index) => {
    const coverage = at(coverages, index)
    const lost = emptyMinuteMap(map.window)
    let duplicateMs: number | undefined
    const offset = (window.fromMs - map.window.fromMs) / MINUTE_MS
    for (let minute = 0; minute < coverage.minutes.length; minute++) {
      const state = coverage.minutes[minute] ?? outOfRange(coverage.minutes, minute)
      const flag = map.flags[minute + offset] ?? outOfRange(map.flags, minute + offset)
      if (state === MinuteState.there || flag !== 1) continue
      const atMs = window.fromMs + minute * MINUTE_MS
      if (state === MinuteState.missing) addMinute(lost, atMs)
      else duplicateMs ??= atMs
    }
    if (duplicateMs !== undefined) warnDuplicates(session, target, duplicateMs)
    return runsOf(lost).map((run) => ({ key: target.key, window: run }))
  })
}

/** Once a device: who writes one of its channels writes all of them. */
function warnDuplicates(session: StoreSession, { channel }: Target, atMs: number): void {
  warnOnce(
    session,
    `${session.settings.deviceName}: another program writes ${channel.location} too: at ${formatMinute(atMs)} the store has more samples than were written; end that program, or every sum over this series is too high`,
    'doubled',
  )
}

function spanOf(maps: readonly MinuteMap[]): TimeWindow | undefined {
  const [first] = maps
  if (!first) return undefined
  const runs = runsOf(unionOf(maps, first.window))
  const [oldest, newest] = [runs[0], runs.at(-1)]
  return oldest && newest ? { fromMs: oldest.fromMs, untilMs: newest.untilMs } : undefined
}
