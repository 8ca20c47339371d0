import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { withReplanning } from '../../copy/replan.ts'
import type { Reloads, SyncContext } from '../../session/session.ts'
import {
  endJournal,
  findJournals,
  type Journal,
  cancelJournal,
  journalPath,
  noteDeletion,
  readAgain,
} from './reload-journal.ts'
import { at } from '../../../model/at.ts'
import { StoreError } from '../../../model/store.ts'
import { HOUR_MS, formatMinute, splitWindow, type TimeWindow } from '../../../model/time-window.ts'
import { withGrace } from '../../../runtime/clock.ts'
import { isThere } from '../../../runtime/is-there.ts'
import { DURABLE_AFTER_MS, isSameRun } from '../../copy/ensure-durable.ts'
import { flushStore } from '../../session/flush-store.ts'
import { SyncError } from '../../session/sync-error.ts'
import { doubtStore } from '../../session/sync-memory.ts'
import { LOOK_AGAIN_MS } from '../../copy/unconfirmed.ts'
import { writeSamples } from '../../copy/write-samples.ts'
import { areKnown, compareContent, openSeriesFile, type Samples } from './series-file.ts'

const MAX_ATTEMPTS = 8

export function reloadsIn(backupDir: string): Reloads {
  return { backupDir, finish: (context, signal) => finishReloads(backupDir, context, signal) }
}

async function finishReloads(backupDir: string, context: SyncContext, signal: AbortSignal): Promise<void> {
  const { settings, log, memory } = context
  for (const journal of await findJournals(backupDir, settings.deviceName)) {
    const { location, state, backup } = journal.reload
    const was = state === 'deleted' ? 'after the series had been deleted' : 'before or while the series was deleted'
    log.warn(
      `${settings.deviceName}: a reload of ${location} was cut short ${was}; finishing it from ${join(backupDir, backup.name)}`,
    )
    await reconcile(context, journal, signal)
    await endJournal(journal)
    log.info(`${settings.deviceName}: the reload of ${location} is finished`)
  }
  if (memory.reload.preparing && !memory.reload.preparing.aborted) return
  if (await removeWorkFolder(backupDir, settings.deviceName))
    log.warn(
      `${settings.deviceName}: a reload was cut short; series that it had not come to are as they were, and to see which are left: iotawatt-sync verify --reload-series ${settings.deviceName}`,
    )
}

export async function finishReload(context: SyncContext, journal: Journal, signal: AbortSignal): Promise<void> {
  await withReplanning(context, () => reconcile(context, journal, signal), { signal, maxAttempts: MAX_ATTEMPTS })
  await endJournal(journal)
}

/** Where, in the backup folder, a reload of a device prepares its files. */
export function workFolderName(device: string): string {
  return `${encodeURIComponent(device)}.unfinished`
}

export async function makeWorkFolder(backupDir: string, device: string): Promise<string> {
  const folder = join(backupDir, workFolderName(device))
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return folder
}

/** False when there was none. */
export async function removeWorkFolder(backupDir: string, device: string): Promise<boolean> {
  const folder = join(backupDir, workFolderName(device))
  if (!(await isThere(folder))) return false
  await rm(folder, { recursive: true, force: true })
  return true
}

/** In which the store lost what it had confirmed, over all attempts: each takes half a minute or more. */
const MAX_ROUNDS = 6
const LOOK_TWICE_MS = 250
/** A stop does not cut a deletion that has begun. */
const DELETE_GRACE_MS = 3_000

/**
 * Makes the store hold the content of a reload, each sample once, whatever it holds now: the series as it was, nothing,
 * or a part. Returns when that survives the store's sudden death. Needs no device; may be cut short and called again.
 */
async function reconcile(context: SyncContext, journal: Journal, signal: AbortSignal): Promise<void> {
  const { store, clock, memory } = context
  for (let isFirst = true; ; isFirst = false) {
    const { startedAtMs, retainsFromMs = 0 } = await flushStore(context, signal)
    const scan = { retainedFromMs: retainsFromMs + HOUR_MS, signal }
    const hasDeleted = await clearUnexpected(context, journal, scan)
    const writtenCount = await writeMissing(context, journal, { ...scan, isEmpty: hasDeleted })
    if (writtenCount > 0) await confirmAll(context, journal, scan)
    const isPersisted = (await store.persist(signal)) === 'durable'
    const afterMs = (await store.status(signal)).startedAtMs
    // A store that does not tell when it started may have restarted before it was persisted.
    const isDurable = isPersisted && isSameRun(startedAtMs, afterMs)
    const isUnchanged = !isFirst && writtenCount === 0 && !hasDeleted && afterMs === startedAtMs
    const isEnd = isDurable || isUnchanged || ++memory.reload.rounds >= MAX_ROUNDS
    if (isEnd) memory.reload.rounds = 0
    if (isDurable || isUnchanged) return
    if (isEnd) throw unfinished(journal, `${store.name} does not keep it`)
    await clock.sleep(DURABLE_AFTER_MS, signal)
  }
}

interface Scan {
  /** What is older is dropped by the store, and not looked at. */
  readonly retainedFromMs: number
  readonly signal: AbortSignal
}

