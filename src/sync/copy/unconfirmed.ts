import { MinuteState, type NewSamples, sampleCount, type SeriesCoverage, seriesKey } from '../../model/series.ts'
import { type TimeWindow, MINUTE_MS, formatMinute, formatWindow } from '../../model/time-window.ts'
import { addMinutes, emptyMinuteMap, mergeRuns, type MinuteMap } from '../../model/minute-map.ts'
import { type StoreSession, warnOnce } from '../session/session.ts'
import { labelsOf, type Target, type TargetSpan } from '../session/target.ts'
import { runBehind } from './run-behind.ts'
import { splitSeeds, writeSamples } from './write-samples.ts'
import { at, outOfRange } from '../../model/at.ts'
import { coverageWithin, readRecent } from '../session/short-look.ts'
import { SyncError } from '../session/sync-error.ts'
import { type DroppedSpan, forgetDropped } from '../session/sync-memory.ts'

/** Minutes that were written and not yet read back, by target; all maps are of one window. */
type WrittenMinutes = ReadonlyMap<Target, MinuteMap>

/** As much again may be written while it is read back. */
const MAX_UNCONFIRMED_WRITES = 8
const MAX_UNCONFIRMED_SAMPLES = 1_000_000

/** Writes into a window, with at most so much outstanding that was not read back. */
export function trackUnconfirmed(session: StoreSession, targets: readonly Target[], window: TimeWindow) {
  const targetByKey = new Map(targets.map((target) => [target.key, target]))
  let written = new Map<Target, MinuteMap>()
  let writes = 0
  let samples = 0
  let waiting: (() => void)[] = []
  const behind = runBehind()

  function noteWritten(batch: readonly NewSamples[]) {
    writes++
    samples += sampleCount(batch)
    for (const { labels, timestampsMs } of batch) {
      const target = targetByKey.get(seriesKey(labels))
      if (!target) continue
      const minutes = written.get(target) ?? emptyMinuteMap(window)
      addMinutes(minutes, timestampsMs)
      written.set(target, minutes)
    }
  }

  /** What has been written, while more is. */
  async function beginConfirm(signal: AbortSignal): Promise<void> {
    const [due, onConfirmed] = [written, waiting]
    written = new Map()
    waiting = []
    writes = 0
    samples = 0
    await behind.start(async () => {
      if (due.size > 0) await confirmSamples(session, due, signal)
      for (const call of onConfirmed) call()
    })
  }

  async function confirm(signal: AbortSignal): Promise<void> {
    await beginConfirm(signal)
    await behind.end()
  }

  async function makeSeedsStay(seeds: readonly NewSamples[], signal: AbortSignal) {
    for (const { labels } of seeds) session.memory.process.begun.add(seriesKey(labels))
    await confirm(signal)
    await session.store.persist(signal)
    for (const { labels } of seeds) session.memory.storeRun.seeded.add(seriesKey(labels))
  }

  return {
    /** `onConfirmed` is called once all of the batch has been read back. */
    async write(batch: readonly NewSamples[], signal: AbortSignal, onConfirmed?: () => void): Promise<void> {
      // The first samples of new series go alone, in one request too small to be cut, and are made to stay: so a series
      // never begins later than its neighbours because the batch that would have begun it was lost half-way.
      const { seeds, rest } = splitSeeds(session, batch)
      for (const part of [seeds, rest]) {
        if (part.length === 0) continue
        await writeSamples(session, part, signal)
        noteWritten(part)
        if (part === seeds) await makeSeedsStay(seeds, signal)
      }
      if (onConfirmed) waiting.push(onConfirmed)
      if (writes >= MAX_UNCONFIRMED_WRITES || samples >= MAX_UNCONFIRMED_SAMPLES) await beginConfirm(signal)
    },
    confirm,
    flush: behind.flush,
  }
}

/** Samples that the store is just moving from one place to another are for a moment in neither. */
export const LOOK_AGAIN_MS = [100, 400, 1_500, 4_000]

/**
 * Reads back what was written.
 * @throws SyncError `unconfirmed` when some of it is still missing in the flushed store.
 */
