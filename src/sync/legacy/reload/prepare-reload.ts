import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { at } from '../../../model/at.ts'
import { seriesKey } from '../../../model/series.ts'
import { StoreError } from '../../../model/store.ts'
import {
  ceilToMinute,
  DAY_MS,
  floorToMinute,
  MINUTE_MS,
  splitWindow,
  type TimeWindow,
} from '../../../model/time-window.ts'
import { isThere } from '../../../runtime/is-there.ts'
import { flushStore } from '../../session/flush-store.ts'
import type { SyncContext } from '../../session/session.ts'
import { adviceOf } from '../../session/store-advice.ts'
import { SyncError } from '../../session/sync-error.ts'
import type { Target } from '../../session/target.ts'
import {
  mergeContent,
  checkSeriesFile,
  type FileContent,
  openSeriesFile,
  type Samples,
  writeSeriesFile,
} from './series-file.ts'
import { workFolderName } from './finish-reloads.ts'
import { type Journal, renameDurably, writeJournal } from './reload-journal.ts'

const OLDEST_MS = Date.UTC(2000, 0, 1)
/** No store takes samples from further ahead. */
const AHEAD_MS = 3 * DAY_MS

/** A series, and the file that holds what the device has of its expected minutes. */
export interface StagedSeries {
  readonly target: Target
  readonly path: string
}

/**
 * Backs a series up and writes down what it is to have, both read back from the disk; changes nothing in the store.
 * Undefined when the store has nothing of it.
 */
export async function prepareReload(
  context: SyncContext,
  staged: StagedSeries,
  { backupDir, signal }: { backupDir: string; signal: AbortSignal },
): Promise<Journal | undefined> {
  const { settings } = context
  const { channel, labels, expected } = staged.target
  const stored = await findSpan(context, staged, signal)
  if (!stored) return undefined
  const base = await freeBase(backupDir, `${settings.deviceName}-${channel.location}-${stamp(context.clock.nowMs())}`)
  const draftPath = `${staged.path}.backup`
  const contentName = join(workFolderName(settings.deviceName), `${base}.content.ndjson.gz`)
  const contentPath = join(backupDir, contentName)
  for (const path of [draftPath, contentPath]) await rm(path, { force: true })

  const backup = await writeSeriesFile(draftPath, labels, readStored(context, { staged, window: stored }, signal))
  await checkSeriesFile(draftPath, backup)
  await requireSame(context, { staged, window: stored, backup }, signal)
  const window = {
    fromMs: Math.min(stored.fromMs, expected.fromMs),
    untilMs: Math.max(stored.untilMs, expected.untilMs),
  }
  const chunks = splitWindow(window, settings.chunkMs)
  const content = await writeSeriesFile(
    contentPath,
    labels,
    mergeFiles(chunks, { device: staged.path, stored: draftPath }),
  )
  await checkSeriesFile(contentPath, content)

  const backupName = `${base}.ndjson.gz`
  await renameDurably(draftPath, join(backupDir, backupName))
  const journal: Journal = {
    folder: backupDir,
    base,
    reload: {
      version: 1,
      device: settings.deviceName,
      location: channel.location,
      labels: { ...labels },
      backup: { name: backupName, ...backup },
      content: { name: contentName, ...content },
      ...window,
      state: 'ready',
    },
  }
  await writeJournal(journal)
  return journal
}

/** The minutes from the oldest sample of a series to its newest. */
async function findSpan(
  context: SyncContext,
  { target: { labels, key, channel } }: StagedSeries,
  signal: AbortSignal,
): Promise<TimeWindow | undefined> {
  const { store, clock, settings } = context
  const { readOnly } = await flushStore(context, signal)
  if (readOnly)
    throw new StoreError('read-only', `${store.name} is read-only: nothing of it is deleted`, {
      hint: adviceOf(store).freeSpace,
    })
  const window = { fromMs: OLDEST_MS, untilMs: ceilToMinute(clock.nowMs() + AHEAD_MS) }
  const [first] = await store.firstSamples([labels], window, signal)
  const query = { metrics: [channel.metric], device: settings.deviceName, window }
  const last = (await store.listSeries(query, signal)).find((series) => seriesKey(series.labels) === key)
  return first && last && { fromMs: floorToMinute(first.atMs), untilMs: floorToMinute(last.positionMs) + MINUTE_MS }
}

async function* readStored(
  { store, settings }: SyncContext,
  { staged, window }: { staged: StagedSeries; window: TimeWindow },
  signal: AbortSignal,
): AsyncGenerator<Samples> {
  for (const chunk of splitWindow(window, settings.chunkMs))
    yield at(await store.readSamples([staged.target.labels], chunk, signal), 0)
}

/** What the backup does not hold must not be deleted. */
async function requireSame(
  { store, settings }: SyncContext,
  { staged, window, backup }: { staged: StagedSeries; window: TimeWindow; backup: FileContent },
  signal: AbortSignal,
): Promise<void> {
  const { labels, channel } = staged.target
  const [total] = await store.totals([labels], window, signal)
  if (total?.count === backup.sampleCount) return
  throw new SyncError(
    'reload',
    `${settings.deviceName}: ${channel.location}: ${backup.sampleCount} samples were read for the backup, and ${store.name} counts ${total?.count ?? 0}; nothing was changed`,
    { hint: 'another program may be writing this series: end it, then try again' },
  )
}

async function* mergeFiles(
  chunks: readonly TimeWindow[],
  paths: { device: string; stored: string },
): AsyncGenerator<Samples> {
  const [device, stored] = [openSeriesFile(paths.device), openSeriesFile(paths.stored)]
  try {
    for (const { untilMs } of chunks)
      yield mergeContent(await device.takeUntil(untilMs), await stored.takeUntil(untilMs))
  } finally {
    await device.close()
    await stored.close()
  }
}

/** A name for files that is not taken yet. */
async function freeBase(folder: string, wished: string): Promise<string> {
  const name = wished.replaceAll(/[^\w.-]+/g, '_').slice(0, 150)
  for (let number = 1; ; number++) {
    const base = number === 1 ? name : `${name}-${number}`
    if (!(await isThere(join(folder, `${base}.ndjson.gz`)))) return base
  }
}

/** `20240601T120000Z` */
function stamp(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}