/** What differs in a chunk: `stored` beside what is expected. */
interface Difference {
  readonly window: TimeWindow
  readonly missing: Samples
  readonly unexpected: Samples
  /** Expected samples, those that are there too. */
  readonly expected: Samples
}

async function* differences(
  { store, settings }: SyncContext,
  { folder, reload }: Journal,
  { retainedFromMs, signal }: Scan,
): AsyncGenerator<Difference> {
  const content = openSeriesFile(join(folder, reload.content.name))
  try {
    for (const window of splitWindow(reload, settings.chunkMs)) {
      const expected = retained(await content.takeUntil(window.untilMs), retainedFromMs)
      const stored = at(await store.readSamples([reload.labels], window, signal), 0)
      yield { window, expected, ...compareContent(expected, retained(stored, retainedFromMs)) }
    }
  } finally {
    await content.close()
  }
}

function retained({ timestampsMs, values }: Samples, fromMs: number): Samples {
  const first = timestampsMs.findIndex((atMs) => atMs >= fromMs)
  return first < 0
    ? { timestampsMs: [], values: [] }
    : { timestampsMs: timestampsMs.slice(first), values: values.slice(first) }
}

/** Deletes the series when it holds what it is not to have, and says whether it did; what neither the backup nor the content knows stops it. */
async function clearUnexpected(context: SyncContext, journal: Journal, scan: Scan): Promise<boolean> {
  const { folder, reload } = journal
  const backup = openSeriesFile(join(folder, reload.backup.name))
  let isClear = true
  try {
    for await (const { window, unexpected, expected } of differences(context, journal, scan)) {
      const backedUp = await backup.takeUntil(window.untilMs)
      if (unexpected.timestampsMs.length === 0) continue
      isClear = false
      if (!areKnown(unexpected, [backedUp, expected]))
        throw unfinished(
          journal,
          `${context.store.name} has samples of it between ${formatMinute(window.fromMs)} and ${formatMinute(window.untilMs)} that another program wrote meanwhile; end that program`,
        )
    }
  } finally {
    await backup.close()
  }
  if (isClear) return false
  await deleteSeries(context, journal, scan.signal)
  await flushStore(context, scan.signal)
  return true
}

/** A refusal ends the reload while the store is sure to be as it was. */
async function deleteSeries(
  { store, memory, clock, claim }: SyncContext,
  journal: Journal,
  signal: AbortSignal,
): Promise<void> {
  await claim?.hold(signal)
  const { state } = await readAgain(journal)
  const grace = withGrace(signal, DELETE_GRACE_MS)
  try {
    await store.deleteSeries(journal.reload.labels, grace.signal)
    await noteDeletion(journal)
  } catch (error) {
    doubtStore(memory, error, clock.nowMs())
    if (error instanceof StoreError && error.ambiguous) await noteDeletion(journal)
    const isRefused = error instanceof StoreError && error.reason === 'rejected'
    if (isRefused && state === 'ready') await cancelJournal(journal)
    throw error
  } finally {
    grace.release()
  }
}

/** What seems to be missing is looked for twice, unless the series has just been deleted. */
async function writeMissing(
  context: SyncContext,
  journal: Journal,
  { isEmpty, ...scan }: Scan & { isEmpty: boolean },
): Promise<number> {
  let count = 0
  for await (const { missing: found, window } of differences(context, journal, scan)) {
    if (found.timestampsMs.length === 0) continue
    const missing = isEmpty ? found : await lookAgain(context, { journal, window, missing: found }, scan)
    count += missing.timestampsMs.length
    if (missing.timestampsMs.length > 0)
      await writeSamples(context, [{ labels: journal.reload.labels, ...missing }], scan.signal)
  }
  return count
}

async function lookAgain(
  context: SyncContext,
  { journal, window, missing }: { journal: Journal; window: TimeWindow; missing: Samples },
  { signal }: Scan,
): Promise<Samples> {
  await context.clock.sleep(LOOK_TWICE_MS, signal)
  await flushStore(context, signal)
  const stored = at(await context.store.readSamples([journal.reload.labels], window, signal), 0)
  return compareContent(missing, stored).missing
}

async function confirmAll(context: SyncContext, journal: Journal, scan: Scan): Promise<void> {
  for (const pauseMs of [0, ...LOOK_AGAIN_MS]) {
    if (pauseMs > 0) await context.clock.sleep(pauseMs, scan.signal)
    await flushStore(context, scan.signal)
    if (await isComplete(context, journal, scan)) return
  }
  throw new StoreError(
    'unavailable',
    `${context.store.name} accepted samples of ${journal.reload.location} and does not have all of them`,
    { hint: hintFor(journal) },
  )
}

async function isComplete(context: SyncContext, journal: Journal, scan: Scan): Promise<boolean> {
  for await (const { missing } of differences(context, journal, scan)) if (missing.timestampsMs.length > 0) return false
  return true
}

function unfinished(journal: Journal, why: string): SyncError {
  const { device, location } = journal.reload
  const message = `${device}: the reload of ${location} cannot be finished: ${why}`
  return new SyncError('reload', message, { hint: hintFor(journal) })
}

function hintFor(journal: Journal): string {
  return `nothing is lost: all that was stored is in ${join(journal.folder, journal.reload.backup.name)}; the next command tries again, until ${journalPath(journal)} is removed`
}