async function confirmSamples(session: StoreSession, written: WrittenMinutes, signal: AbortSignal): Promise<void> {
  let lost = await findLost(session, written, signal)
  for (const pauseMs of LOOK_AGAIN_MS) {
    if (lost.length === 0) break
    await session.clock.sleep(pauseMs, signal)
    lost = await findLost(session, written, signal)
  }
  noteAccepted(session, written, lost)
  if (lost.length === 0) noteConfirmed(session, written)
  if (lost.length === 0) return
  const complete = {
    fromMs: Math.min(...lost.map(({ window }) => window.fromMs)),
    untilMs: Math.max(...lost.map(({ window }) => window.untilMs)),
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
    forgetDropped(memory, { fromMs: clock.nowMs() - settings.lookbackMs, key })
    memory.drops.isRecountDue = true
  }
}

function noteConfirmed({ confirmed }: StoreSession, written: WrittenMinutes): void {
  for (const [{ key }, { window, flags }] of written) {
    const newestMs = window.fromMs + flags.lastIndexOf(1) * MINUTE_MS
    confirmed?.set(key, Math.max(newestMs, confirmed.get(key) ?? 0))
  }
}

async function findLost(session: StoreSession, written: WrittenMinutes, signal: AbortSignal): Promise<DroppedSpan[]> {
  const window = spanOf([...written.values()])
  if (!window) return []
  const targets = [...written.keys()]
  await showWritten(session, { written, untilMs: window.untilMs }, signal)
  const coverages = await readCoverage(session, { targets, window }, signal)
  return [...written].flatMap(([target, map], index) => {
    const { lostMs, duplicateMs } = compare(map, at(coverages, index))
    if (duplicateMs !== undefined) warnDuplicates(session, target, duplicateMs)
    const minutes = lostMs.map((fromMs) => ({ fromMs, untilMs: fromMs + MINUTE_MS }))
    return mergeRuns(minutes, 0).map((run) => ({ key: target.key, window: run }))
  })
}

/** When to look, where only time shows what was written: a cluster shows it 2 to 4 s later. */
const LOOKS_MS = [500, 1_500, ...Array.from({ length: 10 }, () => 300)]

/** Makes what was written visible; where nothing does, waits until the newest of it is seen, which proves nothing of the rest. */
async function showWritten(
  session: StoreSession,
  { written, untilMs }: { written: WrittenMinutes; untilMs: number },
  signal: AbortSignal,
): Promise<void> {
  const { store, clock } = session
  if (!store.flushWaits?.()) return store.flush(signal)
  const newest = { fromMs: untilMs - MINUTE_MS, untilMs }
  const targets = [...written].flatMap(([target, { window, flags }]) =>
    flags[(newest.fromMs - window.fromMs) / MINUTE_MS] === 1 ? target : [],
  )
  for (const pauseMs of LOOKS_MS) {
    await clock.sleep(pauseMs, signal)
    const coverages = await readCoverage(session, { targets, window: newest }, signal)
    if (coverages.every(({ minutes }) => minutes[0] !== MinuteState.missing)) return
  }
}

/** What an answer that broke off leaves out looks missing, and is looked for again. */
async function readCoverage(
  session: StoreSession,
  span: TargetSpan,
  signal: AbortSignal,
): Promise<readonly SeriesCoverage[]> {
  const recent = await readRecent(session, span, signal)
  return recent ? coverageWithin(recent, span) : session.store.coverage(labelsOf(span.targets), span.window, signal)
}

/** Of the minutes that were written those that are missing, and the first that is there more than once. */
function compare({ window, flags }: MinuteMap, { window: { fromMs }, minutes }: SeriesCoverage) {
  const lostMs: number[] = []
  let duplicateMs: number | undefined
  const offset = (fromMs - window.fromMs) / MINUTE_MS
  for (let minute = 0; minute < minutes.length; minute++) {
    const state = minutes[minute] ?? outOfRange(minutes, minute)
    const flag = flags[minute + offset] ?? outOfRange(flags, minute + offset)
    if (flag !== 1 || state === MinuteState.there) continue
    const atMs = fromMs + minute * MINUTE_MS
    if (state === MinuteState.missing) lostMs.push(atMs)
    else duplicateMs ??= atMs
  }
  return { lostMs, duplicateMs }
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
  const oldest = Math.min(...maps.flatMap(({ flags }) => (flags.includes(1) ? flags.indexOf(1) : [])))
  const newest = Math.max(...maps.map(({ flags }) => flags.lastIndexOf(1)))
  const { fromMs } = first.window
  return newest < 0 ? undefined : { fromMs: fromMs + oldest * MINUTE_MS, untilMs: fromMs + (newest + 1) * MINUTE_MS }
}
