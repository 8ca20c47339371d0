import { join } from 'node:path'
import { minuteCount } from '../../../model/time-window.ts'
import { allExpected } from '../../copy/find-missing.ts'
import { openCopy } from '../../copy/open-copy.ts'
import { withReplanning } from '../../copy/replan.ts'
import { rowsToSamples } from '../../copy/fetch-samples.ts'
import { fetchMinutes } from '../../copy/read-rows.ts'
import { type DeviceWork, workInSteps } from '../../session/device-work.ts'
import type { Session, SyncContext } from '../../session/session.ts'
import { windowOf } from '../../session/target.ts'
import { finishReload, makeWorkFolder, removeWorkFolder } from './finish-reloads.ts'
import { prepareReload, type StagedSeries } from './prepare-reload.ts'
import { appendSamples, NO_SAMPLES } from './series-file.ts'

const MAX_ATTEMPTS = 8

export interface ReloadOptions {
  readonly signal: AbortSignal
  /** `seriesKey`s of what is to be reloaded. */
  readonly keys: readonly string[]
  /** Outside, what is stored stays as it is. */
  readonly sinceMs?: number
  readonly untilMs?: number
  readonly onProgress?: (progress: { doneMinutes: number; totalMinutes: number }) => void
}

export interface ReloadedSeries {
  readonly key: string
  readonly location: string
  readonly backupPath: string
  readonly samplesBefore: number
  readonly samplesAfter: number
}

/**
 * Rewrites series: the device's rows, and what was stored of the minutes that the device does not have. The rows are read
 * first, batch by batch; then each series is backed up, deleted and imported in one step, which nothing comes between.
 */
export function reloadWork(context: SyncContext, options: ReloadOptions): DeviceWork<readonly ReloadedSeries[]> {
  const backupDir = requireBackupDir(context)
  return workInSteps(() => reload(context, { ...options, backupDir }))
}

async function* reload(
  context: SyncContext,
  options: ReloadOptions & { readonly backupDir: string },
): AsyncGenerator<undefined, readonly ReloadedSeries[], undefined> {
  const { memory, settings } = context
  const { signal, backupDir } = options
  const replan = { signal, maxAttempts: MAX_ATTEMPTS }
  const look = () => openCopy(context, { ...options, refuseBeyondRetention: false }, signal)
  const opened = await withReplanning(context, look, { ...replan, endsWithoutDevice: true })
  const targets = opened.targets.filter(({ key }) => options.keys.includes(key))
  const done: ReloadedSeries[] = []
  memory.reload.preparing = signal
  try {
    const folder = await makeWorkFolder(backupDir, settings.deviceName)
    const staged = targets.map((target, index) => ({ target, path: join(folder, `${index}.device`) }))
    for (const { path, target } of staged) await appendSamples(path, target.labels, NO_SAMPLES)
    if (targets.length > 0) {
      yield
      yield* stageRows(opened.session, staged, options)
    }
    for (const [index, series] of staged.entries()) {
      const reloaded = await rewrite(context, series, { backupDir, signal })
      if (reloaded) done.push(reloaded)
      if (index < staged.length - 1) yield
    }
    await removeWorkFolder(backupDir, settings.deviceName)
    return done
  } finally {
    memory.reload.preparing = undefined
  }
}

/** Writes what the device has into the files, one batch per step. */
async function* stageRows(
  session: Session,
  staged: readonly StagedSeries[],
  { signal, onProgress }: ReloadOptions,
): AsyncGenerator<undefined, void, undefined> {
  const targets = staged.map(({ target }) => target)
  const complete = windowOf(targets)
  for (let { fromMs } = complete; fromMs < complete.untilMs;) {
    const window = { ...complete, fromMs }
    const read = () => fetchMinutes(session.device, { targets, window }, signal)
    const batch = await withReplanning(session, read, { signal, maxAttempts: MAX_ATTEMPTS })
    const { samples } = rowsToSamples(batch, targets, allExpected(targets, batch))
    for (const { target, path } of staged) {
      const own = samples.find(({ labels }) => labels === target.labels)
      if (own) await appendSamples(path, target.labels, own)
    }
    fromMs = batch.untilMs
    const doneMinutes = minuteCount({ ...complete, untilMs: fromMs })
    onProgress?.({ doneMinutes, totalMinutes: minuteCount(complete) })
    yield
  }
}

/** Undefined when the store has nothing of the series. */
async function rewrite(
  context: SyncContext,
  series: StagedSeries,
  { backupDir, signal }: { backupDir: string; signal: AbortSignal },
): Promise<ReloadedSeries | undefined> {
  const replan = { signal, maxAttempts: MAX_ATTEMPTS }
  const journal = await withReplanning(context, () => prepareReload(context, series, { backupDir, signal }), replan)
  if (!journal) return undefined
  await finishReload(context, journal, signal)
  const { backup, content, location } = journal.reload
  return {
    key: series.target.key,
    location,
    backupPath: join(backupDir, backup.name),
    samplesBefore: backup.sampleCount,
    samplesAfter: content.sampleCount,
  }
}

function requireBackupDir({ reloads, settings }: SyncContext): string {
  if (!reloads) throw new RangeError(`${settings.deviceName}: there is no folder for backups`)
  return reloads.backupDir
}
